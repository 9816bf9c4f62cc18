import json
from urllib.parse import quote

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.urls import path, re_path

from gazette.tickets import holder

PROTOCOL = "chat.v2"


class Column(AsyncWebsocketConsumer):
    """Whoever connects is heard, and told nothing until its first message has said who it is."""

    user = None
    joined = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.joined:
                await self.channel_layer.group_discard(self.joined, self.channel_name)

    async def connect(self):
        self.group = group(self.scope["url_route"]["kwargs"]["column"])
        if self.group is None:
            await self.close()
        else:
            await self.accept(PROTOCOL if PROTOCOL in self.scope["subprotocols"] else None)

    async def receive(self, text_data=None, bytes_data=None):
        message = parse(text_data)
        match message:
            case {"type": "auth", "token": str(ticket)} if self.user is None:
                await self.authenticate(ticket)
            case {"type": "post", "payload": {"text": str(text)}} if self.user is not None and clean(text):
                await self.channel_layer.group_send(
                    self.group, {"type": "column_post", "by": self.user.get_username(), "text": text}
                )
            case _:
                await self.say("refused", reason="sign in first" if self.user is None else "not understood")

    async def authenticate(self, ticket):
        user = await database_sync_to_async(holder)(ticket)
        if user is None:
            await self.say("refused", reason="no good")
            return
        self.joined = self.group
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.user = user
        await self.say("welcome", you=user.get_username())

    async def column_post(self, event):
        await self.say("post", by=event["by"], text=event["text"])

    async def say(self, kind, **payload):
        await self.send(text_data=json.dumps({"type": kind, "payload": payload}))


class Nowhere(AsyncWebsocketConsumer):
    async def connect(self):
        await self.close(4404)


def parse(frame):
    try:
        return json.loads(frame or "null")
    except (ValueError, RecursionError):
        return None


def clean(text):
    return bool(text) and not any("\ud800" <= character <= "\udfff" for character in text)


def group(column):
    """Return the group of a column, percent signs made hyphens; None where that is too long."""
    name = "column-" + quote(column, safe="").replace("-", "%2D").replace("~", "%7E").replace("%", "-")
    return name if len(name) <= 99 else None


columns = URLRouter([path("columns/<column>", Column.as_asgi()), re_path("", Nowhere.as_asgi())])
