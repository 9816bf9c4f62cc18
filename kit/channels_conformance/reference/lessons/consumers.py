"""What Channels does with a consumer, each thing in the smallest consumer that shows it.

They are run by tests alone, for some of them show what an application had better not do.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from channels.auth import AuthMiddlewareStack, get_user, login, logout
from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from channels.exceptions import AcceptConnection, DenyConnection, StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user_model


class HandlersConsumer(AsyncWebsocketConsumer):
    """Has a handler for the event types ``lesson.told`` and ``lesson_told``, which are one method."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say it back."""
        await self.send(text_data=text_data, bytes_data=bytes_data)

    async def lesson_told(self, event: dict[str, Any]) -> None:
        """Tell the client what an event says."""
        await self.send(text_data=event["text"])

    async def lesson_fails(self, event: dict[str, Any]) -> None:
        """Raise, as a handler does that looks for what is not in its event."""
        event["what is not there"]

    async def erase_everything(self, event: dict[str, Any]) -> None:
        """Do what no event was meant to ask for: that this is public makes it a handler as good as any."""
        await self.send(text_data=f"erased, as {event['text']} asked")


class GroupsConsumer(HandlersConsumer):
    """Names its groups on the class: Channels joins them before ``connect()`` runs, and leaves them at the end."""

    groups = ["lesson.groups"]  # noqa: RUF012  (as Channels' documentation writes it)

    async def connect(self) -> None:
        """Tell the group something while the handshake is still open, and accept."""
        await self.channel_layer.group_send("lesson.groups", {"type": "lesson.told", "text": "told in connect()"})
        await self.accept()


class RefusingGroupsConsumer(GroupsConsumer):
    """Is a member of its groups before it has been asked, and so for a moment although it refuses."""

    async def connect(self) -> None:
        """Refuse."""
        await self.close()


class AcceptingConsumer(HandlersConsumer):
    """Accepts by an exception."""

    async def connect(self) -> None:
        """Accept, from however deep in a call."""
        raise AcceptConnection


class DenyingConsumer(HandlersConsumer):
    """Refuses by an exception."""

    async def connect(self) -> None:
        """Refuse, from however deep in a call."""
        raise DenyConnection


class RawConsumer(AsyncConsumer):
    """Takes events as they come. Nobody but itself can end it."""

    async def websocket_connect(self, event: Any) -> None:
        """Accept."""
        await self.send({"type": "websocket.accept"})

    async def websocket_disconnect(self, event: Any) -> None:
        """Clean up, and forget to raise StopConsumer."""

    async def lesson_stop(self, event: dict[str, Any]) -> None:
        """End at last."""
        raise StopConsumer


class SerialConsumer(HandlersConsumer):
    """Waits within a handler, which keeps everything else of its connection waiting."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Say back a frame; at the frame "wait", wait first for a message to a channel of its own."""
        if text_data != "wait":
            await super().receive(text_data, bytes_data)
            return
        gate = await self.channel_layer.new_channel()
        await self.send(text_data=gate)
        await self.channel_layer.receive(gate)
        await self.send(text_data="waited")


class JsonConsumer(AsyncJsonWebsocketConsumer):
    """Takes JSON, and leaves it to Channels what becomes of anything else."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Say it back."""
        await self.send_json(content)


class HeedlessDocumentConsumer(HandlersConsumer):
    """Edits a text together with others by telling them what it is to be. Nobody looks at what it was."""

    text = ""

    async def connect(self) -> None:
        """Join, then accept."""
        await self.channel_layer.group_add("lesson.document", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave."""
        await self.channel_layer.group_discard("lesson.document", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Tell the others what the text is to be; at the frame "read", tell the client what it is."""
        if text_data == "read":
            await self.send(text_data=f"the text is: {self.text}")
            return
        await self.channel_layer.group_send("lesson.document", {"type": "lesson.edited", "text": text_data})

    async def lesson_edited(self, event: dict[str, Any]) -> None:
        """Replace the text, and tell the client."""
        self.text = event["text"]
        await self.send(text_data=self.text)


class SignedInConsumer(HandlersConsumer):
    """Signs its client in and out over the socket, and tells whom it takes the client for."""

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> Any:
        """Stand behind what puts the session and its user into the scope, as no path leads here."""
        return AuthMiddlewareStack(super().as_asgi(**initkwargs))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Do what the first word of a frame says, and say the frame back with the user's name; else say it back."""
        match (text_data or "").split():
            case ["login", name, *_]:
                await login(self.scope, await get_user_model().objects.aget(username=name))
            case ["logout", *_]:
                await logout(self.scope)
            case ["save", *_]:
                await database_sync_to_async(self.scope["session"].save)()
            case [("who" | "ask" | "read"), *_]:
                pass
            case _:
                await super().receive(text_data, bytes_data)
                return
        user = await self.user_by((text_data or "").split()[0])
        await self.send(text_data=f"{text_data}: {user.get_username() or 'nobody'}")

    async def user_by(self, way: str) -> Any:
        """Return the user: by get_user() at "ask", by the session as it is stored now at "read", else by the scope."""
        if way == "ask":
            return await get_user(self.scope)
        if way == "read":
            session_store = import_module(settings.SESSION_ENGINE).SessionStore
            fresh_scope: Any = {"session": session_store(self.scope["session"].session_key)}
            return await get_user(fresh_scope)
        return self.scope["user"]
