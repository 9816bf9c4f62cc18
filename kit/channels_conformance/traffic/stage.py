"""What a player plays on: clients can be opened there, and what the workers saw can be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypedDict, Unpack

from channels_conformance.history import Connection, Event, Hears, Kind
from channels_conformance.traffic.client import Client


class Handshake(TypedDict, total=False):
    """What a client can do otherwise than usual when it knocks."""

    origin: str | None  # None: the server's own; "": none is sent
    cookies: Mapping[str, str] | None  # None: those of the user, signed in
    subprotocols: Iterable[str] | None  # None: those of the profile
    path: str | None  # None: the endpoint's
    headers: Mapping[str, str] | None
    hold_accept: bool  # the application stays inside its accept until the client, which has seen it, sends something
    deaf: bool  # over the wire: the client goes on sending once it has been closed


class Stage(Protocol):
    """What a player plays on."""

    endpoint: str
    hears: Hears
    workers: int
    notifies: bool  # whether the subject can be made to tell a user something

    async def client(self, key: str, who: Connection, **handshake: Unpack[Handshake]) -> Client:
        """Return an unopened client for ``who``; ``key`` names the connection to the worker's tap."""
        ...

    def worker(self, index: int) -> str:
        """Return the name of a worker."""
        ...

    def frame(self, text: str) -> str:
        """Return the frame with which a client says ``text``."""
        ...

    async def notify(self, user: str, text: str, *, failing: bool = False) -> str:
        """Queue a task that tells ``user`` something that carries ``text``, or fails; return the task's id."""
        ...

    async def raise_in(self, channel: str, alias: str) -> None:
        """Make the consumer that owns this channel raise in a handler."""
        ...

    async def seen(self, key: str, *kinds: Kind, deadline: float, marker: str = "", since: float = 0.0) -> Event | None:
        """Wait until a worker reported one of these kinds of a connection, or of a task."""
        ...

    def collect(self, keys: Iterable[str], *, since: float) -> list[Event]:
        """Return and forget what workers reported of these connections, and of no connection since then."""
        ...

    async def members_left(self) -> list[str]:
        """Return the groups that still hold a member, now that every connection has ended."""
        ...

    async def stored(self, markers: Iterable[str]) -> list[Event]:
        """Return the rows that carry these markers, where what is said is stored."""
        ...
