"""The guard: the one place from which everything that a run has started is reaped.

Fixtures that tear down, ``atexit`` and signal handlers all live in the process that may be gone: none of them runs when
pytest is killed by a CI timeout, by the kernel short of memory, or by an impatient user. So the reaping is done by a
process of its own that has nothing else to do. It is in its own session, where Ctrl-C does not reach it, and it ignores
the signals that ask it to end. It reads what has been started, one line each, from a pipe of which pytest alone holds
the other end. When that pipe ends - because pytest closed it, or because the kernel did for a process that was killed -
the guard cleans up, in the reverse order, and ends. There is only this one way, so the clean-up that matters, the one
after a SIGKILL, is the same that every ordinary run has tried. What it may touch is narrow: process groups, containers
and clean-up commands it was told of, keys and test databases that carry the prefix of a run, folders that carry the
name of one.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels_conformance.services.processes import Child, ServiceError, python_env
from channels_conformance.services.strays import end_strays

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cleanups = Callable[[Callable[[], None]], object]
"""A way to have something called in the end, such as ``ExitStack.callback``."""

FOLDER_PREFIX = "channels-conformance-"
"""How the name of a folder begins that the guard may remove. It must lie right below one of the temporary folders."""

MEMORY = Path("/dev/shm")  # noqa: S108 - only mkdtemp makes folders there
"""Where Linux keeps files in memory. A database there need not wait for a disk at each commit."""

ROOM = 256 * 1024 * 1024
"""Bytes that must be free in memory for a run's folder to be made there, which takes a few million."""

GRACE = 3.0
"""Seconds that all processes together have to end after they were asked to; after that they are killed."""


def new_folder() -> Path:
    """Make the folder of a run: in memory where there is room, unless TMPDIR names another place."""
    in_memory = (
        not os.environ.get("TMPDIR") and os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    )
    return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=MEMORY if in_memory else None))


