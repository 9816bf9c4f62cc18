# mypy: ignore-errors
"""A project in one file whose users come with tokens: in the query, a header, a subprotocol, or the first message."""

import contextlib
import hashlib
import json
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from django.core.asgi import get_asgi_application
from django.urls import re_path

http = get_asgi_application()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core import signing  # noqa: E402


@sync_to_async
def user_of(token):
    """Return the active user whose token this is, or None."""
    try:
        key = signing.loads(bytes.fromhex(token).decode())
    except (ValueError, signing.BadSignature):
        return None
    return get_user_model().objects.filter(pk=key, is_active=True).first() if isinstance(key, int) else None


@sync_to_async
def user_of_session(key):
    """Return the active user who signed in with a session, or None."""
    return get_user_model().objects.filter(pk=SessionStore(key).get("_auth_user_id"), is_active=True).first()


class Base(AsyncWebsocketConsumer):
    """What every endpoint does: a group for each room, and whatever is said goes to it."""

    group = ""

    async def enter(self, room):
        """Join a room."""
        self.group = "room." + hashlib.sha256(room.encode()).hexdigest()
        await self.channel_layer.group_add(self.group, self.channel_name)

    async def __call__(self, scope, receive, send):
        """Serve the connection, and leave the room however it ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.group:
                await self.channel_layer.group_discard(self.group, self.channel_name)

    def read(self, text, data):
        """Return the object that a frame holds; an empty one where it holds none."""
        try:
            content = json.loads(text if text is not None else data)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    async def receive(self, text_data=None, bytes_data=None):
        """Tell the room what is said."""
        said = self.read(text_data, bytes_data).get("text")
        if self.group and isinstance(said, str):
            await self.channel_layer.group_send(self.group, {"type": "said", "text": said})

    async def said(self, event):
        """Hear it."""
        with contextlib.suppress(Exception):  # the client has gone
            await self.send(json.dumps({"text": event["text"]}))


class Query(Base):
    """The token stands in the query."""

    async def connect(self):
        """Accept, and close on who is nobody."""
        token = parse_qs(self.scope["query_string"].decode()).get("token", [""])[0]
        if await user_of(token) is None:
            await self.accept()
            await self.close(4401)
            return
        await self.enter(self.scope["url_route"]["kwargs"]["room"])
        await self.accept()


class Header(Base):
    """The token stands in a header, and nobody hears but the sender."""

    async def connect(self):
        """Refuse who is nobody."""
        header = dict(self.scope["headers"]).get(b"authorization", b"").decode()
        if await user_of(header.removeprefix("Token ")) is None:
            await self.close()
            return
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        """Answer."""
        said = self.read(text_data, bytes_data).get("text")
        if isinstance(said, str):
            await self.said({"text": said})


class Subprotocol(Base):
    """The token stands behind a subprotocol, and what is said is binary."""

    async def connect(self):
        """Refuse who is nobody."""
        offered = self.scope["subprotocols"]
        if len(offered) != 2 or await user_of(offered[1]) is None:
            await self.close()
            return
        await self.enter(self.scope["url_route"]["kwargs"]["room"])
        await self.accept("access_token")

    async def receive(self, text_data=None, bytes_data=None):
        """Take binary frames only."""
        if bytes_data is not None:
            await super().receive(bytes_data=bytes_data)


class Socket(Base):
    """The token comes in the first message, and the room in another."""

    user = None

    async def receive(self, text_data=None, bytes_data=None):
        """Take a command."""
        command = self.read(text_data, bytes_data)
        match command.get("type"):
            case "auth":
                self.user = await user_of(str(command.get("token")))
                await self.send(json.dumps({"type": "welcome" if self.user else "who are you?"}))
            case "join" if self.user and not self.group:
                await self.enter(str(command.get("room")))
                await self.channel_layer.group_send(self.group, {"type": "said", "text": f"{self.user} joined"})
            case "say" if self.user:
                await super().receive(text_data)
            case _:
                await self.send(json.dumps({"type": "no"}))


class Told(Base):
    """The key of the session stands in the query; who is nobody is told so and stays."""

    async def connect(self):
        """Accept everybody."""
        key = parse_qs(self.scope["query_string"].decode()).get("session", [""])[0]
        if await user_of_session(key) is None:
            await self.accept()
            await self.send(json.dumps({"error": "sign in first"}))
            return
        await self.enter(self.scope["url_route"]["kwargs"]["room"])
        await self.accept()


application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(
            [
                re_path("^query/(?P<room>[^/]+)/$", Query.as_asgi()),
                re_path("^header/$", Header.as_asgi()),
                re_path("^subprotocol/(?P<room>[^/]+)/$", Subprotocol.as_asgi()),
                re_path("^socket/$", Socket.as_asgi()),
                re_path("^told/(?P<room>[^/]+)/$", Told.as_asgi()),
                re_path("", WebsocketDenier.as_asgi()),
            ]
        ),
    }
)
