"""Who stands at the same shelf hears what is put there."""

import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from stock.keeping import keep


class ShelfConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # its base has no types
    """Keeps what is said, and tells it to whoever is at the shelf."""

    shelf = ""

    async def connect(self) -> None:
        """Join the shelf."""
        self.shelf = self.scope["url_route"]["kwargs"]["shelf"]
        await self.channel_layer.group_add(f"shelf.{self.shelf}", self.channel_name)
        await database_sync_to_async(keep)(self.shelf, "somebody came")
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the shelf."""
        if self.shelf:
            await self.channel_layer.group_discard(f"shelf.{self.shelf}", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Keep an item and tell of it; anything else is passed over."""
        try:
            text = json.loads(text_data or "")["text"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return
        if isinstance(text, str):
            await database_sync_to_async(keep)(self.shelf, text)
            await self.channel_layer.group_send(f"shelf.{self.shelf}", {"type": "shelf.item", "text": text})

    async def shelf_item(self, event: dict[str, Any]) -> None:
        """Tell of an item."""
        await self.send(json.dumps({"text": event["text"]}))
