"""What a player keeps while it plays: the clients it opened, what each received, and the history of it all."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Unpack

from channels_conformance.history import Connection, Event, History, Kind, markers_in
from channels_conformance.traffic import patience
from channels_conformance.traffic.client import Accepted, Client, Closed, ConnectionLost, Refused
from channels_conformance.traffic.stage import Handshake, Stage

AT_MOST = 6
"""How many deadlines in a row something is waited for while other things still come."""

GIVEN_UP = 0.5
"""Seconds that a play waits once something in it was lost: it has failed, and the rest is for the report."""

MOST_UNASKED = 5000
"""Frames without anything new to hear in them after which a connection is given up as flooded."""

MOST_UNASKED_SIZE = 64 * 1024 * 1024
"""Characters or bytes of such frames after which it is, too."""

ENDED = (Kind.RETURNED, Kind.CRASHED)

_plays = itertools.count(1)


class Recording:
    """The clients of one play, and its history, which grows as they are opened, send and receive."""

    def __init__(self, stage: Stage, *, deadline: float | None = None) -> None:
        self.history = History()
        self._stage = stage
        self._deadline = patience.deadline if deadline is None else deadline
        self._play = f"play{next(_plays)}"
        self._began = time.monotonic()
        self._clients: dict[str, Client] = {}
        self._here: dict[str, Connection] = {}  # by client name
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._heard: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)
        self._ended: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._unanswered = 0  # handshakes
        self._arrived = 0.0  # when anything came last that somebody may wait for
        self._in_flight = False  # something was said, or somebody came or went and others may be told
        self._tasks: dict[str, str] = {}  # the marker of each task that was queued, by the task's id

    async def _open(self, who: Connection, **handshake: Unpack[Handshake]) -> bool:
        self.history.connections[who.id] = who
        one = self._clients[who.id] = await self._stage.client(self._key(who.id), who, **handshake)
        self._record(Kind.CONNECT, who.id)
        opening = await one.open(self._deadline)
        if isinstance(opening, Accepted):
            self._record(Kind.ACCEPTED, who.id, text=opening.subprotocol)
            self._here[who.client] = who
            self._in_flight = self._in_flight or bool(self._stage.noise)
            self._readers[who.id] = asyncio.create_task(self._read(who.id, one), name=f"read {who.id}")
            for frame in await self._stage.first(who, handshake.get("credential")):
                text, data = (frame, None) if isinstance(frame, str) else (None, frame)
                await self._send(who.id, Kind.INTRODUCED, frame, text=text, data=data)
            return True
        if isinstance(opening, Refused):
            self._record(Kind.REFUSED, who.id, code=opening.status)
            await self._worker_done(who.id)
        else:
            self._record(Kind.UNANSWERED, who.id, detail=opening.reason)
            self._unanswered += 1
            self._deadline = min(self._deadline, GIVEN_UP)
        return False

    async def _send(self, connection: str, kind: Kind, payload: str | bytes, **event: Any) -> bool:
        self._record(kind, connection, **event)
        try:
            async with asyncio.timeout(self._deadline):
                await self._clients[connection].send(payload)
        except (ConnectionLost, TimeoutError):
            return False
        return True

    async def _hears(self, connection: str, marker: str) -> bool:
        heard = self._heard[connection, marker]
        ended = self._ended[connection]
        if not heard.is_set() and not ended.is_set():
            await self._first_of(heard.wait(), ended.wait())
        if not heard.is_set() and not ended.is_set():
            self._deadline = min(self._deadline, GIVEN_UP)
        return heard.is_set()

    async def _first_of(self, *waits: Coroutine[Any, Any, Any]) -> None:
        """Wait until one of these is over, or nothing has come any more until the deadline; give up the others."""
        waiters = [asyncio.create_task(wait) for wait in waits]
        began = now = time.monotonic()
        try:
            while now < (until := self._patient_until(began)):
                done, _ = await asyncio.wait(waiters, timeout=until - now, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    return
                now = time.monotonic()
        finally:
            for waiter in waiters:
                waiter.cancel()

    def _patient_until(self, began: float) -> float:
        last = max(began, self._arrived)
        return min(last, began + (AT_MOST - 1) * self._deadline) + self._deadline

    async def _read(self, connection: str, client: Client) -> None:
        unasked, size = 0, 0
        while True:
            if unasked > MOST_UNASKED or size > MOST_UNASKED_SIZE:
                self._record(Kind.FLOODED, connection, code=unasked)
                self._record(Kind.ABORTED, connection)
                await client.abort()
                break
            try:
                payload = await client.receive()
            except Closed as closed:
                self._record(Kind.CLOSED, connection, code=closed.code, detail=closed.reason)
                break
            text = payload if isinstance(payload, str) else None
            data = payload if isinstance(payload, bytes) else None
            found = markers_in(payload)
            if found:
                self._arrived = time.monotonic()
            if all(self._heard[connection, marker].is_set() for marker in found):
                unasked, size = unasked + 1, size + len(payload)
            if self._stage.is_noise(payload):
                self._record(Kind.NOISE, connection, text=text, data=data)
                continue
            self._record(Kind.RECEIVED, connection, text=text, data=data)
            for marker in found:
                self._heard[connection, marker].set()
        self._here = {name: who for name, who in self._here.items() if who.id != connection}
        self._in_flight = self._in_flight or bool(self._stage.noise)
        self._ended[connection].set()

    async def _worker_done(self, connection: str) -> None:
        if not await self._stage.ended(self._key(connection), deadline=self._deadline):
            self._deadline = min(self._deadline, GIVEN_UP)

    def _record(self, kind: Kind, connection: str, **event: Any) -> None:
        self.history.events.append(Event(at=time.monotonic(), kind=kind, connection=connection, **event))

    def _key(self, connection: str) -> str:
        return f"{self._play}/{connection}"

    def _unkeyed(self, event: Event) -> Event:
        if event.connection in self._tasks:
            return replace(event, connection="", marker=self._tasks[event.connection])
        if event.kind is Kind.ANSWERED and self._stage.is_noise(event.text or event.data or ""):
            # That it was sent is told, since it may have had no place there; what it carries proves nothing.
            event = replace(event, text=event.text and "", data=event.data and b"")
        return replace(event, connection=event.connection.removeprefix(f"{self._play}/")) if event.connection else event

    async def _finish(self) -> None:
        """Collect what the workers saw, look for members left behind, and sort the record; every client has left."""
        for event in self.history.of(Kind.UNANSWERED):
            with contextlib.suppress(RuntimeError):  # it never opened, so there may be nothing to drop
                await self._clients[event.connection].abort()
        broken: list[BaseException] = []
        if self._readers:
            done, stuck = await asyncio.wait(self._readers.values(), timeout=self._deadline)
            for reader in stuck:
                reader.cancel()
            broken = [error for reader in done if (error := reader.exception())]
        for group in await self._stage.members_left():
            self._record(Kind.MEMBER_LEFT_BEHIND, "", detail=group)
        said = [event.marker for event in self.history.of(Kind.SAID, Kind.DOOMED)]
        self.history.events += await self._stage.stored(said) if said else []
        keys = [*(self._key(connection) for connection in self.history.connections), *self._tasks]
        for event in self._stage.collect(keys, since=self._began):
            self.history.events.append(self._unkeyed(event))
        self.history.events.sort(key=lambda event: event.at)
        if self.history.of(Kind.MEMBER_LEFT_BEHIND):
            await self._stage.forget_members({event.detail for event in self.history.of(Kind.CHANNEL)})
        if broken:  # a client of ours that could not read is no silence of the subject
            raise broken[0]
