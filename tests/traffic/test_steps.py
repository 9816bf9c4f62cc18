"""Steps print as a script, convert to data and back, and only those who are in may act."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from channels_conformance.traffic.steps import (
    Drop,
    Frame,
    Join,
    Leave,
    Say,
    Step,
    Stream,
    from_data,
    script,
    validate,
)
from channels_conformance.traffic.streams import conversations, frames


def test_a_stream_reads_as_a_script() -> None:
    """Each step is one line that says who does what."""
    stream = (
        Join("alice", "lobby"),
        Join("bob", "大廳", worker=1),
        Say("alice", "it's"),
        Frame("bob", ""),
        Frame("bob", b"\x00"),
        Leave("alice"),
        Leave("bob", 3000),
        Join("bob", "lobby"),
        Drop("bob"),
    )

    assert script(stream) == (
        "alice joins 'lobby' on worker 0",
        "bob joins '大廳' on worker 1",
        'alice says "it\'s"',
        "bob sends the text frame ''",
        "bob sends the binary frame b'\\x00'",
        "alice leaves without a code",
        "bob leaves with code 3000",
        "bob joins 'lobby' on worker 0",
        "bob drops the connection",
    )


def test_a_long_payload_is_cut_and_measured() -> None:
    """A line shows sixty characters of a payload, and how long it is."""
    assert str(Say("alice", "x" * 61)) == f"alice says '{'x' * 60}'... (61 characters)"
    assert str(Frame("alice", b"x" * 61)).endswith("... (61 bytes)")


def test_what_cannot_be_seen_is_escaped() -> None:
    """A line of the script holds no line end and no sign that turns the direction of writing."""
    assert str(Say("alice", "a\n\u202eb")) == "alice says 'a\\n\\u202eb'"


@given(conversations(frames=frames()))
def test_a_stream_survives_json(stream: Stream) -> None:
    """A stream written as JSON and read again is the same stream."""
    written = json.dumps([step.to_data() for step in stream])

    assert tuple(from_data(data) for data in json.loads(written)) == stream


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"do": "dance"}, "'do' is one of join, say, frame, leave, drop, not 'dance'"),
        ({"do": "say", "client": "alice"}, "a step has no 'text'"),
        ({}, "a step has no 'do'"),
    ],
)
def test_data_that_is_no_step_is_named(data: dict[str, str], message: str) -> None:
    """What no step wrote is refused with a sentence that says why."""
    with pytest.raises(ValueError, match=message):
        from_data(data)


@pytest.mark.parametrize("act", [Say("bob", "hi"), Frame("bob", ""), Leave("bob"), Drop("bob")])
def test_who_is_not_in_cannot_act(act: Step) -> None:
    """A stream in which somebody acts before joining, or after leaving, is no stream."""
    with pytest.raises(ValueError, match=r"step 2, .*: bob is not in; join first"):
        validate((Join("alice", "lobby"), act))
    with pytest.raises(ValueError, match="step 3"):
        validate((Join("bob", "lobby"), Leave("bob"), act))


def test_who_is_in_cannot_join_again() -> None:
    """A client has one connection at a time; one that left may come back."""
    validate((Join("bob", "lobby"), Drop("bob"), Join("bob", "lobby")))

    with pytest.raises(ValueError, match="bob is in already"):
        validate((Join("bob", "lobby"), Join("bob", "lobby")))
