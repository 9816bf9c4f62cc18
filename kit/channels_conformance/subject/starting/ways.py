"""Ways to start the subject: each in a cold process, asked for a page, a style sheet and an echo, and ended.

They are started when the session begins, two at a time, beside everything else that waits; each spec then asks for the
history of the ways that it compares.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.services.development import DevelopmentServer, start_runserver
from channels_conformance.services.servers import HOST, Server, ServerEnded, start_server
from channels_conformance.subject.starting.change import SETTINGS_MODULE, VARIABLE, Change

if TYPE_CHECKING:
    from channels_conformance.services.processes import Process
    from channels_conformance.subject.run import Run

PAGE = "/health/"
STYLE_SHEET = "/static/admin/css/base.css"
"""What the reference app serves to a browser: a page of its own, and a static file of an app that it installs."""

DEADLINE = 10.0  # seconds after which an answer is given up as lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to start the subject: by which command, and with what changed in the settings."""

    command: Literal["runserver", "daphne", "uvicorn"]
    change: Change


WAYS: Mapping[str, Way] = {
    "runserver": Way(command="runserver", change=Change(daphne="just before staticfiles")),
    "runserver with daphne last": Way(command="runserver", change=Change(daphne="last")),
    "runserver without daphne": Way(command="runserver", change=Change(daphne="out")),
    "runserver without ASGI_APPLICATION": Way(
        command="runserver", change=Change(daphne="just before staticfiles", without=("ASGI_APPLICATION",))
    ),
    "daphne without ASGI_APPLICATION": Way(
        command="daphne", change=Change(daphne="last", without=("ASGI_APPLICATION",))
    ),
    "uvicorn without ASGI_APPLICATION": Way(
        command="uvicorn", change=Change(daphne="out", without=("ASGI_APPLICATION",))
    ),
}
"""Each way by the name that findings call it by."""


class Ways:
    """The ways of one session, each tried once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._trying = ThreadPoolExecutor(max_workers=2, thread_name_prefix="conformance-ways")
        self._tried: dict[str, Future[History]] = {}

    def begin(self) -> None:
        """Begin to try every way; return at once."""
        for name in WAYS:
            self._begin(name)

    def history(self, *names: str) -> History:
        """Wait until these ways were tried, and return the history of them all; raise what went wrong."""
        found = [future.result() for future in [self._begin(name) for name in names]]
        return History(
            connections={one: who for history in found for one, who in history.connections.items()},
            events=sorted((event for history in found for event in history), key=lambda event: event.at),
        )

    def end(self) -> None:
        """Wait for what is being tried, and try nothing more."""
        self._trying.shutdown(wait=True, cancel_futures=True)

    def _begin(self, name: str) -> Future[History]:
        if name not in self._tried:
            self._tried[name] = self._trying.submit(self._try, name, WAYS[name])
        return self._tried[name]

    def _try(self, name: str, way: Way) -> History:
        history = History()
        try:
            with self._up(name, way) as (process, port):
                history.events.append(_event(Kind.STARTED, name))
                for path in (PAGE, STYLE_SHEET):
                    status = _status(port, path)
                    kind = Kind.RESPONDED if status else Kind.NO_RESPONSE
                    history.events.append(_event(kind, name, marker=path, code=status or None))
                self._echo(history, name, port)
                log = process.log_text()
            history.events.append(_event(Kind.LOGGED, name, text=log))
        except ServerEnded as ended:
            history.events.append(_event(Kind.NOT_STARTED, name, detail=ended.traceback))
        return history

    @contextlib.contextmanager
    def _up(self, name: str, way: Way) -> Iterator[tuple[Process, int]]:
        run = self._run
        env = os.environ | run.plan.environment(worker=name)
        env |= {"DJANGO_SETTINGS_MODULE": SETTINGS_MODULE, VARIABLE: json.dumps(asdict(way.change))}
        env["DJANGO_SERVE_STATIC"] = "0"  # the reference app serves static files by itself, unless told not to
        given: dict[str, Any] = {"env": env, "cwd": run.profile.root, "folder": run.folder, "guard": run.guard}
        given["name"] = name.replace(" ", "-")
        if way.command == "runserver":
            server: DevelopmentServer | Server = start_runserver(**given)
        else:
            named = run.profile.application or settings.ASGI_APPLICATION
            module, _, attribute = named.replace(":", ".").rpartition(".")
            server = start_server(way.command, f"{module}:{attribute}", **given)
        try:
            yield server.process, server.port
        finally:
            server.process.kill()

    def _echo(self, history: History, name: str, port: int) -> None:
        """Say something on the first endpoint that answers the one who speaks, and record what came of it."""
        endpoint = next(one for one in self._run.profile.endpoints if one.hears == "sender" and one.enter == "anyone")
        marker = "~started~"
        one = f"{name}#1"
        history.connections[one] = Connection(id=one, client=name, worker=name, endpoint=endpoint.name, audience=name)
        history.events.append(_event(Kind.CONNECT, connection=one))
        url = f"ws://{HOST}:{port}{endpoint.path}"
        try:
            with connect(url, origin=Origin(f"http://{HOST}"), open_timeout=DEADLINE, proxy=None) as socket:
                history.events.append(_event(Kind.ACCEPTED, connection=one))
                history.events.append(_event(Kind.SAID, connection=one, text=marker, marker=marker))
                socket.send(endpoint.frame(marker))
                history.events.append(_event(Kind.RECEIVED, connection=one, text=str(socket.recv(DEADLINE))))
        except InvalidStatus as refusal:
            history.events.append(_event(Kind.REFUSED, connection=one, code=refusal.response.status_code))
        except (InvalidHandshake, WebSocketException, OSError) as error:
            history.events.append(_event(Kind.UNANSWERED, connection=one, detail=repr(error)))


def _status(port: int, path: str) -> int:
    """Return the status of the answer to a GET; 0 where there is none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=DEADLINE)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _event(kind: Kind, worker: str = "", **event: Any) -> Event:
    return Event(at=time.monotonic(), kind=kind, worker=worker, **event)
