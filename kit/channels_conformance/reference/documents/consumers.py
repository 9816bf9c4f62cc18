"""The consumer behind a document."""

from __future__ import annotations

import logging
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from documents.edits import BadEditError, Edit, read_edit
from documents.models import Document, replace
from realtime.consumers import MemberConsumer

logger = logging.getLogger(__name__)


class DocumentConsumer(MemberConsumer):
    """Tell everyone at a document of each edit that was taken, and the author alone of one that was not.

    A channel layer carries edits and resolves no conflict: of two that were made from the same revision, the second
    would silently replace the first. So an edit names the revision that it was made from, and is taken only while that
    is the latest. Whoever is told that an edit is stale gets the latest text with it, and can edit that.
    """

    async def connect(self) -> None:
        """Refuse who is not signed in; let the others join, then accept, then tell what the document is by now."""
        if not self.user.is_authenticated:
            await self.close()  # before accept(): the client sees HTTP 403
            return
        self.document = self.scope["url_route"]["kwargs"]["document"]
        self.group = f"document.{self.document}"  # a UUID fits into a group's name, whatever it is
        await self.join(self.group)
        # Read once the group is joined, so that no edit falls between. One that is told twice has an old revision.
        try:
            latest = await self.latest()
        except DatabaseError:
            logger.exception("A document could not be read")
            await self.close()
            return
        await self.accept()
        await self.answer({"type": "document", **latest})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take an edit and tell everyone, or tell its author why not."""
        if self.closing:
            return  # frames that were under way when the server closed
        try:
            edit = read_edit(text_data)
        except BadEditError as bad_edit:
            await self.answer({"type": "error", "error": str(bad_edit)})
            return
        try:
            if not await self.check_session():
                return
            if not await self.take(edit):
                await self.answer({"type": "stale", "id": edit.id, **await self.latest()})
                return
        except DatabaseError:
            logger.exception("An edit could not be stored")
            await self.answer({"type": "error", "id": edit.id, "error": "the edit could not be stored"})
            return
        event = {"type": "document.edited", "id": edit.id, "revision": edit.revision + 1, "text": edit.text}
        await self.channel_layer.group_send(self.group, event)

    @database_sync_to_async
    def take(self, edit: Edit) -> bool:
        """Store an edit of the latest revision; return False for one of an older."""
        return replace(self.document, edit.text, revision=edit.revision)

    @database_sync_to_async
    def latest(self) -> dict[str, Any]:
        """Return the text and its revision; a document that nobody has edited is made."""
        document, _ = Document.objects.get_or_create(pk=self.document)
        return {"revision": document.revision, "text": document.text}

    async def document_edited(self, event: dict[str, Any]) -> None:
        """Tell this client of an edit that was taken."""
        await self.deliver(
            {"type": "edited", "id": event["id"], "revision": event["revision"], "text": event["text"]},
        )
