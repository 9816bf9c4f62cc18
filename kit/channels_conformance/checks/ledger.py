"""Who said what, who was there, and who heard it: one pass over a history, for the checks on delivery.

Every text a client says holds a *marker* that no other text holds. A frame is read as carrying a message if the marker
is in it; it arrived *intact* if the whole text is in it as well: as it stands, as a string anywhere in its JSON, or
escaped in its HTML.
Frames with no marker are presence, errors and other talk of the app, and are nobody's business.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

from channels_conformance.checks.finding import who
from channels_conformance.history import MARKER, Connection, Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

OVERLAPPING: Final = re.compile(f"(?=({MARKER.pattern}))")  # finds ``~m1~`` in ``~a~m1~``, which a said text may make

STEPS: Final = frozenset({Kind.CONNECT, Kind.SAID, Kind.SENT, Kind.FENCE, Kind.QUEUED, Kind.PUSHED})
UNASKED_ENDINGS: Final = frozenset({1006, 1011, 1012})  # what a client sees of a worker that crashed or was killed


def markers(event: Event) -> dict[str, None]:
    """Return the markers an event carries, each once, in their order."""
    found = dict.fromkeys(OVERLAPPING.findall(event.as_text))
    if event.marker:
        found.setdefault(event.marker)
    return found


def holds(event: Event, text: str) -> bool:
    """Tell whether a frame holds a text: as it stands, as a string in its JSON (keys aside), or escaped in its HTML."""
    raw = event.as_text
    if text in raw or any(text in leaf for leaf in _strings(raw)):
        return True
    # Only a frame that is markup as a whole is read as markup: inside JSON, an escaped text is an altered one.
    return raw.lstrip().startswith("<") and text in unescape(raw)


def _strings(raw: str) -> Iterator[str]:
    try:
        pending = [json.loads(raw)]
    except (ValueError, RecursionError):
        return
    while pending:
        match pending.pop():
            case str() as leaf:
                yield leaf
            case dict() as members:
                pending.extend(members.values())
            case list() as items:
                pending.extend(items)


@dataclass(slots=True)
class Span:
    """When a connection took part. ``inf`` for what never happened."""

    connect: float = float("inf")
    accepted: float = float("inf")
    ready: float = float("inf")
    ending: float = float("inf")  # the first of leaving, aborted, closed, crashed
    returned: float = float("inf")
    chosen: bool = False  # its client ended it
    told: bool = False  # its application was told of the end
    closed: bool = False  # its application closed it, be it that its client began to leave at the same moment
    aborted: bool = False
    died: bool = False  # it crashed, or ended abnormally though its client had not asked

    @property
    def cut_off(self) -> bool:
        """Tell whether it was ended by the server or the application rather than by its client."""
        return self.closed or (self.ending < float("inf") and not self.chosen)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message or a fence of one connection, or what a queued task or an HTTP call tells (then ``sayer`` is None)."""

    event: Event
    index: int  # its place among all utterances
    sayer: Connection | None

    @property
    def text(self) -> str:
        """What must arrive: the text said, or the bare marker where no text is recorded."""
        return self.event.text if self.event.text is not None else self.event.marker

    @property
    def is_fence(self) -> bool:
        """Tell whether it is a fence rather than a message."""
        return self.event.kind is Kind.FENCE


@dataclass(frozen=True, slots=True)
class Arrival:
    """One frame that carries one marker, at one connection."""

    event: Event
    intact: bool


