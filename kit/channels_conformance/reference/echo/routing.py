"""The WebSocket paths of the echo consumers."""

from __future__ import annotations

from typing import Any

from django.urls import path

from echo.consumers import EchoConsumer, SyncEchoConsumer

# path() is typed to take views alone, and as_asgi() gives an ASGI application: hence the ignore marks.
websocket_urlpatterns: list[Any] = [
    path("ws/echo/", EchoConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/echo/sync/", SyncEchoConsumer.as_asgi()),  # type: ignore[arg-type]
]
