"""Hypothesis strategies for streams: what several clients do, one step after another.

Every stream shrinks to what a person would have written by hand: two clients in the lobby, and one short sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from hypothesis import strategies as st

from channels_conformance.traffic import values
from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, Step, Stream
from channels_conformance.traffic.values import (
    MAX_AUDIENCE,
    WORST_FRAMES,
    audiences,
    close_codes,
    frames,
    layer_values,
    room_names,
    texts,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = [
    "NAMES",
    "WORST_FRAMES",
    "audiences",
    "close_codes",
    "conversations",
    "frames",
    "layer_values",
    "room_names",
    "texts",
    "two_audiences",
]

NAMES = ("alice", "bob", "carol", "dave", "erin")
"""The clients of a stream, in the order they first join. A client signs in as the user of its name."""

_Act = Literal["end", "join", "say", "frame", "leave", "drop"]


def conversations(
    *,
    clients: int = 3,
    audiences: SearchStrategy[str] | None = None,
    texts: SearchStrategy[str] | None = None,
    frames: SearchStrategy[str | bytes] | None = None,
    workers: int = 2,
    max_steps: int = 12,
    drops: bool = True,
    reconnects: bool = True,
) -> SearchStrategy[Stream]:
    """Return streams in which up to ``clients`` clients join, talk, leave and come back.

    Every stream passes :func:`~channels_conformance.traffic.steps.validate`, begins with the joins of two clients
    (of one where ``clients`` is 1), and names at most two audiences. Where ``audiences`` is None the second is often a
    near double of the first, which an app that mangles names takes for the same. Where ``frames`` is None no raw frame
    is sent. ``drops`` lets connections be dropped, ``reconnects`` lets a client that left come back.
    """
    values.check_int("clients", clients, least=1, most=len(NAMES))
    values.check_int("workers", workers, least=1)
    opening = min(2, clients)
    values.check_int("max_steps", max_steps, least=opening + 1)
    values.check_strategy("audiences", audiences, "audiences()")
    values.check_strategy("texts", texts, "texts()")
    values.check_strategy("frames", frames, "frames()")
    values.check_bool("drops", drops)
    values.check_bool("reconnects", reconnects)
    rooms = _rooms() if audiences is None else st.lists(audiences, min_size=1, max_size=2, unique=True).map(tuple)
    # The simplest act first, the frequent ones repeatedly.
    acts: list[_Act] = ["end", "say", "say", "say", "say", "say", "say", "join", "join", "join", "leave"]
    if frames is not None:
        acts += ["frame"] * 2
    if drops:
        acts += ["drop"]
    return _streams(
        _Options(
            names=NAMES[:clients],
            rooms=rooms,
            texts=values.texts() if texts is None else texts,
            frames=frames,
            acts=st.sampled_from(acts),
            clients=st.sampled_from(NAMES[:clients]),
            worker=st.integers(0, workers - 1),
            max_steps=max_steps,
            reconnects=reconnects,
        )
    )


# Made once: a strategy is costly to make, and these are drawn from in every stream.
_ANY_AUDIENCE = audiences()
_ANY_CODE = close_codes()
_OFTEN_FIRST = st.sampled_from([False, False, False, True])


@st.composite
def _rooms(draw: DrawFn) -> tuple[str, ...]:
    first = draw(_ANY_AUDIENCE)
    doubles = {first.swapcase(), first + "-", first[:-1], "".join(c if c.isascii() else "-" for c in first)}
    fitting = sorted(name for name in doubles - {first} if 1 <= len(name) <= MAX_AUDIENCE)
    apart = _ANY_AUDIENCE.filter(lambda name: name != first)
    second = st.sampled_from(fitting) | apart if fitting else apart
    return draw(st.just((first,)) | second.map(lambda name: (first, name)))


def two_audiences() -> SearchStrategy[tuple[str, ...]]:
    """Return pairs of audiences, often near doubles, which an app that mangles names takes for one."""
    return _rooms().filter(lambda rooms: len(rooms) == 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    names: tuple[str, ...]
    rooms: SearchStrategy[tuple[str, ...]]
    texts: SearchStrategy[str]
    frames: SearchStrategy[str | bytes] | None
    acts: SearchStrategy[_Act]
    clients: SearchStrategy[str]
    worker: SearchStrategy[int]
    max_steps: int
    reconnects: bool


@dataclass(slots=True)
class _Scene:
    """Who is in, and so what may happen next."""

    options: _Options
    rooms: tuple[str, ...]
    stream: list[Step] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def joiners(self) -> list[str]:
        """Return who may join: the next new client first, then those who may come back."""
        new = [name for name in self.options.names if name not in self.present and name not in self.gone][:1]
        return new + (self.gone if self.options.reconnects else [])

    def legal(self, act: _Act) -> _Act:
        """Return the act itself where it is legal here, else what comes nearest."""
        # The end is drawn even where there is no choice: so every stream ends alike, and is whole without any one step.
        if len(self.stream) == self.options.max_steps:
            return "end"
        opening = min(2, len(self.options.names))
        if len(self.stream) < opening:
            return "join"
        silent = not any(isinstance(step, Say) for step in self.stream)
        if silent and self.present and len(self.stream) == self.options.max_steps - 1:
            return "say"
        if act == "end" and len(self.stream) > opening:
            return "end"
        if act == "join" and self.joiners():
            return "join"
        if self.present:
            return "say" if act in ("end", "join") else act
        return "join" if self.joiners() else "end"

    def add(self, step: Step) -> None:
        self.stream.append(step)
        if isinstance(step, Join):
            self.present.append(step.client)
            self.gone = [name for name in self.gone if name != step.client]
        elif isinstance(step, Leave | Drop):
            self.present.remove(step.client)
            self.gone.append(step.client)


def _one_of(names: list[str], wanted: str) -> str:
    return wanted if wanted in names else names[0]


@st.composite
def _next_step(draw: DrawFn, scene: _Scene) -> Step | None:
    # A strategy of its own, so that the shrinker sees a step as one piece and can take it out. For the same reason the
    # choices to draw from never depend on who is in: else taking one step out would give every later one a new meaning.
    options = scene.options
    act = scene.legal(draw(options.acts))
    if act == "end":
        return None
    wanted = draw(options.clients)
    if act == "join":
        room = scene.rooms[-1] if draw(_OFTEN_FIRST) else scene.rooms[0]
        return Join(_one_of(scene.joiners(), wanted), room, draw(options.worker))
    client = _one_of(sorted(scene.present), wanted)
    if act == "say":
        return Say(client, draw(options.texts))
    if act == "frame" and options.frames is not None:
        return Frame(client, draw(options.frames))
    if act == "leave":
        return Leave(client, draw(_ANY_CODE))
    return Drop(client)


@st.composite
def _streams(draw: DrawFn, options: _Options) -> Stream:
    scene = _Scene(options, draw(options.rooms))
    while (step := draw(_next_step(scene))) is not None:
        scene.add(step)
    return tuple(scene.stream)
