"""The WebSocket path of a room."""

from __future__ import annotations

from typing import Any

from django.urls import path

import chat.rooms  # noqa: F401  (registers the converter)
from chat.consumers import ChatConsumer

# path() is typed to take views alone, and as_asgi() gives an ASGI application: hence the ignore mark.
websocket_urlpatterns: list[Any] = [
    path("ws/chat/<room:room>/", ChatConsumer.as_asgi()),  # type: ignore[arg-type]
]
