"""The libraries that a run's fork server imports, so that servers and Celery workers need not import them each."""

from __future__ import annotations

LIBRARIES = (
    *(
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.sessions.middleware",
        "django.contrib.staticfiles",
    ),
    *("django.core.asgi", "django.core.management.base", "django.db.backends.sqlite3.base", "django.db.models"),
    *("django.template.context_processors", "django.test", "django.views.generic"),
    *("channels.auth", "channels.db", "channels.generic.http", "channels.generic.websocket", "channels.routing"),
    *("channels.security.websocket", "channels_redis.core", "channels_redis.pubsub"),
    *("twisted.internet.endpoints", "twisted.web.http", "autobahn.websocket.protocol"),
    *("uvicorn.main", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto"),
    *("celery.apps.worker", "celery.bin.celery", "celery.concurrency.prefork", "celery.fixups.django"),
    *("celery.backends.redis", "kombu.transport.redis"),
    *("channels_conformance.subject.instruments", "channels_conformance.subject.journal"),
    *("channels_conformance.subject.overlay", "channels_conformance.subject.tap"),
)
"""Modules that can be imported before any project, and do nothing but define things: they read no setting and choose
no event loop. ``twisted.internet.reactor``, and so ``daphne.server``, is none of them.
"""
