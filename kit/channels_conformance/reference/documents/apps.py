"""Documents as Django sees them."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Documents that several people edit at once."""

    name = "documents"
