"""The scripted application on each kind of server: what a server does is judged by what it does to this one.

The application plays what a path names, and is nobody's to blame: whatever is found in its history is the server's
doing. The folder ``scripted/`` of the reference app holds it, and ``servers.toml`` in it how its servers are started.
"""

from __future__ import annotations

import asyncio
import os
import time
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from channels_conformance.history import Connection, Event, History, Kind
from channels_conformance.services.servers import Server, ServerEnded, installed
from channels_conformance.services.tls import Certificate, certificate
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.stage import WireStage
from channels_conformance.traffic import patience
from channels_conformance.traffic.client import Accepted, Refused, Unanswered
from channels_conformance.traffic.http2 import get
from channels_conformance.traffic.player import Player
from channels_conformance.traffic.wire import WireClient

if TYPE_CHECKING:
    from channels_conformance.subject.fleet import ServerOptions
    from channels_conformance.subject.subject import Subject

APPLICATION = "channels_conformance.subject.scripted_worker:application"
WSGI = "scripted.wsgi:application"
GIVES_UP = {"daphne": 6.0}
"""Seconds in which a server must have given up that awaits an answer as told: Daphne looks every two.

The others must have within a second more than an answer is waited for.
"""

Manner = Literal["plain", "leaving", "impatient", "secure", "bare"]
"""How a server is started: a table of ``scripted/servers.toml``. One that is leaving is plain, and will be stopped."""


