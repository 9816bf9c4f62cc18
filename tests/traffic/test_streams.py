"""The quality of the strategies: what they never make, how often they find an event, and what they shrink to."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

from channels_conformance.traffic.steps import Drop, Frame, Join, Leave, Say, Step, Stream, validate
from channels_conformance.traffic.streams import (
    audiences,
    close_codes,
    conversations,
    frames,
    layer_values,
    room_names,
    texts,
    two_audiences,
)
from channels_conformance.traffic.values import LARGE_FRAME

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 4
"""How many runs of a hundred examples a rate is taken over."""


@pytest.fixture(scope="module")
def runs() -> list[list[Stream]]:
    """Return the streams of several runs, the same ones every time."""
    recorded = []
    for run in range(RUNS):
        streams: list[Stream] = []

        @seed(run)
        @settings(max_examples=100, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(conversations(frames=frames(large=False)))
        def record(stream: Stream) -> None:
            streams.append(stream)  # noqa: B023  called at once

        record()
        recorded.append(streams)
    return recorded


def says(stream: Stream) -> list[Say]:
    """Return what is said."""
    return [step for step in stream if isinstance(step, Say)]


def joins(stream: Stream) -> list[Join]:
    """Return the joins."""
    return [step for step in stream if isinstance(step, Join)]


def sends_an_empty_frame(stream: Stream) -> bool:
    """Tell whether a frame is empty."""
    return any(isinstance(step, Frame) and not step.payload for step in stream)


def reconnects(stream: Stream) -> bool:
    """Tell whether a client comes back."""
    return len({join.client for join in joins(stream)}) < len(joins(stream))


def interleaves_two_senders(stream: Stream) -> bool:
    """Tell whether a second client speaks between two sayings of a first."""
    order = [say.client for say in says(stream)]
    return any(a != b and a in order[i + 2 :] for i, (a, b) in enumerate(pairwise(order)))


def names_a_non_ascii_audience(stream: Stream) -> bool:
    """Tell whether an audience has a name that is not ASCII."""
    return any(not join.audience.isascii() for join in joins(stream))


def meets(stream: Stream) -> bool:
    """Tell whether two clients join one audience."""
    return len({(join.client, join.audience) for join in joins(stream)}) > len(
        {join.audience for join in joins(stream)}
    )


def spans_two_workers(stream: Stream) -> bool:
    """Tell whether clients join on two workers."""
    return len({join.worker for join in joins(stream)}) > 1


@pytest.mark.parametrize(
    "event",
    [
        sends_an_empty_frame,
        reconnects,
        interleaves_two_senders,
        names_a_non_ascii_audience,
        spans_two_workers,
    ],
)
def test_what_breaks_apps_is_found_often(event: Callable[[Stream], bool], runs: list[list[Stream]]) -> None:
    """Each event that an app tends to get wrong shows up in at least half of all runs of a hundred examples."""
    assert sum(any(map(event, streams)) for streams in runs) >= RUNS / 2


def test_most_streams_are_worth_playing(runs: list[list[Stream]]) -> None:
    """Nine streams in ten say something, and eight in ten say it where somebody else may hear."""
    streams = [stream for run in runs for stream in run]

    assert sum(bool(says(stream)) for stream in streams) > 0.9 * len(streams)
    assert sum(bool(says(stream)) and meets(stream) for stream in streams) > 0.8 * len(streams)


@pytest.mark.parametrize(
    ("shows", "simplest"),
    [
        (lambda stream: says(stream), (Say("alice", "a"),)),
        (lambda stream: any(isinstance(step, Leave) for step in stream), (Leave("alice"),)),
        (lambda stream: any(isinstance(step, Drop) for step in stream), (Drop("alice"),)),
        (sends_an_empty_frame, (Frame("alice", ""),)),
    ],
)
def test_a_stream_shrinks_to_two_joins_and_the_step_that_matters(
    shows: Callable[[Stream], Any], simplest: tuple[Step, ...]
) -> None:
    """The simplest stream is two clients in the lobby on one worker, and the one step in question."""
    stream = find(
        conversations(frames=frames()), lambda stream: bool(says(stream)) and bool(shows(stream)), random=Random(0)
    )

    assert stream[:2] == (Join("alice", "lobby"), Join("bob", "lobby"))
    assert set(simplest) <= set(stream[2:])
    assert len(stream) <= 4


def test_two_workers_and_two_audiences_are_kept_where_they_matter() -> None:
    """A fault that needs a second worker and a second audience shrinks to just those."""
    stream = find(
        conversations(),
        lambda stream: (
            spans_two_workers(stream) and len({j.audience for j in joins(stream)}) > 1 and bool(says(stream))
        ),
        random=Random(0),
    )

    assert len(stream) <= 6
    assert {join.worker for join in joins(stream)} == {0, 1}


@given(st.data())
def test_every_stream_is_legal_and_within_its_options(data: st.DataObject) -> None:
    """Only those act who are in, and no stream has more clients, workers or steps than were asked for."""
    clients = data.draw(st.integers(1, 5))
    workers = data.draw(st.integers(1, 3))
    max_steps = data.draw(st.integers(3, 15))

    stream = data.draw(
        conversations(clients=clients, workers=workers, max_steps=max_steps, drops=False, reconnects=False)
    )

    validate(stream)
    assert min(2, clients) < len(stream) <= max_steps
    assert {join.worker for join in joins(stream)} <= set(range(workers))
    assert 1 <= len(joins(stream)) <= clients
    assert not reconnects(stream)
    assert not any(isinstance(step, Drop | Frame) for step in stream)


@given(conversations(audiences=st.just("lobby"), texts=st.just("hi")))
def test_given_strategies_are_the_only_source(stream: Stream) -> None:
    """Audiences and texts come from the strategies given, and from nowhere else."""
    assert {join.audience for join in joins(stream)} == {"lobby"}
    assert {say.text for say in says(stream)} <= {"hi"}


@given(texts(max_size=5))
def test_texts_fit_and_travel(text: str) -> None:
    """A text is not empty, no longer than asked for, free of NUL, and can be written as UTF-8."""
    assert 1 <= len(text.encode()) <= 20
    assert len(text) <= 5
    assert "\0" not in text


def test_texts_may_be_empty_or_hold_nul_on_request() -> None:
    """The empty text and NUL are made only where they are asked for."""
    assert find(texts(empty=True), lambda text: True) == ""
    assert find(texts(nul=True), lambda text: "\0" in text) == "\0"


@pytest.mark.parametrize(
    "wanted",
    [
        lambda frame: frame == "",
        lambda frame: frame == b"",
        lambda frame: isinstance(frame, bytes) and frame != b"",
        lambda frame: isinstance(frame, str) and len(frame) >= LARGE_FRAME,
        lambda frame: isinstance(frame, bytes) and len(frame) >= LARGE_FRAME,
        lambda frame: isinstance(frame, str) and frame.startswith("[[[["),
        lambda frame: isinstance(frame, str) and '"type": "chat.message"' in frame,
        lambda frame: isinstance(frame, str) and isinstance(_decoded(frame), int | None | list),
        lambda frame: isinstance(frame, str) and _decoded(frame) is ValueError,
    ],
)
def test_frames_come_in_every_form(wanted: Callable[[str | bytes], bool]) -> None:
    """Every form of frame that the strategy promises can be found."""
    assert wanted(find(frames(), wanted, random=Random(0)))


def _decoded(frame: str) -> Any:
    try:
        return json.loads(frame)
    except (ValueError, RecursionError):
        return ValueError


@given(audiences())
def test_audiences_are_letters_digits_and_hyphens(name: str) -> None:
    """An audience fits into a path and a group's name by its signs and its length."""
    assert 1 <= len(name) <= 64
    assert all(sign.isalpha() or sign.isdecimal() or sign == "-" for sign in name)


