"""What a player plays on: clients can be opened there, and what the workers saw can be asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypedDict, Unpack

from channels_conformance.history import Connection, Event, Hears, Kind
from channels_conformance.traffic.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a client shows to say who it is; nothing at all where it is nobody."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    session: str = ""  # the key of its session

    def fills(self, template: str) -> bool:
        """Return whether it has what a template asks for; a client who has not leaves the template out."""
        return bool(("{token}" not in template or self.token) and ("{session}" not in template or self.session))

    def made(self, value: str) -> Credential:
        """Return the same kind of credential with another value in it."""
        return Credential(
            cookies=dict.fromkeys(self.cookies, value),
            token=value if self.token else "",
            session=value if self.session else "",
        )


class Handshake(TypedDict, total=False):
    """What a client can do otherwise than usual when it knocks."""

    origin: str | None  # None: the server's own; "": none is sent
    credential: Credential | None  # None: what the user shows, signed in
    path: str | None  # None: the endpoint's, with its query
    query: str  # what is added to the query
    hold_accept: bool  # the application stays inside its accept until the client, which has seen it, sends something
    hold_answers: bool  # while the gate of its worker is shut, the application stays inside what it sends, a close too
    headers: Sequence[tuple[str, str]]  # further ones, in this order, over the wire
    pongs: bool  # over the wire: whether the client answers pings, as it does by default
    deaf: bool  # over the wire: the client goes on sending once it has been closed


class Stage(Protocol):
    """What a player plays on."""

    endpoint: str
    hears: Hears
    workers: int
    notifies: bool  # whether the subject can be made, by a task, to tell a user something
    pushes: bool  # whether it can be made, by an HTTP call, to tell an audience something
    one_audience: bool  # whether all clients are told the same, wherever they are said to be
    admits_all: bool  # whether who may not enter is accepted all the same, and must then be told nothing
    noise: tuple[str, ...]  # words; a frame that holds one is noise

    async def client(self, key: str, who: Connection, **handshake: Unpack[Handshake]) -> Client:
        """Return an unopened client for ``who``; ``key`` names the connection to the worker's tap."""
        ...

    def worker(self, index: int) -> str:
        """Return the name of a worker."""
        ...

    async def first(self, who: Connection, credential: Credential | None) -> list[str | bytes]:
        """Return the frames that ``who`` sends once accepted, before anything else."""
        ...

    async def frame(self, text: str) -> str | bytes:
        """Return the frame with which a client says ``text``."""
        ...

    def is_noise(self, payload: str | bytes) -> bool:
        """Return whether a frame is noise: a greeting, who is present, and no delivery of anything."""
        ...

    async def notify(self, user: str, text: str, *, failing: bool = False, further: Sequence[object] = ()) -> str:
        """Queue a task that tells ``user`` something that carries ``text``, or fails; return the task's id."""
        ...

    async def push(self, user: str, audience: str, text: str, *, worker: str = "") -> int:
        """Have a user make the HTTP call that tells an audience something that carries ``text``; return its status.

        The status is 0 where there was no answer.
        """
        ...

    async def groups_of(self, channel: str) -> list[str]:
        """Return the groups that hold a channel now."""
        ...

    async def raise_in(self, channel: str, alias: str) -> bool:
        """Make the consumer that owns this channel raise in a handler; return whether there is a way to reach it."""
        ...

    async def seen(self, key: str, *kinds: Kind, deadline: float, marker: str = "", since: float = 0.0) -> Event | None:
        """Wait until a worker reported one of these kinds of a connection, or of a task."""
        ...

    async def ended(self, key: str, *, deadline: float) -> Event | None:
        """Wait until a worker reported that the application has ended with a connection."""
        ...

    def proved(self, *, heard: bool) -> None:
        """Take note that a client has heard its own first fence, or has waited for it in vain."""
        ...

    def collect(self, keys: Iterable[str], *, since: float) -> list[Event]:
        """Return and forget what workers reported of these connections, and of no connection since then."""
        ...

    async def members_left(self) -> list[str]:
        """Return the groups that still hold a member, now that every connection has ended."""
        ...

    async def forget_members(self, channels: Collection[str]) -> None:
        """Take channels out of all groups, so that what one play left behind is no business of the next."""
        ...

    async def stored(self, markers: Iterable[str]) -> list[Event]:
        """Return the rows that carry these markers, where what is said is stored."""
        ...
