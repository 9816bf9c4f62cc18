"""What is stored of a chat."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from chat.rooms import MAX_LENGTH


class Message(models.Model):
    """What one user said in one room."""

    room = models.CharField(max_length=MAX_LENGTH, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages")
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order in which they were said."""

        ordering = ("id",)

    def __str__(self) -> str:
        """Return where it was said, and how it begins."""
        return f"{self.room}: {self.text[:50]}"