@given(audiences(ascii_only=True))
def test_audiences_can_be_kept_to_ascii(name: str) -> None:
    """A subject whose route takes ASCII only gets ASCII only."""
    assert name.isascii()


@given(close_codes())
def test_close_codes_are_those_of_a_browser(code: int | None) -> None:
    """A close code is none, 1000, or one from 3000 to 4999."""
    assert code is None or code == 1000 or 3000 <= code <= 4999


@given(two_audiences())
def test_two_audiences_are_two(names: tuple[str, ...]) -> None:
    """A pair of audiences holds two different names."""
    assert len(set(names)) == 2


@given(room_names())
def test_room_names_fit_into_a_path(name: str) -> None:
    """A room name is never empty, holds no slash, and can be written in UTF-8."""
    assert name
    assert "/" not in name
    assert name.encode()


@given(layer_values())
def test_layer_values_survive_msgpack(value: Any) -> None:
    """What a layer message may hold is the same after msgpack has packed and unpacked it."""
    assert msgpack.unpackb(msgpack.packb(value)) == value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"clients": 0}, "clients=0: write a whole number from 1 to 5"),
        ({"clients": 6}, "clients=6: write a whole number from 1 to 5"),
        ({"workers": 0}, "workers=0: write a whole number of at least 1"),
        ({"max_steps": 2}, "max_steps=2: write a whole number of at least 3"),
        ({"audiences": "lobby"}, "audiences='lobby': write a hypothesis strategy"),
        ({"frames": True}, "frames=True: write a hypothesis strategy"),
        ({"drops": 1}, "drops=1: write True or False"),
    ],
)
def test_a_wrong_option_is_told_what_to_write(options: dict[str, Any], message: str) -> None:
    """Options are checked when the strategy is made, not when the first example is drawn."""
    with pytest.raises(ValueError, match=message):
        conversations(**options)
