"""What is stored of a report."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Report(models.Model):
    """A report that a user asked for."""

    class State(models.TextChoices):
        """How far a report has come."""

        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports")
    text = models.TextField()
    state = models.CharField(max_length=7, choices=State.choices, default=State.PENDING)
    result = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """In the order in which they were asked for."""

        ordering = ("id",)

    def __str__(self) -> str:
        """Return the state, and how the text begins."""
        return f"{self.state}: {self.text[:50]}"
