"""The settings overlay: the one place that says what differs when a subject is judged.

The same overlay serves the pytest process, the server processes and the Celery worker. It changes *addresses*: where
the database, Redis, the cache, the broker, uploaded files and mail go, and which hosts may call. It changes nothing
else, so that a setting which bites in production bites here too: a Redis host written as a tuple stays a tuple, and
brings redis-py 8's socket timeout along (django/channels_redis#422).

A :class:`Plan` travels to other processes as JSON in one environment variable.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from channels_conformance.services.postgres import connection_settings
from channels_conformance.subject.layer_kinds import Router, databases_of
from channels_conformance.subject.places import led

VARIABLE = "CHANNELS_CONFORMANCE_PLAN"
WORKER_VARIABLE = "CHANNELS_CONFORMANCE_WORKER"
SETTINGS_MODULE = "channels_conformance.subject.settings"

_POSTGRES_ADDRESS = {
    *("service", "host", "hostaddr", "port", "dbname", "database", "user", "password", "passfile"),
    *("require_auth", "requirepeer", "channel_binding", "target_session_attrs", "load_balance_hosts"),
    *("assume_role", "application_name"),
}
_BROKER = re.compile(r"(.*)BROKER(?:_READ|_WRITE)?_URL")
_CELERY_VARIABLES = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
_PLACE = {"host", "hosts", "hostname", "port", "url", "uri", "dsn", "name", "database", "address", "connection"}
_ADDRESS = {"host", "port", "address", "path", "db", "password", "username", "master_name"}


class OverlayError(Exception):
    """The subject's settings cannot be overlaid safely; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every process of a run must know."""

    root: str  # the subject's folder
    settings: str
    application: str
    celery: str
    folder: str  # the run's own folder
    journal: str  # the address that workers report to
    redis: str = ""  # URL; empty: there is none
    prefix: str = ""  # of every key of this run
    postgres: str = ""  # URL; empty: the subject needs none
    databases: str = ""  # what the name of every PostgreSQL database of this run begins with
    own_redis: str = ""  # URL of the Redis where it is the run's alone, so that any key may be written there
    layers: str = ""  # dotted paths, parted by commas, of the layers that are judged instead of the subject's

    @classmethod
    def current(cls) -> Plan:
        """Return the plan of the run that this process belongs to."""
        return cls(**json.loads(os.environ[VARIABLE]))

    def environment(self, *, worker: str = "") -> dict[str, str]:
        """Return the variables that make a process part of this run."""
        return {
            VARIABLE: json.dumps(asdict(self)),
            WORKER_VARIABLE: worker,
            # By this name PostgreSQL tells whose a connection is, also one that the subject opens past Django.
            "PGAPPNAME": self.application_name(worker),
            "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
        }

    def application_name(self, worker: str = "") -> str:
        """Return the name under which a worker's connections are known to PostgreSQL; no worker: whoever judges."""
        return f"{self.databases} {worker or 'judge'}"

    def enter(self) -> None:
        """Make this process see the subject as its own servers would: its folder comes first on ``sys.path``."""
        if self.root not in sys.path:
            sys.path.insert(0, self.root)


def needs_postgres(plan: Plan) -> bool:
    """Return whether a database of the subject's is a PostgreSQL."""
    plan.enter()
    databases = getattr(importlib.import_module(plan.settings), "DATABASES", {})
    engines = [database.get("ENGINE", "") for database in databases.values()]
    return any(_is_postgres(engine) for engine in (*engines, *databases_of(plan.layers.split(",")).values()))


