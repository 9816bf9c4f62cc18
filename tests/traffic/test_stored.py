"""What a spec drew comes out of a report as it went in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.traffic import streams
from channels_conformance.traffic.stored import NotStorable, keep, restore

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(VALUES | streams.conversations(frames=streams.frames()) | streams.two_audiences())
def test_a_value_survives_a_report(value: Any) -> None:
    """Streams, texts of any kind, bytes and what is made of them, through JSON and back."""
    assert restore(json.loads(json.dumps(keep(value)))) == value


def test_a_value_of_another_kind_is_told_by_its_type() -> None:
    """It is not kept as something that looks like it."""
    with pytest.raises(NotStorable, match="a set cannot be kept in a report"):
        keep([{1}])


@pytest.mark.parametrize("data", [{}, {"bytes": 3}, {"steps": []}, {"step": {"do": "dance"}}])
def test_what_was_not_kept_so_is_not_restored(data: Any) -> None:
    """A report that somebody edited is told so."""
    with pytest.raises(ValueError, match=r"no value is kept|one of join"):
        restore(data)
