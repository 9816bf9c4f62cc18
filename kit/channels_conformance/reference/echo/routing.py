"""The WebSocket paths of the echo consumers."""

from __future__ import annotations

from typing import Any

from django.urls import path

from echo.consumers import EchoConsumer, SyncEchoConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/echo/", EchoConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/echo/sync/", SyncEchoConsumer.as_asgi()),  # type: ignore[arg-type]
]
