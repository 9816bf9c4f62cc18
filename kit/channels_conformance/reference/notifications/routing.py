"""The WebSocket path of notifications."""

from __future__ import annotations

from typing import Any

from django.urls import path

from notifications.consumers import NotificationConsumer

# path() is typed to take views alone, and as_asgi() gives an ASGI application: hence the ignore mark.
websocket_urlpatterns: list[Any] = [
    path("ws/notifications/", NotificationConsumer.as_asgi()),  # type: ignore[arg-type]
]
