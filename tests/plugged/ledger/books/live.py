import hashlib
import json

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, transaction

from books.models import Entry

FORBIDDEN = 4003


class BookSocket(AsyncWebsocketConsumer):
    member_of = None

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.member_of:
                await self.channel_layer.group_discard(self.member_of, self.channel_name)

    async def connect(self):
        self.author = self.scope["user"]
        if self.author.is_anonymous:
            await self.accept()
            await self.close(FORBIDDEN)
            return
        self.book = self.scope["url_route"]["kwargs"]["book"]
        self.member_of = "book." + hashlib.sha3_256(self.book.encode()).hexdigest()
        await self.channel_layer.group_add(self.member_of, self.channel_name)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        if self.member_of is None:
            return
        entry = read(text_data)
        if entry is None:
            await self.send(json.dumps({"op": "fault", "fault": "what is to be added?"}))
            return
        try:
            event = await self.add(*entry)
        except DatabaseError:
            await self.send(json.dumps({"op": "fault", "fault": "not added"}))
            return
        await self.channel_layer.group_send(self.member_of, event)

    @database_sync_to_async
    def add(self, note, tags):
        with transaction.atomic():
            entry = Entry.objects.create(
                author_id=self.author.pk, note=note, tags=tags, details={"book": self.book, "length": len(note)}
            )
            number = Entry.objects.filter(details__book=self.book, tags__overlap=tags or [""]).count()
        return {"type": "book.entry", "id": entry.pk, "by": self.author.username, "note": note, "number": number}

    async def book_entry(self, event):
        await self.send(json.dumps({"op": "added", **{key: event[key] for key in ("id", "by", "note", "number")}}))


def read(frame):
    """Return the note and the tags of a frame that adds an entry; None where it adds none that can be kept."""
    try:
        match json.loads(frame):
            case {"op": "add", "entry": {"note": str(note), **rest}}:
                tags = rest.get("tags", [])
                fit = note and isinstance(tags, list) and all(isinstance(tag, str) and len(tag) <= 30 for tag in tags)
                written = "".join([note, *tags]) if fit else "\0"
                written.encode()
                return (note, tags) if "\0" not in written else None  # PostgreSQL has no such character
    except (TypeError, ValueError, RecursionError):
        pass
    return None
