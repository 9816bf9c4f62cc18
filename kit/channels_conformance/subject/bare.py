"""The bare applications of the reference app, each on servers of its own: what a protocol can do without a framework.

The processes are started once a run, when the session begins or when they are first asked for, and are reported on as
the subject's own workers are. What takes no server, such as the events of a server's start, is played in this process.
"""

from __future__ import annotations

import ast
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management import call_command

from channels_conformance.history import Event, History, Kind
from channels_conformance.services.servers import Listener, Server, start_server
from channels_conformance.services.wsgi import start_wsgi_server
from channels_conformance.subject.calls import Calls
from channels_conformance.subject.http_play import HttpPlay
from channels_conformance.subject.overlay import Plan, attribute
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.stage import WireStage
from channels_conformance.traffic.player import Player

if TYPE_CHECKING:
    from channels_conformance.subject.subject import Subject

APPLICATION = "channels_conformance.subject.worker:application"
SETTINGS = "bare.settings"
BARE = "bare.asgi:application"
BARE_WSGI = "bare.wsgi:application"
PROJECT = "bare.project:application"
PROJECT_WSGI = "bare.project:wsgi_application"


class Bare:
    """The bare applications, on their servers."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._run = subject.run
        self._started: dict[tuple[str, str], Future[Listener]] = {}
        self._visits: defaultdict[str, list[HttpPlay]] = defaultdict(list)  # by the name of the server

    def begin(self) -> None:
        """Begin to start every server, so that a spec which will ask for one need not wait."""
        for kind in sorted(set(self._run.profile.servers)):
            for application in (BARE, PROJECT):
                self._start(application, kind)
        for application in (BARE_WSGI, PROJECT_WSGI):
            self._start(application)

    async def server(self, application: str, kind: ServerKind) -> Server:
        """Return a server of an ASGI application."""
        server = await self._serving(application, kind)
        assert isinstance(server, Server)
        return server

    async def visit(
        self, application: str, kind: ServerKind | None = None, *, history: History | None = None
    ) -> HttpPlay:
        """Return an HTTP play on an application: ASGI on a kind of server, WSGI where none is named.

        Its record goes into ``history``, or else into one of its own.
        """
        server = await self._serving(application, kind)
        play = HttpPlay(server, self._run.histories, history=history)
        self._visits[server.name].append(play)
        return play

    async def player(self, application: str, kind: ServerKind, path: str) -> Player:
        """Return a player on a WebSocket path of an application that says back what it hears."""
        endpoint = Endpoint(name="bare", path=path, say="{text}", echoes=True)
        player = Player(WireStage(self._subject, endpoint, [await self.server(application, kind)]))
        self._run.histories.append(player.history)
        return player

    def loaded(self, name: str) -> Any:
        """Return a bare application, in this process."""
        return attribute(name)

    async def new_project(self) -> History:
        """Return a history of the settings that a project names which ``startproject`` has just made."""
        history = History()
        self._run.histories.append(history)
        folder = Path(tempfile.mkdtemp(dir=self._run.folder))
        await asyncio.to_thread(call_command, "startproject", "begun", str(folder), verbosity=0)
        written = ast.parse((folder / "begun" / "settings.py").read_text(encoding="utf-8"))
        names = {one.id for one in ast.walk(written) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        for name in ("WSGI_APPLICATION", "ASGI_APPLICATION"):
            told = "named" if name in names else "not named"
            history.events.append(Event(at=time.monotonic(), kind=Kind.TOLD, marker=name, text=told))
        return history

    def calls(self) -> Calls:
        """Return a play in which applications are called in this process."""
        return Calls(self._run.histories)

    async def _serving(self, application: str, kind: ServerKind | None) -> Listener:
        """Return a server, a new one where it left a request waiting: it may answer nobody any more."""
        server = await asyncio.wrap_future(self._start(application, kind))
        if any(play.left_waiting for play in self._visits[server.name]):
            del self._visits[server.name], self._started[application, kind or "wsgi"]
            await asyncio.to_thread(server.kill)
            server = await asyncio.wrap_future(self._start(application, kind))
        return server

    def _start(self, application: str, kind: ServerKind | None = None) -> Future[Listener]:
        key = (application, kind or "wsgi")
        if key not in self._started:
            name = f"{kind or 'wsgi'}-{application.partition(':')[0]}"
            self._started[key] = self._run.start_beside(
                name,
                start_wsgi_server if kind is None else _starts(kind),
                application if kind is None else APPLICATION,
                self._plan(application),
            )
        return self._started[key]

    def _plan(self, application: str) -> Plan:
        return replace(self._run.plan, settings=SETTINGS, application=application, celery="")


def _starts(kind: ServerKind) -> Callable[..., Listener]:
    def start(application: str, **where: Any) -> Listener:
        return start_server(kind, application, **where)

    return start