def overlaid(plan: Plan) -> dict[str, Any]:
    """Return the subject's settings with this run's addresses."""
    plan.enter()
    module = importlib.import_module(plan.settings)
    theirs = {name: getattr(module, name) for name in dir(module) if name.isupper()}
    settings = led(theirs, folder=Path(plan.folder), root=Path(plan.root), redis=plan.own_redis)
    databases = dict(theirs.get("DATABASES", {}))
    if tables := databases_of(plan.layers.split(",")):
        databases |= {alias: {"ENGINE": engine, "TEST": {"DEPENDENCIES": []}} for alias, engine in tables.items()}
        settings["INSTALLED_APPS"] = list(dict.fromkeys([*theirs.get("INSTALLED_APPS", []), *tables]))
        router = f"{Router.__module__}.{Router.__qualname__}"
        settings["DATABASE_ROUTERS"] = [router, *theirs.get("DATABASE_ROUTERS", [])]
    settings["DATABASES"] = {alias: _database(alias, dict(database), plan) for alias, database in databases.items()}
    settings["CHANNEL_LAYERS"] = {
        alias: _layer(alias, dict(layer), plan) for alias, layer in theirs.get("CHANNEL_LAYERS", {}).items()
    }
    if "CACHES" in theirs:
        settings["CACHES"] = {alias: _cache(alias, dict(cache), plan) for alias, cache in theirs["CACHES"].items()}
    settings["ALLOWED_HOSTS"] = [*settings.get("ALLOWED_HOSTS", []), "127.0.0.1", "localhost"]
    for name, value in list(settings.items()):
        # A Celery application that nobody declared reads its broker from here.
        if broker := _BROKER.fullmatch(name):
            settings[name] = plan.redis or "memory://"
            options = f"{broker[1]}BROKER_TRANSPORT_OPTIONS"
            prefixed = {**settings.get(options, {}), "global_keyprefix": f"{plan.prefix}:"}
            settings[options] = prefixed if plan.redis else {}
        elif name.endswith("RESULT_BACKEND") and "://" in str(value):
            settings[name] = plan.redis or "cache+memory://"
            settings[f"{name}_TRANSPORT_OPTIONS"] = {"global_keyprefix": f"{plan.prefix}:"} if plan.redis else {}
    return settings


def overlay_celery(app: Any, plan: Plan) -> None:
    """Point a Celery application at this run's Redis, every key under the run's prefix.

    Without a Redis, at a broker in memory: whatever a subject queues must not reach its real broker.
    """
    prefixed = {"global_keyprefix": f"{plan.prefix}:"}
    # By this name Redis tells whose a connection is.
    named = {"client_name": client_name(plan, os.environ.get(WORKER_VARIABLE, ""))}
    broker = plan.redis or "memory://"
    for name in _CELERY_VARIABLES:
        if name in os.environ:  # Celery lets it win over any configuration
            os.environ[name] = broker
    if "CELERY_RESULT_BACKEND" in os.environ:
        os.environ["CELERY_RESULT_BACKEND"] = plan.redis or "cache+memory://"
    app.conf.update(
        broker_url=broker,
        broker_read_url=None,
        broker_write_url=None,
        broker_use_ssl=None,
        redis_backend_use_ssl=None,
        broker_transport_options={**(app.conf.broker_transport_options or {}), **prefixed, **named}
        if plan.redis
        else {},
        broker_connection_retry_on_startup=True,
    )
    if app.conf.result_backend:
        app.conf.update(
            result_backend=plan.redis or "cache+memory://",
            result_backend_transport_options=prefixed if plan.redis else {},
        )


def client_name(plan: Plan, worker: str = "") -> str:
    """Return the name under which a process's connections to the broker are known; no worker: whoever judges."""
    return f"{plan.prefix}:{worker or 'judge'}"


def celery_application(plan: Plan) -> Any:
    """Import the subject's Celery application and overlay it."""
    app = attribute(plan.celery)
    overlay_celery(app, plan)
    return app


def attribute(path: str) -> Any:
    """Import ``package.module:name``, or ``package.module.name``."""
    module, colon, name = path.partition(":")
    if not colon:
        module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _database(alias: str, database: dict[str, Any], plan: Plan) -> dict[str, Any]:
    engine = database.get("ENGINE", "")
    test = {key: value for key, value in database.get("TEST", {}).items() if key != "TEMPLATE"}  # a database of theirs
    alias_of_data = test.get("MIRROR") or alias  # a mirror is the very database that it mirrors
    if engine.rpartition(".")[2] == "sqlite3":
        # A file, since several processes must share it.
        database["NAME"] = str(Path(plan.folder) / f"{alias_of_data}.sqlite3")
    elif _is_postgres(engine):
        database["NAME"] = _postgres_name(alias_of_data, plan)
        address = connection_settings(plan.postgres)
        kept = {key: value for key, value in database.get("OPTIONS", {}).items() if not _is_postgres_address(key)}
        database |= {**address, "OPTIONS": kept | address["OPTIONS"]}
    else:
        raise OverlayError(
            f'DATABASES["{alias}"] uses {engine or "no engine"}: only SQLite and PostgreSQL test databases can be made '
            "here. Give the project settings with one of the two for this run."
        )
    # The same name before and after the test database is made, so that no process can reach any other.
    database["TEST"] = {**test, "NAME": database["NAME"]}
    return database