class Scripted:
    """The scripted application, on as many servers as are asked for; each is started once, when first needed."""

    def __init__(self, subject: Subject, kinds: Sequence[ServerKind]) -> None:
        self._subject = subject
        self._kinds = [kind for kind in kinds if installed(kind)]
        self._run = subject.run
        self._servers: dict[tuple[ServerKind, str], Future[Server]] = {}
        self._waiting: dict[str, asyncio.Task[dict[ServerKind, History]]] = {}

    async def server(self, kind: ServerKind, manner: Manner = "plain") -> Server:
        """Return the server of a kind that was started so; raise :class:`ServiceError` where it did not come up.

        With the first of a manner, all kinds that are asked for are started, side by side.
        """
        for one in () if manner == "bare" else self._kinds:
            self._starting(one, manner)
        return await asyncio.wrap_future(self._starting(kind, manner))

    async def started(self, kind: ServerKind) -> History:
        """Return a history of how a server of the kind started."""
        history = self._history()
        try:
            name, told, detail = (await self.server(kind)).name, Kind.STARTED, ""
        except ServerEnded as ended:
            name, told, detail = f"{kind}-plain", Kind.NOT_STARTED, ended.traceback
        history.events.append(Event(at=time.monotonic(), kind=told, worker=name, detail=detail))
        return history

    # Playing

    async def player(
        self, kind: ServerKind, manner: Manner = "plain", *, path: str = "/echo/", offers: Sequence[str] = ()
    ) -> Player:
        """Return a player on one server of a kind; clients of /echo/ and /scope/ hear what they say."""
        player = self._player(await self.server(kind, manner), path, offers)
        self._run.histories.append(player.history)
        return player

    def _player(self, server: Server, path: str = "/echo/", offers: Sequence[str] = ()) -> Player:
        echoes = path.startswith(("/echo/", "/scope/"))
        endpoint = Endpoint(
            name="scripted",
            path=path,
            hears="sender" if echoes else "nobody",
            say="{text}" if echoes else "",
            subprotocols=tuple(offers),
        )
        return Player(WireStage(self._subject, endpoint, [server]))

    async def knocked(self, kind: ServerKind, manner: Manner) -> History:
        """Return what came of one handshake, where no application need see that it is one."""
        server = await self.server(kind, manner)
        history = self._history()
        who = Connection(id="alice#1", client="alice", worker=server.name)
        history.connections[who.id] = who
        history.events.append(Event(at=time.monotonic(), kind=Kind.CONNECT, connection=who.id))
        client = WireClient(server.url("/echo/"))
        match await client.open(patience.deadline):
            case Accepted():
                told, code = Kind.ACCEPTED, None
                await client.abort()
            case Refused(status):
                told, code = Kind.REFUSED, status
            case Unanswered():
                told, code = Kind.UNANSWERED, None
        history.events.append(Event(at=time.monotonic(), kind=told, connection=who.id, code=code))
        return history

    async def waited(self, what: Literal["handshake", "ping"], kind: ServerKind) -> History:
        """Return what became of a client, of an impatient server, that was kept waiting or did so itself.

        All servers are tried at the same time, once, since each may take seconds.
        """
        if what not in self._waiting:
            self._waiting[what] = asyncio.create_task(self._all(self._held if what == "handshake" else self._unheard))
        history = (await self._waiting[what])[kind]
        self._run.histories.append(history)
        return history

    async def _all(self, play: Callable[[ServerKind], Awaitable[History]]) -> dict[ServerKind, History]:
        return dict(zip(self._kinds, await asyncio.gather(*map(play, self._kinds)), strict=True))

    async def _held(self, kind: ServerKind) -> History:
        async with self._player(await self.server(kind, "impatient"), "/never-answer/") as player:
            await player.join("alice", user="", ready=False)
        return player.history

    async def _unheard(self, kind: ServerKind) -> History:
        async with self._player(await self.server(kind, "impatient"), "/listen/") as player:
            await player.join("alice", user="", pongs=False)
            await player.ended("alice", deadline=GIVES_UP.get(kind, patience.deadline + 1))
        return player.history

    async def fetched(self, kind: ServerKind, path: str = "/", *, wsgi: bool = False) -> History:
        """Return what came of asking a server of a kind for a path, over TLS, by the best HTTP that it speaks."""
        if wsgi:
            application, name = f"wsgi:{WSGI}", f"{kind}-wsgi"
            server = await asyncio.to_thread(self._run.serve, kind, name, application, tls=self._certificate)
        else:
            server = await self.server(kind, "secure")
        answer = await asyncio.to_thread(get, server.host, server.port, path)
        history = self._history()
        spoken = Event(at=time.monotonic(), kind=Kind.SPOKE, worker=server.name, text=answer.protocol)
        history.events.append(spoken)
        answered = Event(
            at=time.monotonic(), kind=Kind.RESPONDED, worker=server.name, code=answer.status, text=answer.body
        )
        pushed = (
            Event(at=time.monotonic(), kind=Kind.PROMISED, worker=server.name, text=promised)
            for promised in answer.promised
        )
        history.events += [*pushed, answered]
        return history

    # Starting

    def _starting(self, kind: ServerKind, manner: Manner) -> Future[Server]:
        key = (kind, manner)
        if key not in self._servers:
            options = self._options(kind, manner)
            self._servers[key] = self._run.soon(self._run.serve, kind, f"{kind}-{manner}", APPLICATION, **options)
        return self._servers[key]

    def _options(self, kind: ServerKind, manner: Manner = "plain") -> ServerOptions:
        table = self._tables["plain" if manner == "leaving" else manner]
        options: ServerOptions = {"options": table[kind]}
        if manner == "secure":
            options["tls"] = self._certificate
        if "without" in table:
            folder = self._run.folder / "without"
            folder.mkdir(exist_ok=True)
            for package in table["without"]:
                text = f'raise ImportError("{package} is not installed here")\n'
                (folder / f"{package}.py").write_text(text, encoding="utf-8")
            paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
            options["env"] = {"PYTHONPATH": os.pathsep.join(paths)}
        return options

    def _history(self) -> History:
        history = History()
        self._run.histories.append(history)
        return history

    @cached_property
    def _tables(self) -> dict[str, Any]:
        path = self._run.profile.root / "scripted" / "servers.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))

    @cached_property
    def _certificate(self) -> Certificate:
        return certificate(self._run.folder)