class Ledger:
    """A history, sorted for the questions of the checks. Made in one pass; its cost is linear in events and frames."""

    def __init__(self, history: History, *, takes_part_from: Kind = Kind.READY) -> None:
        self.history = history
        self._from_accepted = takes_part_from is Kind.ACCEPTED
        self.utterances: dict[str, Utterance] = {}
        self.spans: dict[str, Span] = defaultdict(Span)
        self.frames: list[tuple[Event, dict[str, None]]] = []
        """Received frames with at least one marker."""
        self.heard: dict[str, dict[str, list[Arrival]]] = defaultdict(lambda: defaultdict(list))
        """What arrived, by marker and connection."""
        self.answers: dict[tuple[str, str], list[Event]] = defaultdict(list)
        """What the application sent, by connection and marker."""
        self.tasks: dict[str, dict[Kind, list[Event]]] = defaultdict(lambda: defaultdict(list))
        self._last_step = float("-inf")
        self._delivered: set[tuple[str, str]] = set()
        self._fences: dict[str, list[Utterance]] = defaultdict(list)
        self._place_fences: dict[tuple[str, str], list[Utterance]] = defaultdict(list)
        self._group: dict[tuple[str, str], list[Connection]] = defaultdict(list)
        self._user: dict[tuple[str, str], list[Connection]] = defaultdict(list)
        for connection in history.connections.values():
            self._group[connection.endpoint, connection.audience].append(connection)
            self._user[connection.endpoint, connection.user].append(connection)
        for event in history:
            self._take(event)

    def _take(self, event: Event) -> None:
        span = self.spans[event.connection]
        if event.kind in STEPS:
            self._last_step = event.at
        match event.kind:
            case Kind.CONNECT:
                span.connect = min(span.connect, event.at)
            case Kind.ACCEPTED:
                span.accepted = min(span.accepted, event.at)
            case Kind.READY:
                span.ready = min(span.ready, event.at)
            case Kind.LEAVING | Kind.ABORTED | Kind.CLOSED:
                unasked = span.ending == float("inf") and event.kind is Kind.CLOSED
                span.died = span.died or (unasked and event.code in UNASKED_ENDINGS)
                span.chosen = span.chosen or (span.ending == float("inf") and event.kind is not Kind.CLOSED)
                span.aborted = span.aborted or event.kind is Kind.ABORTED
                span.ending = min(span.ending, event.at)
            case Kind.RETURNED:
                span.returned = min(span.returned, event.at)
            case Kind.CRASHED:
                span.died = True
                span.ending = min(span.ending, event.at)
            case Kind.SAID | Kind.FENCE | Kind.QUEUED | Kind.PUSHED:
                utterance = Utterance(event, len(self.utterances), self.history.connections.get(event.connection))
                self.utterances.setdefault(event.marker, utterance)
                if utterance.is_fence and utterance.sayer is not None:
                    self._fences[event.connection].append(utterance)
                    self._place_fences[utterance.sayer.endpoint, utterance.sayer.audience].append(utterance)
            case Kind.TASK_STARTED | Kind.TASK_ENDED:
                self.tasks[event.marker][event.kind].append(event)
            case Kind.RECEIVED:
                if found := markers(event):
                    self.frames.append((event, found))
                for marker in found:
                    said = self.utterances.get(marker)
                    intact = said is None or holds(event, said.text)
                    self.heard[marker][event.connection].append(Arrival(event, intact))
            case Kind.DELIVERED:
                span.told = span.told or event.detail == "websocket.disconnect"
                self._delivered.update((event.connection, marker) for marker in markers(event))
            case Kind.ANSWERED:
                span.closed = span.closed or (event.detail == "websocket.close" and not span.told)
                for marker in markers(event):
                    self.answers[event.connection, marker].append(event)

    def who(self, connection: str) -> str:
        """Return how a sentence names a connection."""
        return who(self.history, connection)

    def arrivals(self, said: Utterance, listener: str) -> list[Arrival]:
        """Return the frames that brought a message to a connection."""
        return self.heard.get(said.event.marker, {}).get(listener, [])

    def may_hear(self, listener: Connection, said: Utterance) -> bool:
        """Tell whether a connection belongs to those a message is meant for, whenever it was there."""
        sayer = said.sayer
        if said.event.kind is Kind.PUSHED:
            return said.event.detail == (listener.user if listener.hears == "user" else listener.audience)
        if sayer is None:
            return _hears_tasks(listener) and listener.user == said.event.detail
        if listener.id == sayer.id:
            return True
        if listener.endpoint != sayer.endpoint:
            return False
        # Where nobody hears what a client says, its fence is an HTTP call that tells the whole audience.
        among = sayer.hears == "group" or (sayer.hears == "nobody" and said.is_fence)
        return (among and listener.audience == sayer.audience) or (
            sayer.hears == "user" and listener.user == sayer.user != ""
        )

    def owed_to(self, said: Utterance) -> list[Connection]:
        """Return the connections that must hear a message, as :mod:`channels_conformance.checks.delivery` tells."""
        sayer = said.sayer
        if sayer is None:
            everyone = self.history.connections.values()
            return [it for it in everyone if self.may_hear(it, said) and self._there_throughout(it, said)]
        if said.is_fence:
            # A fence is there to come back. What it proves to others it proves by arriving.
            span = self.spans[sayer.id]
            return [sayer] if self.accepted(sayer.id) and not span.cut_off and sayer.hears != "nobody" else []
        if not self.processed(said):
            return []
        match sayer.hears:
            case "sender":
                peers = [sayer]
            case "group":
                peers = self._group[sayer.endpoint, sayer.audience]
            case "user":
                peers = self._user[sayer.endpoint, sayer.user] if sayer.user else [sayer]
            case _:
                peers = []
        return [it for it in peers if self._there_throughout(it, said)]

    def accepted(self, connection: str) -> bool:
        """Tell whether the handshake of a connection was completed."""
        return self.spans[connection].accepted < float("inf")

    def processed(self, said: Utterance) -> bool:
        """Tell whether the record proves that the application got what was said, or leaves it no excuse."""
        sayer = said.event.connection
        span = self.spans[sayer]
        if not span.accepted <= said.event.at <= span.ending:
            return False
        if self._came_back(said, sayer):
            return True
        gone = span.aborted or span.cut_off  # what was under way then may never have come
        return not span.died and (not gone or (sayer, said.event.marker) in self._delivered)

    def fenced_at(self, said: Utterance) -> float:
        """Return when the sayer's next fence came back to it: from then on nothing it said before is under way."""
        for fence in self._later_fences(said):
            if back := self.arrivals(fence, said.event.connection):
                return back[0].event.at
        return float("inf")

    def _there_throughout(self, listener: Connection, said: Utterance) -> bool:
        span = self.spans[listener.id]
        alone = said.sayer is not None and said.sayer.hears == "sender"
        start = span.accepted if alone or self._from_accepted else span.ready
        if not start <= said.event.at < span.ending:
            return False
        if span.ending == float("inf"):
            return True
        if said.sayer is None:
            return span.chosen and span.ending > self._last_step
        return any(self._proven(fence, listener.id, span) for fence in self._proofs(said, said.sayer))

    def _proven(self, fence: Utterance, listener: str, span: Span) -> bool:
        if self.arrivals(fence, listener):
            return True
        # The fence with which a client proves itself ready is waited for by that client alone, any later one by all,
        # unless the server cuts one of the two off.
        sayer = self.spans[fence.event.connection]
        awaited = fence.event.at > sayer.ready and not sayer.cut_off and not span.cut_off
        return awaited and fence.event.at < span.ending

    def _proofs(self, said: Utterance, sayer: Connection) -> Iterator[Utterance]:
        yield from self._later_fences(said)
        fences = self._place_fences.get((sayer.endpoint, sayer.audience), [])
        done = self.spans[sayer.id].returned
        yield from fences[bisect_right(fences, done, key=lambda fence: fence.event.at) :]

    def _came_back(self, said: Utterance, listener: str) -> bool:
        return any(self.arrivals(fence, listener) for fence in self._later_fences(said))

    def _later_fences(self, said: Utterance) -> Iterator[Utterance]:
        fences = self._fences.get(said.event.connection, [])
        first = bisect_right(fences, said.index, key=lambda fence: fence.index)
        return (fences[i] for i in range(first, len(fences)))


def _hears_tasks(listener: Connection) -> bool:
    # What is told to a user arrives where no sender and no room decides who hears.
    return listener.hears in {"user", "nobody"}
