"""Channel layers that the kit knows by their module: whose they are, what they run on, and how they are put away.

A layer that is not among them can be judged as well; whoever asks for it says in its settings where it finds what it
needs, and installs its tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from channels_conformance.claims.catalogue import Platform

Service = Literal["", "redis", "valkey", "nats", "postgres", "sqlite"]

CLOSING = 5.0
"""Seconds that a layer may take to be put away."""

SETTINGS: Mapping[Service, Mapping[str, Any]] = {
    "redis": {"hosts": [{"address": "{url}", "socket_timeout": None}], "prefix": ""},
    "valkey": {"hosts": ["{url}"], "prefix": ""},
    "nats": {"servers": ["{url}"], "prefix": ""},
}
"""What a layer on a service is told of it; a prefix is the play's own each time."""


async def _nothing(layer: Any) -> None:
    """Leave a layer alone, which holds nothing that outlives it."""


async def _close(layer: Any) -> None:
    await layer.close()


async def _close_pools(layer: Any) -> None:
    await layer.close_pools()


async def _flush(layer: Any) -> None:
    await layer.flush()


async def _flush_and_close(layer: Any) -> None:
    await layer.flush()
    await layer.close()


async def _stop_listening(layer: Any) -> None:
    """Have the layer's listener end: channels-postgres has a message for it, and no method that sends it."""
    import psycopg  # imported late, as the layer's own module: both are optional
    from channels_postgres import db

    try:
        async with asyncio.timeout(CLOSING):
            await layer.flush()
            pool = await layer.django_db.get_db_pool(layer.db_params)
            async with pool.connection() as connection:
                await connection.execute("NOTIFY channels_postgres_messages, '1:shutdown'")
    except (psycopg.Error, TimeoutError):
        # A process that was forked has spoken through its connections, so the next instance is to open others.
        broken, db.connection_pool = db.connection_pool, None
        if broken is not None:
            await broken.close(timeout=CLOSING)


async def _stop_polling(layer: Any) -> None:
    """Have the layer's polling end: the cleanup() of channels-sqlite 0.1 does that, and then raises NameError."""
    await layer.flush()
    try:
        await layer.cleanup()
    except NameError:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerKind:
    """What is known of the layers of one module."""

    platform: Platform
    service: Service = ""
    app: str = ""  # whose tables it keeps, in a database of the same name
    settings: Mapping[str, Any] = field(default_factory=dict)  # besides those of SETTINGS
    close: Callable[[Any], Awaitable[None]] = _nothing


KINDS: Mapping[str, LayerKind] = {
    "channels.layers": LayerKind(platform="channels"),
    "channels.layers.InMemoryChannelLayer": LayerKind(platform="channels-memory"),
    "channels_redis.core": LayerKind(platform="channels-redis", service="redis", close=_close_pools),
    # flush() of a PubSub layer closes its connections; it keeps nothing in Redis that it could delete.
    "channels_redis.pubsub": LayerKind(platform="channels-redis-pubsub", service="redis", close=_flush),
    "channels_valkey.core": LayerKind(platform="channels-valkey", service="valkey", close=_close_pools),
    "channels_valkey.pubsub": LayerKind(platform="channels-valkey-pubsub", service="valkey", close=_flush),
    "channels_nats.layer": LayerKind(platform="channels-nats", service="nats", close=_close),
    "channels_postgres.core": LayerKind(
        platform="channels-postgres", service="postgres", app="channels_postgres", close=_stop_listening
    ),
    # These two ask their database again and again; ten times a second unless told otherwise.
    "channels_lite.layers.core": LayerKind(
        platform="channels-lite",
        service="sqlite",
        app="channels_lite",
        settings={"database": "channels_lite", "polling_interval": 0.02},
        close=_flush_and_close,
    ),
    "channels_sqlite.layers": LayerKind(
        platform="channels-sqlite",
        service="sqlite",
        app="channels_sqlite",
        settings={"database": "channels_sqlite", "polling_interval": 0.02},
        close=_stop_polling,
    ),
}
"""By the module that defines a layer's class, or by the class where a module defines what others are made from."""

ENGINES: Mapping[Service, str] = {
    "postgres": "django.db.backends.postgresql",
    "sqlite": "django.db.backends.sqlite3",
}


def kinds_of(layer: type) -> tuple[LayerKind, ...]:
    """Return what is known of a layer and of those that it is made from, nearest first."""
    names = [(f"{one.__module__}.{one.__qualname__}", one.__module__) for one in layer.__mro__]
    found = (KINDS.get(of_class) or KINDS.get(of_module) for of_class, of_module in names)
    return tuple(kind for kind in found if kind)


def databases_of(paths: Iterable[str]) -> dict[str, str]:
    """Return the databases that layers, named by dotted paths, keep tables in: alias, which is the app's, to engine."""
    found = [KINDS[module] for module in (path.rpartition(".")[0] for path in paths) if module in KINDS]
    return {kind.app: ENGINES[kind.service] for kind in found if kind.app and find_spec(kind.app)}


class Router:
    """Keeps the tables of each layer in a database of their own, and everything else out of it."""

    def __init__(self) -> None:
        self._apps = {kind.app for kind in KINDS.values() if kind.app}

    def db_for_read(self, model: Any, **_: object) -> str | None:
        """Return the database of a layer's table."""
        label: str = model._meta.app_label
        return label if label in self._apps else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_: object) -> bool | None:
        """Return whether a table is made in a database."""
        return db == app_label if {db, app_label} & self._apps else None
