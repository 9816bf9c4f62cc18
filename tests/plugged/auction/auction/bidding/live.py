from __future__ import annotations

import json
from contextlib import asynccontextmanager
from hashlib import sha1

from channels.db import aclose_old_connections
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from auction.bidding.models import Remark

UNAUTHENTICATED = 4401
NOT_FOUND = 4404


class LotSocket(AsyncWebsocketConsumer):
    """Browsers do not tell a page why a handshake was refused, so it is accepted, and closed with a code that says."""

    room: str | None = None

    async def __call__(self, scope, receive, send):
        async with self.membership():
            return await super().__call__(scope, receive, send)

    @asynccontextmanager
    async def membership(self):
        try:
            yield
        finally:
            if self.room:
                await self.channel_layer.group_discard(self.room, self.channel_name)

    async def connect(self):
        lot = self.scope["url_route"]["kwargs"]["lot"]
        if not self.scope["user"].is_authenticated:
            await self.turn_away(UNAUTHENTICATED)
        elif len(lot) > 60 or not lot.isprintable():
            await self.turn_away(NOT_FOUND)
        else:
            room = "lot." + sha1(lot.encode(), usedforsecurity=False).hexdigest()
            self.lot = lot
            await self.channel_layer.group_add(room, self.channel_name)
            self.room = room
            await self.accept()

    async def turn_away(self, code: int):
        await self.accept()
        await self.close(code)

    async def receive(self, text_data=None, bytes_data=None):
        if self.room is None:
            return  # turned away, and talking all the same
        text = remark_in(text_data)
        if text is None:
            await self.reply(kind="invalid")
            return
        try:
            await aclose_old_connections()
            remark = await Remark.objects.acreate(lot=self.lot, bidder_id=self.scope["user"].pk, text=text)
        except DatabaseError:
            await self.reply(kind="unavailable")
            return
        await self.channel_layer.group_send(
            self.room, {"type": "lot.remark", "id": remark.pk, "who": self.scope["user"].username, "text": text}
        )

    async def lot_remark(self, event):
        await self.reply(kind="remark", id=event["id"], who=event["who"], text=event["text"])

    async def reply(self, **content):
        await self.send(text_data=json.dumps(content, ensure_ascii=False))


class Gone(AsyncWebsocketConsumer):
    async def connect(self):
        await self.close()


def remark_in(frame: str | None) -> str | None:
    """Return what is remarked; None for a frame that is no remark."""
    try:
        match json.loads(frame or ""):
            case {"kind": "remark", "text": str(text)} if 0 < len(text) <= 1000:
                text.encode("utf-8")
                return text
    except (ValueError, RecursionError):
        pass
    return None
