"""ASGI servers as they run in production: processes of their own, on a port that the kernel chose."""

from __future__ import annotations

import http.client
import importlib.metadata
import importlib.util
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from channels_conformance.services.processes import Process, ServiceError, killed_on_error, python_env, start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from channels_conformance.services.guard import Guard

Kind = Literal["daphne", "uvicorn", "hypercorn"]
"""The servers that can be started. Each adopts a listening socket, so no port is ever guessed."""

READY_PATH = "/.well-known/channels-conformance/ready"
"""What is asked for over HTTP to learn that a server serves. Any answer will do: no application need know it."""

HOST = "127.0.0.1"

_COMMANDS: dict[Kind, Callable[[str, int], list[str]]] = {
    # Verbosity 0 is warnings and errors, tracebacks among them, without a line for every request.
    "daphne": lambda application, socket: ["-v", "0", "--fd", str(socket), application],
    "uvicorn": lambda application, socket: ["--no-access-log", "--no-use-colors", "--fd", str(socket), application],
    # No worker processes: the process that we started is the one that serves.
    "hypercorn": lambda application, socket: ["--workers", "0", "--bind", f"fd://{socket}", application],
}


class ServerEnded(ServiceError):  # noqa: N818 -- what the server did, not what we did wrong
    """A server ended before it answered: as a rule, because it could not import the application."""

    def __init__(self, message: str, traceback: str) -> None:
        super().__init__(message)
        self.traceback = traceback


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A process that answers HTTP on a port."""

    name: str
    host: str
    port: int
    process: Process

    def url(self, path: str = "/", scheme: str = "ws") -> str:
        """Give the address of a path on this server."""
        return f"{scheme}://{self.host}:{self.port}/{path.removeprefix('/')}"

    def answers(self, deadline: float) -> bool:
        """Return whether the server answers an HTTP request within ``deadline`` seconds."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=deadline)
        try:
            connection.request("GET", READY_PATH, headers={"Connection": "close"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def stop(self) -> None:
        """Have the server shut down as a deployment would (SIGTERM)."""
        self.process.terminate()

    def kill(self) -> None:
        """End the server with no chance to say goodbye (SIGKILL)."""
        self.process.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Listener):
    """An ASGI server that answers."""

    kind: Kind
    version: str


def installed(kind: str) -> bool:
    """Return whether a kind of server can be imported here."""
    try:
        return importlib.util.find_spec(kind) is not None
    except ImportError:
        return False


def start_server(
    kind: Kind,
    application: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path,
    folder: Path,
    guard: Guard,
    name: str,
    deadline: float = 20.0,
) -> Server:
    """Start a server for ``module:attribute`` and return when it answers; its log is ``folder/NAME.log``.

    Raises :class:`ServiceError`, with the last lines of the log, where it ends or does not answer within ``deadline``
    seconds.
    """
    if kind not in _COMMANDS:
        raise ServiceError(f"{kind!r} is not a server that can be started. Use one of: {', '.join(get_args(Kind))}.")
    if not installed(kind):
        raise ServiceError(f"{kind} is not installed here. Run `pip install {kind}`, or choose another server.")
    listener = start_listener(
        lambda socket: ["-m", kind, *_COMMANDS[kind](application, socket)],
        env=env,
        cwd=cwd,
        folder=folder,
        guard=guard,
        name=name,
        deadline=deadline,
    )
    return Server(
        kind=kind,
        name=name,
        host=listener.host,
        port=listener.port,
        version=importlib.metadata.version(kind),
        process=listener.process,
    )


def start_listener(
    arguments: Callable[[int], list[str]],
    *,
    env: Mapping[str, str] | None,
    cwd: Path,
    folder: Path,
    guard: Guard,
    name: str,
    deadline: float,
) -> Listener:
    """Start Python with the ``arguments`` that a listening socket's number makes; return when that socket is answered.

    Raises as :func:`start_server` does.
    """
    with socket.socket() as listener:
        # The accepted connections inherit it. Uvicorn takes an adopted socket for a Unix one and leaves Nagle's
        # algorithm on: the second of two messages in a row would then come 40 ms late.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((HOST, 0))
        # Listening before the server does: a request made now is answered when the server is up, and reset if it ends.
        listener.listen(128)
        port: int = listener.getsockname()[1]
        process = start(
            [sys.executable, *arguments(listener.fileno())],
            env=python_env(env),
            cwd=cwd,
            log=folder / f"{name}.log",
            guard=guard,
            name=name,
            pass_fds=(listener.fileno(),),
        )
    with killed_on_error(process):
        _wait_for_answer(process, port=port, deadline=deadline)
    return Listener(name=name, host=HOST, port=port, process=process)


def _wait_for_answer(process: Process, *, port: int, deadline: float) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=deadline)
    try:
        connection.request("GET", READY_PATH, headers={"Connection": "close"})
        connection.getresponse().read()
    except TimeoutError as error:
        raise ServiceError(
            f"{process.name} did not answer within {deadline:g} s: {process.last_words()}. See {process.log}."
        ) from error
    except (ConnectionError, http.client.HTTPException) as error:
        status = process.wait(2)
        what = "did not speak HTTP" if status is None else f"ended with status {status} before it answered"
        told = f"{process.name} {what}: {process.last_words()}. See {process.log}."
        raise (ServiceError(told) if status is None else ServerEnded(told, process.log_text())) from error
    finally:
        connection.close()
