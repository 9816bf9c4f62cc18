"""The consumer behind a chat room."""

from __future__ import annotations

import logging
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError, transaction

from chat.frames import BadFrameError, read_message
from chat.models import Message
from chat.rooms import group_of
from realtime.consumers import MemberConsumer

logger = logging.getLogger(__name__)


class ChatConsumer(MemberConsumer):
    """Tell everyone in a room what each of them says, the speaker included."""

    async def connect(self) -> None:
        """Refuse who is not signed in; let the others join, then accept."""
        if not self.user.is_authenticated:
            await self.close()  # before accept(): the client sees HTTP 403 and never hears the room
            return
        self.room: str = self.scope["url_route"]["kwargs"]["room"]
        self.group = group_of(self.room)
        # First the group, then accept(): once the client knows that it is in, nothing said in the room passes it by.
        await self.join(self.group)
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Store what the client says, then tell the room. A frame that cannot be taken costs that frame only."""
        if self.closing:
            return  # frames that were under way when the server closed
        try:
            text = read_message(text_data)
        except BadFrameError as bad_frame:
            await self.answer({"type": "error", "error": str(bad_frame)})
            return
        try:
            if not await self.check_session():
                return
            event = await self.store(text)
        except DatabaseError:
            logger.exception("A message could not be stored")
            await self.answer({"type": "error", "error": "the message could not be stored"})
            return
        # The transaction is over: whoever hears of the message can also read it.
        await self.channel_layer.group_send(self.group, event)

    @database_sync_to_async
    def store(self, text: str) -> dict[str, Any]:
        """Store a message and return the event that tells of it."""
        with transaction.atomic():
            message = Message.objects.create(room=self.room, author_id=self.user.pk, text=text)
        return {
            "type": "chat.message",
            "id": message.pk,
            "room": self.room,
            "user": self.user.get_username(),
            "message": text,
        }

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Tell this client what was said. The event is left as it is: with some layers, others hold the same one."""
        await self.deliver(
            {
                "type": "message",
                "id": event["id"],
                "room": event["room"],
                "user": event["user"],
                "message": event["message"],
            }
        )
