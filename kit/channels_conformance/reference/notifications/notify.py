"""Telling a user something, from ordinary synchronous code such as a Celery task."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def group_of(user_id: int) -> str:
    """Return the name of the group of one user's sockets."""
    return f"user.{user_id}"


def notify(user_id: int, event: dict[str, Any]) -> None:
    """Send an event to every open notification socket of a user.

    The event's ``type`` names a handler of NotificationConsumer. Its values must survive both MessagePack and JSON:
    text, numbers of at most 64 bits, booleans, None, lists, and dicts with text for keys.
    """
    # Asked for here and not when the module is imported: the processes of a Celery worker are forked after that.
    channel_layer: Any = get_channel_layer()
    async_to_sync(channel_layer.group_send)(group_of(user_id), event)
