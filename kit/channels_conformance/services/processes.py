"""Processes of a run: each in its own group, with its own log, and known to the guard."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from channels_conformance.services import forkserver
from channels_conformance.services.forking import ADDRESS, SOCKET, fork, listen

if TYPE_CHECKING:
    import pwd
    from collections.abc import Iterator, Mapping, Sequence

    from channels_conformance.services.guard import Cleanups


class ServiceError(Exception):
    """A service could not be had. The text is one sentence on what failed and where, and one on what to do."""


class Child(Protocol):
    """A process that was started, as ``subprocess.Popen`` shows one."""

    @property
    def pid(self) -> int:
        """The number of the process."""

    def poll(self) -> int | None:
        """Return the exit status, or None where it still runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit status; raise ``subprocess.TimeoutExpired`` where it does not come in time."""

    def terminate(self) -> None:
        """Ask the process to end (SIGTERM)."""

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""


class Keeper(Protocol):
    """What a process asks of the guard."""

    def process(self, child: Child, *, end: signal.Signals = signal.SIGTERM) -> int:
        """Promise that the process and its group are gone when the run is over; answer the promise's number."""

    def forget(self, registration: int) -> None:
        """Take the promise back, for what is gone already."""


class Process:
    """A process of ours and its group. Its standard output and error are in :attr:`log`."""

    def __init__(
        self,
        child: Child,
        *,
        name: str,
        log: Path,
        guard: Keeper,
        end: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._child = child
        self._guard = guard
        self._registration: int | None = guard.process(child, end=end)

    def __repr__(self) -> str:
        return f"<Process {self.name} pid={self.pid} {'alive' if self.alive else 'ended'}>"

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.wait(0) is None

    @property
    def log_offset(self) -> int:
        """The length of the log so far, in bytes: give it to :meth:`log_text` to read only what comes after."""
        return self.log.stat().st_size

    def log_text(self, since: int = 0) -> str:
        """Read the log from the byte ``since`` on."""
        with self.log.open("rb") as log:
            log.seek(since)
            return log.read().decode("utf-8", "replace")

    def last_words(self) -> str:
        """Read the last three lines of the log that say anything, in one line."""
        lines = [line.strip() for line in self.log_text().splitlines() if line.strip()]
        return " / ".join(lines[-3:]) or "its log is empty"

    def wait(self, deadline: float) -> int | None:
        """Wait at most ``deadline`` seconds for the end; return the exit status, or None where it still runs."""
        try:
            status = self._child.wait(deadline) if deadline else self._child.poll()
        except subprocess.TimeoutExpired:
            return None
        if status is not None and self._registration is not None:
            # What it has left behind in its group goes too. From here on its number may be another process's, so the
            # guard must not act on it any more.
            _signal_group(self.pid, signal.SIGKILL)
            self._guard.forget(self._registration)
            self._registration = None
        return status

    def terminate(self, deadline: float = 5.0) -> int:
        """Ask the process to end (SIGTERM); kill its group if it has not within ``deadline`` seconds."""
        if self.alive:
            # Only the leader is told: the children of a Celery worker would die of it in the middle of a task.
            self._child.terminate()
        status = self.wait(deadline)
        return self.kill() if status is None else status

    def kill(self) -> int:
        """End the whole group at once (SIGKILL)."""
        if self.alive:
            _signal_group(self.pid, signal.SIGKILL)
        status = self.wait(10)
        if status is None:
            raise ServiceError(f"{self.name} (pid {self.pid}) outlived SIGKILL. Look for a stuck disk or debugger.")
        return status


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path,
    guard: Keeper,
    name: str | None = None,
    pass_fds: Sequence[int] = (),
    user: pwd.struct_passwd | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Process:
    """Start a command in a process group of its own, with nothing on standard input and its output in ``log``.

    ``env`` is the whole environment of the process; left out, it inherits ours. ``name`` is how errors speak of it;
    left out, the log's name. ``user`` is who it runs as, if not who we are; ``end``, the signal with which the guard
    asks it to end. Raises :class:`ServiceError` where the command cannot be run.
    """
    name = name or log.stem
    identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with log.open("ab") as output:
        try:
            popen = subprocess.Popen(  # noqa: S603 - the commands are the kit's own
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
                pass_fds=pass_fds,
                **identity,
            )
        except OSError as error:
            raise ServiceError(
                f"{name} could not be started: {error}. Check that {command[0]} is there and may be run."
            ) from error
    with killed_on_error(popen):
        return Process(popen, name=name, log=log, guard=guard, end=end)


def start_python(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    log: Path,
    guard: Keeper,
    name: str | None = None,
    pass_fds: Sequence[int] = (),
    cold: bool = False,
) -> Process:
    """Start Python with ``arguments``, able to import this kit, as :func:`start` starts a command.

    Where a fork server runs, it begins with libraries imported; ``cold``, it imports everything by itself, and has hash
    values of strings of its own.
    """
    env = python_env(env)
    if not cold:
        with log.open("ab") as output:
            forked = fork(arguments, env=env, cwd=cwd, output=output.fileno(), pass_fds=pass_fds)
        if forked:
            with killed_on_error(forked):
                return Process(forked, name=name or log.stem, log=log, guard=guard)
    command = [sys.executable, *arguments]
    return start(command, env=env, cwd=cwd, log=log, guard=guard, name=name, pass_fds=pass_fds)


def start_fork_server(modules: Sequence[str], *, folder: Path, guard: Keeper, cleanups: Cleanups) -> Process | None:
    """Start a fork server that imports ``modules``; None where there can be none.

    This process asks it from now on, and so do those that inherit its environment, until ``cleanups`` ends that.
    """
    listener = listen(folder / SOCKET)
    if listener is None:
        return None
    with listener:
        process = start_python(
            ["-m", forkserver.__name__, str(listener.fileno()), *modules],
            # Nothing of a project's is to be imported there. The folder is there for a stray child to be found by it.
            env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
            | {"CHANNELS_CONFORMANCE_FOLDER": str(folder)},
            cwd=folder,
            log=folder / "forks.log",
            guard=guard,
            pass_fds=(listener.fileno(),),
            cold=True,
        )
    os.environ[ADDRESS] = str(folder / SOCKET)

    def forget() -> None:
        del os.environ[ADDRESS]

    cleanups(forget)
    return process


def python_env(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Copy an environment so that a Python process started with it can import this kit and writes its log at once."""
    env = dict(os.environ if env is None else env)
    root = str(Path(__file__).resolve().parents[2])
    paths = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    return env | {"PYTHONPATH": os.pathsep.join(dict.fromkeys([*paths, root])), "PYTHONUNBUFFERED": "1"}


@contextlib.contextmanager
def killed_on_error(process: Process | Child) -> Iterator[None]:
    """Kill the process if the block raises: a service that did not come up must not stay behind."""
    try:
        yield
    except BaseException:
        process.kill()
        if not isinstance(process, Process):
            process.wait()
        raise


def _signal_group(group: int, number: signal.Signals) -> None:
    # Permission is denied by macOS where all that is left of the group are zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
