"""A stage in memory, on which a player can play: it echoes, tells rooms and users, and can be made to do so badly."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from channels_conformance.history import Connection, Event, Hears, Kind
from channels_conformance.traffic.client import (
    ABNORMAL,
    Accepted,
    Closed,
    ConnectionLost,
    Opening,
)
from channels_conformance.traffic.recording import ENDED
from channels_conformance.traffic.stage import Credential

Carry = Callable[["HubClient", str], list[str]]
"""What becomes of a frame on its way to a client: the frames that arrive there."""


class HubClient:
    """One WebSocket of the hub."""

    def __init__(self, hub: Hub, key: str, who: Connection) -> None:
        self.key = key
        self.who = who
        self._hub = hub
        self._frames: asyncio.Queue[str | Exception] = asyncio.Queue()
        self.is_open = False
        self.aborted = False

    async def open(self, deadline: float) -> Opening:
        """Be answered as the hub was told to answer, and otherwise accepted."""
        opening = self._hub.answers.get(self.who.client, Accepted("v1"))
        self.is_open = isinstance(opening, Accepted)
        if self.is_open:
            self._hub.clients.append(self)
        self._hub.report(self.key, Kind.DELIVERED, detail="websocket.connect")
        return opening

    async def send(self, payload: str | bytes) -> None:
        """Send a frame; the hub passes on those that say something."""
        if not self.is_open or self.who.client in self._hub.mute:
            raise ConnectionLost
        self._hub.hear(self, payload)

    async def close(self, code: int | None = None) -> None:
        """Leave."""
        self.end(1005 if code is None else code)

    async def abort(self) -> None:
        """Drop; complain where nothing was ever opened, as a client may."""
        self.aborted = True
        if self.who.client in self._hub.answers:
            raise RuntimeError("it never opened")
        self.end(ABNORMAL)

    async def receive(self) -> str | bytes:
        """Return the next frame."""
        frame = await self._frames.get()
        if isinstance(frame, Exception):
            self._frames.put_nowait(frame)
            raise frame
        return frame

    async def ping(self) -> None:
        """Be answered at once."""
        if not self.is_open:
            raise ConnectionLost

    def give(self, frame: str | Exception) -> None:
        """Put a frame on the wire to this client."""
        self._frames.put_nowait(frame)

    def end(self, code: int) -> None:
        """End the connection; the worker is done with it."""
        if self.is_open:
            self.is_open = False
            self._hub.clients.remove(self)
            self._hub.report(self.key, Kind.RETURNED)
            if self.who.client not in self._hub.never_closed:
                self.give(Closed(code))


class Hub:
    """A subject of one endpoint that keeps every claim, unless ``carry`` is replaced."""

    workers = 2
    notifies = True
    pushes = False
    admits_all = False
    one_audience = False
    noise: tuple[str, ...] = ()

    def __init__(self, hears: Hears = "group", carry: Carry = lambda client, frame: [frame]) -> None:
        self.endpoint = "chat"
        self.hears: Hears = hears
        self.carry = carry
        self.clients: list[HubClient] = []
        self.made: list[HubClient] = []
        self.answers: dict[str, Opening] = {}
        self.mute: set[str] = set()  # who can send no more, and does not know it
        self.never_closed: set[str] = set()  # who never learns that the connection has ended
        self.events: defaultdict[str, list[Event]] = defaultdict(list)
        self.waited: list[tuple[str, tuple[Kind, ...]]] = []
        self.handshakes: list[dict[str, Any]] = []
        self.left: list[str] = []
        self.groups: list[str] = []
        self.greetings: list[str | bytes] = []
        self.status = 200
        self.rows: list[Event] = []
        self.raised: list[tuple[str, str]] = []
        self.proofs: list[bool] = []
        self.forgotten: set[str] = set()
        self._tasks = itertools.count(1)

    async def client(self, key: str, who: Connection, **handshake: Any) -> HubClient:
        """Return an unopened client."""
        self.handshakes.append(handshake)
        self.made.append(HubClient(self, key, who))
        return self.made[-1]

    def worker(self, index: int) -> str:
        """Return the name of a worker; any index is good."""
        return f"worker-{index % self.workers}"

    async def first(self, who: Connection, credential: Credential | None) -> list[str | bytes]:
        """Return the frames with which clients begin, which say nothing."""
        return list(self.greetings)

    async def frame(self, text: str) -> str:
        """Return the frame that says a text."""
        return f"SAY {text}"

    def is_noise(self, payload: str | bytes) -> bool:
        """Return whether a frame holds one of the words of noise."""
        return any(word in str(payload) for word in self.noise)

    async def push(self, user: str, audience: str, text: str, *, worker: str = "") -> int:
        """Tell everybody in a room, as an HTTP call would."""
        for client in list(self.clients):
            if client.who.audience == audience:
                self._carry(client, text)
        return self.status

    async def groups_of(self, channel: str) -> list[str]:
        """Return the groups that a channel was said to be in."""
        return self.groups

    def hear(self, sayer: HubClient, payload: str | bytes) -> None:
        """Pass on what is said to all who must hear it."""
        if not isinstance(payload, str) or not payload.startswith("SAY "):
            return
        for client in list(self.clients):
            if client is sayer or (self.hears == "group" and client.who.audience == sayer.who.audience):
                self._carry(client, payload)

    async def notify(self, user: str, text: str, *, failing: bool = False, further: Sequence[object] = ()) -> str:
        """Tell all connections of a user, and be done with the task."""
        task = f"task-{next(self._tasks)}"
        for client in list(self.clients):
            if client.who.user == user and not failing:
                self._carry(client, text)
        self.report(task, Kind.TASK_ENDED)
        return task

    def _carry(self, client: HubClient, frame: str) -> None:
        for arriving in self.carry(client, frame):
            client.give(arriving)

    async def raise_in(self, channel: str, alias: str) -> bool:
        """Note whose handler was to raise."""
        self.raised.append((channel, alias))
        return True

    async def seen(self, key: str, *kinds: Kind, deadline: float, marker: str = "", since: float = 0.0) -> Event | None:
        """Return what the worker has reported; here it never has to be waited for."""
        self.waited.append((key, kinds))
        return next((event for event in self.events[key] if event.kind in kinds and event.at >= since), None)

    async def ended(self, key: str, *, deadline: float) -> Event | None:
        """Return how the application ended, as the worker has reported it."""
        return await self.seen(key, *ENDED, deadline=deadline)

    def proved(self, *, heard: bool) -> None:
        """Note whether a client heard its own first fence."""
        self.proofs.append(heard)

    def collect(self, keys: Iterable[str], *, since: float) -> list[Event]:
        """Return and forget what was reported."""
        return [event for key in keys for event in self.events.pop(key, [])]

    async def members_left(self) -> list[str]:
        """Return the groups that were said to hold a member."""
        return self.left

    async def forget_members(self, channels: Collection[str]) -> None:
        """Note who is taken out of all groups."""
        self.forgotten |= {*channels}

    async def stored(self, markers: Iterable[str]) -> list[Event]:
        """Return the rows that carry one of the markers."""
        wanted = set(markers)
        return [row for row in self.rows if row.marker in wanted]

    def report(self, key: str, kind: Kind, **event: Any) -> None:
        """Report as a worker would."""
        self.events[key].append(Event(at=time.monotonic(), kind=kind, connection=key, worker="worker-0", **event))

    def of(self, client: str) -> HubClient:
        """Return the open connection of a client."""
        return next(one for one in self.clients if one.who.client == client)
