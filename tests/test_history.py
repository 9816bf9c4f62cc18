"""The record that all else reads."""

from __future__ import annotations

import pytest

from channels_conformance.history import Event, Kind


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event(at=0.0, kind=Kind.RECEIVED, text="早安"), "早安"),
        (Event(at=0.0, kind=Kind.RECEIVED, text=""), ""),
        (Event(at=0.0, kind=Kind.RECEIVED, data="早安".encode()), "早安"),
        (Event(at=0.0, kind=Kind.RECEIVED, data=b"\xffhello"), "\N{REPLACEMENT CHARACTER}hello"),
        (Event(at=0.0, kind=Kind.CLOSED), ""),
    ],
)
def test_a_frame_is_read_as_text_whichever_kind_it_is(event: Event, words: str) -> None:
    """Bytes that are no UTF-8 do not keep the rest from being read."""
    assert event.as_text == words
