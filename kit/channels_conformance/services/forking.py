"""Asking a fork server for a Python that has libraries imported already: the face of a process that it has forked."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from channels_conformance.services.forkserver import Wanted

ADDRESS = "CHANNELS_CONFORMANCE_FORK_SERVER"
"""The environment variable with the path of the socket at which processes are asked for."""

SOCKET = "forks"
"""The name of that socket in the folder of a run."""

LONGEST_PATH = 100
"""Bytes that the path of a Unix socket may have: the kernel takes 107, macOS's 103."""

PATIENCE = 10.0
"""Seconds in which a fork server must have answered: it may have its own imports before it yet."""


class Forked:
    """A process that was forked for us, with as much of the face of a ``subprocess.Popen`` as is needed."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._reading = threading.Lock()

    def poll(self) -> int | None:
        """Return how the process ended, or None where it still runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return how the process ended; raise ``subprocess.TimeoutExpired`` where it runs ``timeout`` seconds more."""
        status = self._ended(timeout)
        if status is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return status

    def terminate(self) -> None:
        """Ask the process to end (SIGTERM)."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _ended(self, timeout: float | None) -> int | None:
        # Where somebody else waits for the end, it has not come.
        if not self._reading.acquire(timeout=-1 if timeout is None else timeout):
            return None
        try:
            if self.returncode is None and self._is_told(timeout):
                self.returncode = self._status()
                self._connection.close()
        finally:
            self._reading.release()
        return self.returncode

    def _is_told(self, timeout: float | None) -> bool:
        told = select.poll()
        told.register(self._connection, select.POLLIN)
        return bool(told.poll(None if timeout is None else timeout * 1000))

    def _status(self) -> int:
        with contextlib.suppress(OSError), self._connection.makefile("rb") as said:
            if line := said.readline():
                return int(line)
        # The server is gone, and with it whoever could say how its process ends: it is not to go on unobserved.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return -signal.SIGKILL


def fork(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    output: int,
    pass_fds: Sequence[int],
) -> Forked | None:
    """Have Python run with ``arguments`` in a session of its own; None where it must be started cold.

    ``output`` is the number of the file that takes its standard output and error. Everything else is as in
    ``subprocess.Popen``.
    """
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    wanted = Wanted(arguments=[*arguments], env=dict(env), cwd=str(cwd or Path.cwd()), places=[1, 2, *pass_fds])
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(address)
        message = json.dumps(wanted).encode() + b"\n"
        sent = socket.send_fds(connection, [message], [output, output, *pass_fds])
        connection.sendall(message[sent:])
        # One byte at a time: how the process ends comes after it.
        with connection.makefile("rb", buffering=0) as said:
            answer = said.readline()
    except OSError:
        answer = b""
    if not answer.strip():
        connection.close()
        return None
    return Forked(int(answer), connection)


def listen(path: Path) -> socket.socket | None:
    """Return a socket that listens at a path, for a fork server: whoever connects waits until that has begun.

    None where the path is too long for a socket, or the system does not bear that such processes are forked.
    """
    # macOS's own libraries take a fork amiss.
    if sys.platform != "linux" or len(os.fsencode(path)) > LONGEST_PATH:
        return None
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    return listener
