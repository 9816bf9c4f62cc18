"""The one record of a play: who, when, which worker, which event, which payload.

Nothing is judged here. A player appends what it and the workers saw; :mod:`channels_conformance.checks` reads the
finished record and names anomalies; the report draws it. Because the record is plain data, a check can be tested on a
history written by hand.

Two sides see a connection. The *client* side is what travelled over the socket. The *worker* side is what crossed the
ASGI boundary inside the process that served it (recorded by the tap around the subject's application). Both carry
``time.monotonic()``, which processes of one machine share, so one order holds for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Hears = Literal["sender", "group", "user", "nobody"]
"""Who must hear what a client says on an endpoint."""


MARKER = re.compile(r"~[a-z0-9-]+~")
"""What a marker looks like. It is ASCII and no JSON, HTML or URL encoding changes it, so it is found in any answer."""


GONE = "gone"
"""Marks a crash by the exception with which a server says that the client it was to send to has just gone."""


def markers_in(payload: str | bytes) -> list[str]:
    """Return the markers that a frame carries, in order, each as often as it stands there."""
    return MARKER.findall(payload if isinstance(payload, str) else payload.decode("utf-8", "replace"))


class Kind(StrEnum):
    """What an :class:`Event` records."""

    # Seen by the client.
    CONNECT = "connect"  # the handshake was begun
    ACCEPTED = "accepted"  # the handshake was completed; text: the subprotocol chosen, if any
    REFUSED = "refused"  # the handshake was answered otherwise; code: the HTTP status
    UNANSWERED = "unanswered"  # the handshake was not answered before the failure deadline
    INTRODUCED = "introduced"  # the client sent one of its first frames: who it is, which room; text or data
    READY = "ready"  # the client has proof that it takes part: its own first fence came back
    SAID = "said"  # a message meant to be heard; marker names it, text is what it says
    DOOMED = "doomed"  # what was said must not be stored, or a task queued must fail; marker names it, detail: its user
    SENT = "sent"  # a raw frame that nobody need hear; text or data
    FENCE = "fence"  # a marker sent down the same path as messages
    RECEIVED = "received"  # a frame arrived; text or data
    FLOODED = "flooded"  # more frames arrived than anybody asked for, and the client gave up; code: how many
    NOISE = "noise"  # a frame arrived that the profile calls noise; text or data
    PING = "ping"  # the client sent a protocol ping
    PONG = "pong"  # its worker answered it
    LEAVING = "leaving"  # the client began the closing handshake; code: what it sent, None for no code
    ABORTED = "aborted"  # the client dropped the TCP connection
    CLOSED = "closed"  # the client saw the end; code: RFC 6455 close code, 1006 for none

    # Seen in a browser.
    SHOWN = "shown"  # what a page shows beside its messages, as far as anybody looked; text; detail: where
    KNOCKED = "knocked"  # a page's script opened a socket; text: to which URL, detail: the URL of the page
    WAITED = "waited"  # a page's script asked to be woken later; code: after how many milliseconds
    SCRIPT_FAILED = "script failed"  # an exception left a page's script; detail: what it says

    # Seen by the worker, at the ASGI boundary. detail: the ASGI event type.
    DELIVERED = "delivered"  # the server handed this event to the application
    ANSWERED = "answered"  # the application sent this event
    HELD = "held"  # the application waits in its send(), at a gate that is shut
    LET_GO = "let go"  # it waits no longer
    RETURNED = "returned"  # the application callable returned
    CRASHED = "crashed"  # an exception left the application; detail: the traceback

    # Seen by the instruments inside a worker process.
    INSTANCE = "instance"  # a consumer was made; detail: its class, marker: its identity, text: "sync" or "async"
    CHANNEL = "channel"  # a consumer got its channel; detail: its name, marker: the alias of its layer
    EVENT_HANDLED = "event handled"  # a consumer's first event of a type; marker: the type, detail: the method for it
    PROBED = "probed"  # a method ran that only a client can have named; detail: its name
    TASKS_LEFT = "tasks left"  # what a consumer that ended left running of what it had started; code: how many
    EVENT_CHANGED = "event changed"  # a handler changed the layer event it was given; detail: from what to what
    HANDLING = "handling"  # a handler of frames was entered; marker: its thread, text: loop or thread, detail: the loop
    STOPPED = "stopped"  # a consumer will handle nothing more; detail: the traceback, where a handler raised
    DISCONNECT_RAN = "disconnect ran"  # a consumer's own disconnect() was entered; code: what it was given
    ORM_ON_LOOP = "orm on loop"  # a query on an event loop's thread; text: reads, writes or refused, detail: the stack
    LOOP_BLOCKED = "loop blocked"  # the loop stood still inside one call; detail: the stack
    QUERY = "query"  # a database query on a thread without a loop; marker: the thread, text: reads or writes
    OLD_CLOSED = "old closed"  # a thread closed its old database connections, or made a new one; marker: the thread
    UNAWAITED = "unawaited"  # a coroutine was dropped without being awaited; detail: the warning

    # Seen outside any connection.
    QUEUED = "queued"  # a task was sent to the broker; marker names it
    PUSHED = (
        "pushed"  # an HTTP call that tells an audience; marker names it, detail: the audience or user, code: status
    )
    TASK_STARTED = "task started"  # a Celery child began it
    TASK_ENDED = "task ended"  # a Celery child finished it; detail: the traceback where it failed
    RESULT = (
        "result"  # what a task returned was read where it was queued; marker, text: what, detail: what came instead
    )
    REPLIED = "replied"  # a Celery worker answered a question; text: the answer
    LINKED = (
        "linked"  # a process holds a connection to the broker; worker: which, marker: the connection, code: the look
    )
    MEMBER = "member"  # a group held the channel of a connection that must be shut out; detail: the group
    MEMBER_LEFT_BEHIND = "member left behind"  # a group still held a channel after the play; detail: the group
    CONNECTIONS_HELD = "connections held"  # what a worker at rest holds of a database; code: how many, text: at most
    TRANSACTION_LEFT_OPEN = "transaction left open"  # by a worker at rest; detail: its last statement
    LOOKED = "looked"  # the database was asked for a marker that somebody had just heard; code: how many rows carry it
    SPOKE = "spoke"  # a client and a server agreed on a protocol for HTTP; text: which, worker: the server
    PROMISED = "promised"  # a server pushed what nobody had asked for; text: its path, worker: the server
    STARTED = "started"  # a server answered; worker: which
    NOT_STARTED = "not started"  # a server ended before it answered; worker: which, detail: its last traceback
    LOGGED = "logged"  # what a server had written into its log when it was ended; text: all of it
    CONFIGURED = "configured"  # what a setting comes to; marker names it, text: its value, detail: where it was found
    CALLED = "called"  # a function was called in a thread; marker: the thread, text: how, detail: what came instead
    THREADS = "threads"  # the threads of a process were counted; code: how many, text: how many connections it serves
    KEPT = "kept"  # what a channel layer keeps was counted; code: how much, text: how many readers had come and gone
    TOOK = "took"  # a channel layer did what it was asked for; text: what that was
    DECLINED = "declined"  # it raised instead; text: what it was asked for, detail: the exception
    HANDED = "handed"  # it handed a message to a reader; text: the message as sent, detail: as it came
    REQUESTED = "requested"  # an HTTP request was sent; marker names it, text: its first line
    RESPONDED = "responded"  # it was answered; marker names it, code: the status, text: the body, detail: its type
    NO_RESPONSE = "no response"  # it was not, or not to its end; marker and text as above, detail: why
    TOLD = "told"  # an application, or a project, told something of itself; marker: what, text: its value
    STORED = "stored"  # a row was found that carries a marker; marker, detail: user and audience as stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One WebSocket of one client. A client that comes back has a new one: ``alice#1``, then ``alice#2``."""

    id: str
    client: str
    user: str = ""  # the name signed in with; empty: anonymous
    endpoint: str = ""
    audience: str = ""  # the parameters that decide who hears: the room, say; connections of one audience share it
    hears: Hears = "sender"
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, seen from one place."""

    at: float  # seconds, time.monotonic() of whoever saw it
    kind: Kind
    connection: str = ""  # Connection.id, empty where no connection is concerned
    text: str | None = None
    data: bytes | None = None
    marker: str = ""
    code: int | None = None
    worker: str = ""  # which worker saw it; empty: seen by the client
    detail: str = ""

    @property
    def as_text(self) -> str:
        """The frame as text, whichever kind it is: bytes are read as UTF-8, as far as they are."""
        return (self.data or b"").decode("utf-8", "replace") if self.text is None else self.text


@dataclass(slots=True)
class History:
    """The record of one play, in the order of :attr:`Event.at`."""

    connections: dict[str, Connection] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    script: tuple[str, ...] = ()  # the stream that was played, a line a step

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def with_(self, *others: History) -> History:
        """Return the record of plays that went on at the same time, clients of different names, as one."""
        histories = (self, *others)
        return History(
            connections={name: who for history in histories for name, who in history.connections.items()},
            events=sorted((event for history in histories for event in history), key=lambda event: event.at),
            script=tuple(line for history in histories for line in history.script),
        )

    def of(self, *kinds: Kind, connection: str | None = None) -> list[Event]:
        """Return the events of these kinds, of one connection where it is named."""
        return [
            event
            for event in self.events
            if event.kind in kinds and (connection is None or event.connection == connection)
        ]

    def first(self, *kinds: Kind, connection: str | None = None) -> Event | None:
        """Return the earliest event of these kinds, or None."""
        return next(iter(self.of(*kinds, connection=connection)), None)

    def by_connection(self) -> Iterator[tuple[str, list[Event]]]:
        """Yield each connection that events are about, with its events in order."""
        events: dict[str, list[Event]] = {}
        for event in self.events:
            if event.connection:
                events.setdefault(event.connection, []).append(event)
        yield from events.items()
