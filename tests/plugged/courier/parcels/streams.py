import hashlib
import json
import logging

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError, transaction

from parcels.models import Note

log = logging.getLogger("courier.streams")


class BadFrame(Exception):
    pass


class ThreadStream(AsyncJsonWebsocketConsumer):
    """Frames are lists: what it is about, and then what there is to say of it."""

    topic = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.unfollow()

    async def websocket_connect(self, message):
        # Where Channels would have joined the groups of the class, whoever comes: here it is asked first who it is.
        self.person, self.thread = self.scope["person"], self.scope["url_route"]["kwargs"]["thread"]
        if self.person is None or len(self.thread) > 255:
            await self.close()
            return
        self.topic = f"thread_{hashlib.sha256(self.thread.encode()).hexdigest()}"
        await self.channel_layer.group_add(self.topic, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.unfollow()

    async def unfollow(self):
        topic, self.topic = self.topic, None
        if topic:
            await self.channel_layer.group_discard(topic, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        try:
            if not text_data:
                raise BadFrame("not text")
            await super().receive(text_data=text_data, bytes_data=bytes_data, **kwargs)
        except BadFrame as error:
            await self.send_json(["error", str(error)])
        except DatabaseError:
            log.exception("A note was lost")
            await self.send_json(["error", "not stored"])

    @classmethod
    async def decode_json(cls, text_data):
        try:
            return json.loads(text_data)
        except (ValueError, RecursionError):
            raise BadFrame("not JSON") from None

    async def receive_json(self, content, **kwargs):
        match content:
            case ["say", str(text)] if text.isascii() or encodable(text):
                note = await self.store(text)
                await self.channel_layer.group_send(
                    self.topic, {"type": "stream.note", "frame": ["note", note, self.person.name, text]}
                )
            case _:
                raise BadFrame("not understood")

    @database_sync_to_async
    @transaction.atomic
    def store(self, text):
        return Note.objects.create(thread=self.thread, sender=self.person, content=text).pk

    async def stream_note(self, event):
        await self.send_json(event["frame"])


def encodable(text):
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False
