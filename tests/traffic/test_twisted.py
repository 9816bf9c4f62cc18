"""Frames that are made from a well-formed one."""

import json

import pytest

from channels_conformance.traffic.twisted import MARK, TYPES, naming, of_other_types


@pytest.mark.parametrize("example", [json.dumps({"kind": "say", "body": MARK}), json.dumps(["say", MARK]), MARK])
def test_every_type_stands_where_the_text_stood(example: str) -> None:
    """A frame is made for each type of JSON, and is JSON itself."""
    frames = of_other_types(example)

    assert list(frames.values()) == list(TYPES.values())
    assert all(json.loads(frame) != example for frame in frames)


def test_a_binary_example_is_read_as_text() -> None:
    """What an app takes as bytes is twisted as text, and sent as bytes by whoever asked."""
    assert "null" in of_other_types(MARK.encode())


def test_a_name_stands_wherever_a_frame_says_what_to_do() -> None:
    """The example's own words are tried first, then the usual keys; the text stays as it was."""
    example = json.dumps({"op": "add", "body": MARK, "number": 7})

    frames = [json.loads(frame) for frame in naming(example, "close")]

    assert frames[0] == {"op": "close", "body": MARK, "number": 7}
    assert {"op": "add", "body": MARK, "number": 7, "type": "close"} in frames


@pytest.mark.parametrize("example", ["", MARK, b"\x00\xff", '["say"]'])
def test_an_example_that_is_no_object_makes_objects(example: str | bytes) -> None:
    """Where nobody says what a client may say, the commonest shapes are tried."""
    assert {"type": "close", "message": MARK, "text": MARK} in [json.loads(frame) for frame in naming(example, "close")]
