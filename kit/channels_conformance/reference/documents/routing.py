"""The WebSocket path of a document."""

from __future__ import annotations

from typing import Any

from django.urls import path

from documents.consumers import DocumentConsumer

# path() is typed to take views alone, and as_asgi() gives an ASGI application: hence the ignore mark.
websocket_urlpatterns: list[Any] = [
    path("ws/documents/<uuid:document>/", DocumentConsumer.as_asgi()),  # type: ignore[arg-type]
]
