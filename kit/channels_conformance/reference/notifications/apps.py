"""Notifications as Django sees them."""

from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications of single users."""

    name = "notifications"