class Guard:
    """The guard's face in the process it watches over. Every registration answers with its number.

    A child that is forked and starts no other program gives up the pipe, and can register nothing.
    """

    def __init__(self) -> None:
        self._popen: subprocess.Popen[bytes] | None = None
        self._watched: dict[int, Child] = {}
        self._count = 0

    def start(self) -> Guard:
        """Start the guard's process; it is to be started before anything that it shall reap."""
        self._popen = subprocess.Popen(  # noqa: S603 - this very module
            # -P: a redis.py or docker.py in the current folder must not be taken for the library.
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=python_env(),
            start_new_session=True,
            bufsize=0,  # a registration counts from the moment it is written
        )
        os.register_at_fork(after_in_child=self._abandon)
        return self

    @property
    def pid(self) -> int:
        """The number of the guard's process."""
        return self._running().pid

    def process(self, child: Child, *, end: signal.Signals = signal.SIGTERM) -> int:
        """End this process and its group, of which it must be the leader: ask it by a signal, then kill it."""
        number = self._register(group={"leader": child.pid, "end": end})
        self._watched[number] = child
        return number

    def folder(self, path: Path) -> int:
        """Remove this folder with all that is in it. Raises :class:`ServiceError` for one that is not a run's own."""
        if not _is_ours(path):
            raise ServiceError(
                f"{path} is not a folder that a run may remove. "
                f"Make it with tempfile.mkdtemp(prefix={FOLDER_PREFIX!r}) in {tempfile.gettempdir()}."
            )
        return self._register(folder=str(path.absolute()))

    def keys(self, url: str, prefix: str) -> int:
        """Delete the keys of this run's prefix, and no others, from the Redis at ``url``."""
        return self._register(keys={"url": url, "prefix": prefix})

    def databases(self, url: str, prefix: str) -> int:
        """Drop the test databases of this run's prefix, and no others, from the PostgreSQL at ``url``."""
        return self._register(databases={"url": url, "prefix": prefix})

    def container(self, name: str) -> int:
        """Remove the container of this name or id by force; it need not be there yet."""
        return self._register(container={"name": name, "engine": os.environ.get("DOCKER_HOST")})

    def command(self, command: Sequence[str], *, env: dict[str, str] | None = None) -> int:
        """Run this command, such as one that drops a database, with ``env`` added to its environment."""
        return self._register(command={"arguments": list(command), "env": env or {}})

    def forget(self, registration: int) -> None:
        """Leave this one alone, because it is gone already or is to be kept."""
        self._watched.pop(registration, None)
        if self._popen is not None:
            self._tell({"forget": registration})

    def close(self, deadline: float = 30.0) -> list[str]:
        """Have everything cleaned up now; return a sentence for each thing that could not be.

        Does nothing the second time. Raises :class:`ServiceError` where it takes longer than ``deadline`` seconds.
        """
        if self._popen is None:
            return []
        popen, self._popen = self._popen, None
        until = time.monotonic() + deadline
        assert popen.stdin is not None
        popen.stdin.close()
        popen.stdin = None
        while True:
            # The guard sees only that a process has ended; that it is our child makes it ours to wait for.
            for watched in self._watched.values():
                watched.poll()
            try:
                output, _ = popen.communicate(timeout=0.1)
            except subprocess.TimeoutExpired:
                if time.monotonic() > until:
                    raise ServiceError(
                        f"The guard (pid {popen.pid}) did not finish cleaning up within {deadline:g} s. "
                        "Look at what it waits for, then end it."
                    ) from None
            else:
                break
        for watched in self._watched.values():
            watched.wait()
        return output.decode("utf-8", "replace").splitlines()

    def _register(self, **what: Any) -> int:
        self._count += 1
        self._tell({"register": self._count, **what})
        return self._count

    def _tell(self, message: dict[str, Any]) -> None:
        pipe = self._running().stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(message).encode() + b"\n")
        except BrokenPipeError as error:
            raise ServiceError(
                "The guard has ended before its time. Find out what killed it, and run again."
            ) from error

    def _running(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise ServiceError("The guard is not running. Call start() first, and register nothing after close().")
        return self._popen

    def _abandon(self) -> None:
        popen, self._popen = self._popen, None
        if popen is not None and popen.stdin is not None:
            popen.stdin.close()
            popen.returncode = 0  # the guard is not this process's child: let it not be waited for


def guarded_folder(cleanups: Cleanups) -> tuple[Path, Guard]:
    """Make the folder of a run, and start the guard that removes it however the run ends; ``cleanups`` ends both."""
    guard = Guard().start()

    def end() -> None:
        guard.close()

    cleanups(end)
    folder = new_folder()
    guard.folder(folder)
    return folder, guard


def clean(lines: Iterable[bytes]) -> list[str]:
    """Read registrations to their end, then undo them, the latest first; return what could not be undone."""
    held: dict[int, dict[str, Any]] = {}
    for line in lines:
        try:
            message = json.loads(line)
        except ValueError:
            continue  # cut off: the writer was killed while it wrote
        if "forget" in message:
            held.pop(message["forget"], None)
        else:
            held[message.pop("register")] = message
    failures = []
    until = time.monotonic() + GRACE
    for registration in reversed(held.values()):
        for what, value in registration.items():
            try:
                _undo(what, value, until=until)
            except Exception as error:  # noqa: BLE001 - the rest is to be cleaned up all the same
                failures.append(f"{what} {_named(value)} could not be cleaned up: {type(error).__name__}: {error}")
    return failures


def _undo(what: str, value: Any, *, until: float) -> None:
    match what:
        case "group":
            _end_group(value["leader"], end=value["end"], until=until)
        case "folder":
            _remove_folder(Path(value))
        case "keys":
            from channels_conformance.services.redis import (
                delete_keys,
            )  # imported late: a killed run need not wait for it

            delete_keys(value["url"], value["prefix"])
        case "databases":
            from channels_conformance.services.postgres import drop_databases  # imported late, likewise

            drop_databases(value["url"], value["prefix"])
        case "container":
            _remove_container(value["name"], engine=value["engine"])
        case "command":
            subprocess.run(  # noqa: S603 - registered by the run itself
                value["arguments"],
                env=os.environ | value["env"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=20,
                check=True,
            )


def _end_group(group: int, *, end: int, until: float) -> None:
    gone = contextlib.suppress(
        ProcessLookupError, PermissionError
    )  # macOS denies permission where only zombies are left
    with gone:
        os.killpg(group, end)
    with gone:
        _wait_for_end(group, until=until)
    with gone:  # the children that outlived their leader
        os.killpg(group, signal.SIGKILL)


def _wait_for_end(pid: int, *, until: float) -> None:
    if sys.platform == "linux":
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [], max(0, until - time.monotonic()))
        finally:
            os.close(descriptor)
    else:
        while time.monotonic() < until:
            os.kill(pid, 0)
            time.sleep(0.02)  # there is nothing to wait on for a process that is not our child


def _remove_folder(folder: Path) -> None:
    if not _is_ours(folder):
        raise PermissionError(f"{folder} is not a run's own")
    end_strays(folder)  # what was started in the moment in which the run was killed
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _is_ours(folder: Path) -> bool:
    absolute = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow the very link that is refused
    inside = absolute.parent.resolve() in (Path(tempfile.gettempdir()).resolve(), MEMORY.resolve())
    return inside and absolute.name.startswith(FOLDER_PREFIX) and not absolute.is_symlink()


def _remove_container(name: str, *, engine: str | None) -> None:
    import docker  # type: ignore[import-untyped]
    import docker.errors  # type: ignore[import-untyped]

    client = docker.DockerClient(base_url=engine, timeout=15) if engine else docker.from_env(timeout=15)
    with contextlib.suppress(docker.errors.NotFound):
        client.containers.get(name).remove(force=True, v=True)


def _named(value: Any) -> str:
    # A URL or an environment may hold a password.
    if not isinstance(value, dict):
        return str(value)
    named = next(value[key] for key in ("leader", "prefix", "name", "arguments") if key in value)
    return str(named[0] if isinstance(named, list) else named)


def main() -> None:
    """Be the guard: wait for the end of standard input, clean up, and say on standard output what could not be."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    failures = clean(sys.stdin.buffer)
    with contextlib.suppress(BrokenPipeError):  # nobody is left to read it
        sys.stdout.write("".join(f"{failure}\n" for failure in failures))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
