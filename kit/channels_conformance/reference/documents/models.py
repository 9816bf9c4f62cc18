"""What is stored of a document."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models
from django.db.models import F


class Document(models.Model):
    """A text, and how often it was edited."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    text = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Return which document it is, and its revision."""
        return f"{self.pk}, revision {self.revision}"


def replace(document: UUID, text: str, *, revision: int) -> bool:
    """Replace the text of a document where it still has this revision; return whether it had.

    One statement compares and writes, so that of two editors, on whichever servers, the second finds no row. To read
    the revision first and to write then would leave a gap in which both find it unchanged.
    """
    unchanged = Document.objects.filter(pk=document, revision=revision)
    return bool(unchanged.update(text=text, revision=F("revision") + 1))