def _is_postgres(engine: str) -> bool:
    return "postgresql" in engine


def _postgres_name(alias: str, plan: Plan) -> str:
    if not plan.postgres:
        raise OverlayError("DATABASES named no PostgreSQL when read first, and now does: let it be the same each time.")
    plain = alias if re.fullmatch("[a-z0-9_]{1,40}", alias) else hashlib.sha256(alias.encode()).hexdigest()[:16]
    return f"{plan.databases}_{plain}"


def _is_postgres_address(option: str) -> bool:
    """Return whether an option of a PostgreSQL connection says where it goes, how it gets in, and as whom."""
    return option in _POSTGRES_ADDRESS or option.startswith(("ssl", "gss", "krb"))


def _layer(alias: str, layer: dict[str, Any], plan: Plan) -> dict[str, Any]:
    config = dict(layer.get("CONFIG", {}))
    # A layer of the subject's own that is told of hosts is a Redis layer as well.
    if not layer.get("BACKEND", "").startswith("channels_redis.") and "hosts" not in config:
        if any(key.lower() in _PLACE or "://" in str(value) for key, value in config.items()):
            raise OverlayError(
                f'CHANNEL_LAYERS["{alias}"] uses {layer.get("BACKEND")} on a service of its own: only Redis and memory '
                "can be had for a run. Give the project settings with a layer on one of the two for this run."
            )
        return layer
    if not plan.redis:
        kept = {key: config[key] for key in ("expiry", "group_expiry", "capacity") if key in config}
        if capacities := dict(config.get("channel_capacity") or {}).values():
            # Channels' layer in memory raises ValueError where it is given capacities by channel (seen on 4.3.2).
            kept["capacity"] = max(kept.get("capacity", 0), *capacities)
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": kept}
    hosts = config.get("hosts") or ["redis://localhost:6379"]  # what channels_redis makes of none
    # Channels refuses hosts that are one text, and is to refuse it here too.
    config["hosts"] = plan.redis if isinstance(hosts, str | bytes) else [_host(host, plan.redis) for host in hosts]
    config["prefix"] = f"{plan.prefix}:{alias}"
    return {**layer, "CONFIG": config}


def _host(host: Any, url: str) -> Any:
    """Return ``host`` in the shape it was written in, with this run's address."""
    parts = urlsplit(url)
    plain = parts.scheme == "redis" and not parts.username and not parts.password and parts.path in ("", "/", "/0")
    if isinstance(host, Mapping):
        kept = {key: value for key, value in host.items() if not _is_address(key)}
        if "address" in host or not plain:
            return {**kept, "address": _host(host.get("address", ""), url)}
        return {**kept, "host": parts.hostname, "port": parts.port or 6379}
    if isinstance(host, str) or not plain:
        query = parse_qsl(urlsplit(host).query) if isinstance(host, str) else []
        options = {**{key: value for key, value in query if not _is_address(key)}, **dict(parse_qsl(parts.query))}
        return parts._replace(query=urlencode(options)).geturl()
    return (parts.hostname, parts.port or 6379)


def _is_address(option: str) -> bool:
    """Return whether an option of a Redis connection says where it goes and how it gets in."""
    return option in _ADDRESS or option.startswith(("ssl", "sentinel"))


def _cache(alias: str, cache: dict[str, Any], plan: Plan) -> dict[str, Any]:
    backend = cache.get("BACKEND", "").lower()
    if "redis" in backend and plan.redis:
        if "OPTIONS" in cache:
            cache["OPTIONS"] = {key: value for key, value in cache["OPTIONS"].items() if not _is_address(key.lower())}
        own = f"{plan.prefix}:cache:{alias}"
        if theirs := cache.get("KEY_FUNCTION"):  # it may leave out the prefix
            cache["KEY_FUNCTION"] = _prefixed(theirs, own, cache.get("KEY_PREFIX", ""))
        return {**cache, "LOCATION": plan.redis, "KEY_PREFIX": own}
    if any(kind in backend for kind in ("locmem", "dummy", "database")):
        return cache
    return {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(Path(plan.folder) / f"cache-{alias}"),
    }


def _prefixed(theirs: Any, own: str, prefix: str) -> Callable[[str, str, int], str]:
    """Return a key function that puts ``own`` in front of what the subject's function makes of its own prefix."""
    function = attribute(theirs) if isinstance(theirs, str) else theirs
    return lambda key, _, version: f"{own}:{function(key, prefix, version)}"
