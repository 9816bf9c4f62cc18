"""Reports as Django sees them."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports and the task that makes them."""

    name = "reports"
