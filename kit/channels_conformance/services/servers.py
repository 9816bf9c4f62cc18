"""ASGI servers as they run in production: processes of their own, on a port that the kernel chose."""

from __future__ import annotations

import http.client
import importlib.metadata
import importlib.util
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from channels_conformance.services.processes import Process, ServiceError, killed_on_error, start_python
from channels_conformance.services.tls import Certificate, unverified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from channels_conformance.services.guard import Guard

Kind = Literal["daphne", "uvicorn", "hypercorn", "granian"]
"""The servers that can be started. Each serves on a port that the kernel chose and that is held for it from then on."""

READY_PATH = "/.well-known/channels-conformance/ready"
"""What is asked for over HTTP to learn that a server serves. Any answer will do: no application need know it."""

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a server is to serve: a socket that holds the port, the port, and the certificate where it speaks TLS."""

    socket: int
    port: int
    tls: Certificate | None


def _daphne(place: _Place) -> list[str]:
    # Verbosity 0 is warnings and errors, tracebacks among them, without a line for every request.
    if place.tls is None:
        return ["-v", "0", "--fd", str(place.socket)]
    endpoint = f"ssl:{place.port}:interface={HOST}:certKey={place.tls.certificate}:privateKey={place.tls.key}"
    return ["-v", "0", "-e", endpoint]


def _uvicorn(place: _Place) -> list[str]:
    tls = ["--ssl-certfile", str(place.tls.certificate), "--ssl-keyfile", str(place.tls.key)] if place.tls else []
    return ["--no-access-log", "--no-use-colors", "--fd", str(place.socket), *tls]


def _hypercorn(place: _Place) -> list[str]:
    tls = ["--certfile", str(place.tls.certificate), "--keyfile", str(place.tls.key)] if place.tls else []
    # No worker processes: the process that we started is the one that serves.
    return ["--workers", "0", "--bind", f"fd://{place.socket}", *tls]


def _granian(place: _Place) -> list[str]:
    tls = ["--ssl-certificate", str(place.tls.certificate), "--ssl-keyfile", str(place.tls.key)] if place.tls else []
    # It writes no access log unless asked to. Its one worker is a child in the group of the process that we started.
    return ["--interface", "asgi", "--host", HOST, "--port", str(place.port), "--log-level", "warn", *tls]


_OPTIONS: dict[Kind, Callable[[_Place], list[str]]] = {
    "daphne": _daphne,
    "uvicorn": _uvicorn,
    "hypercorn": _hypercorn,
    "granian": _granian,
}


def _adopts(kind: Kind, tls: Certificate | None) -> bool:
    """Return whether a server takes a socket that listens already.

    Granian does not, and neither does Twisted's endpoint for TLS. They bind by themselves, to a port which a socket of
    ours holds that never listens: both ends set SO_REUSEPORT or SO_REUSEADDR, nobody else is let in between, and the
    kernel hands connections to the one that listens.
    """
    return kind != "granian" and not (kind == "daphne" and tls)


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
    options: Sequence[str] = (),
    tls: Certificate | None = None,
    cold: bool = False,
    deadline: float = 20.0,
) -> Server:
    """Start a server for ``module:attribute`` and return when it answers; its log is ``folder/NAME.log``.

    ``options`` are further words of its command line; with ``tls``, it speaks nothing but TLS; ``cold``, it is not
    forked from a process that has libraries imported. Raises :class:`ServiceError`, with the last lines of the log,
    where it ends or does not answer within ``deadline`` seconds.
    """
    if kind not in _OPTIONS:
        raise ServiceError(f"{kind!r} is not a server that can be started. Use one of: {', '.join(get_args(Kind))}.")
    if not installed(kind):
        raise ServiceError(f"{kind} is not installed here. Run `pip install {kind}`, or choose another server.")
    listener = start_listener(
        lambda held, port: [
            *("-m", kind),
            *_OPTIONS[kind](_Place(socket=held, port=port, tls=tls)),
            *(*options, application),
        ],
        shares=None if _adopts(kind, tls) else socket.SO_REUSEPORT if kind == "granian" else socket.SO_REUSEADDR,
        secure=tls is not None,
        env=env,
        cwd=cwd,
        folder=folder,
        guard=guard,
        name=name,
        # Granian starts processes of its own, which would not find the program that they belong to.
        cold=cold or kind == "granian",
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
    arguments: Callable[[int, int], list[str]],
    *,
    env: Mapping[str, str] | None,
    cwd: Path,
    folder: Path,
    guard: Guard,
    name: str,
    deadline: float,
    shares: int | None = None,
    secure: bool = False,
    cold: bool = False,
) -> Listener:
    """Start Python with the ``arguments`` that a socket's number and port make; return when that port is answered.

    The socket listens, for the process to adopt it; with ``shares``, an option of sockets, it only holds the port, and
    the process binds to it with that option as well. ``secure`` says that TLS is spoken; ``cold`` is as for
    :func:`start_server`, and so is what is raised.
    """
    with socket.socket() as held:
        # The accepted connections inherit it. Uvicorn takes an adopted socket for a Unix one and leaves Nagle's
        # algorithm on: the second of two messages in a row would then come 40 ms late.
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if shares is not None:
            held.setsockopt(socket.SOL_SOCKET, shares, 1)
        held.bind((HOST, 0))
        if shares is None:
            # A request made before the server listens is answered when it is up, and reset if it ends.
            held.listen(128)
        port: int = held.getsockname()[1]
        process = start_python(
            arguments(held.fileno(), port),
            env=env,
            cwd=cwd,
            log=folder / f"{name}.log",
            guard=guard,
            name=name,
            pass_fds=(held.fileno(),),
            cold=cold,
        )
    with killed_on_error(process):
        if shares is not None:
            _wait_for_listener(process, port=port, deadline=deadline)
        _wait_for_answer(process, port=port, secure=secure, deadline=deadline)
    return Listener(name=name, host=HOST, port=port, process=process)


def _wait_for_listener(process: Process, *, port: int, deadline: float) -> None:
    """Return when somebody listens on the port, or the process has ended: who asks then is refused, and tells."""
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0 or process.wait(0.02) is not None:
                return


def _wait_for_answer(process: Process, *, port: int, secure: bool, deadline: float) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=deadline)
    if secure:
        connection = http.client.HTTPSConnection(HOST, port, timeout=deadline, context=unverified())
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
