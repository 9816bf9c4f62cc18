"""The plan that tests of the overlay start from."""

from __future__ import annotations

from channels_conformance.subject.overlay import Plan

REDIS = "redis://127.0.0.1:7001/0"
PLAN = Plan(
    root="/srv/shop",
    settings="throwaway_settings",
    application="shop.asgi:application",
    celery="",
    folder="/tmp/run",
    journal="/tmp/run/journal",
    redis=REDIS,
    prefix="run1",
)
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": "production.sqlite3"}
