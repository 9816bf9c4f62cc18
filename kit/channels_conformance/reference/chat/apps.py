"""The chat as Django sees it."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Chat rooms and the messages said in them."""

    name = "chat"
