"""An audience gets a path that its route admits, and never that of another."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.subject.discovery.samples import admitted, plain_values
from channels_conformance.subject.paths import Paths, filled
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.route import Route

AUDIENCES = ["lobby", "elsewhere", "a quiet room", "Ünïcode 界", "x" * 64, "lobby-", "LOBBY"]
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def endpoint(expression: str) -> Endpoint:
    """Return an endpoint whose only parameter must match an expression."""
    route = Route(pattern="", path="/ws/{room}/", parameters={"room": expression})
    return Endpoint(name="chat", path="/ws/{room}/", route=route)


@pytest.mark.parametrize(
    "expression", ["[^/]+", r"\w+", "[-a-zA-Z0-9_]+", "[0-9]+", UUID, "[a-z]{3}", r"room\d{4}", ".+"]
)
def test_each_audience_has_a_value_of_its_own(expression: str) -> None:
    """Different audiences never share a value, one audience always has the same, and each value is admitted."""
    paths = Paths()

    values = [paths.value(endpoint(expression), "room", audience) for audience in AUDIENCES]

    assert len(set(values)) == len(AUDIENCES)
    assert all(re.fullmatch(expression, value) for value in values)
    assert [paths.value(endpoint(expression), "room", audience) for audience in reversed(AUDIENCES)] == values[::-1]


def test_what_is_admitted_is_taken_as_it_is() -> None:
    """An audience whose name fits is called by its name."""
    assert Paths().value(endpoint(r"\w+"), "room", "lobby") == "lobby"
    assert Paths().value(Endpoint(name="chat", path="/ws/{room}/"), "room", "any name") == "any name"


def test_a_pattern_may_admit_too_few() -> None:
    """Where there are more audiences than values, that is said, and no two share one."""
    paths, narrow = Paths(), endpoint("red|blue")

    assert {paths.value(narrow, "room", one) for one in ("lobby", "elsewhere")} == {"red", "blue"}
    with pytest.raises(LookupError, match=r"/ws/\{room\}/ admits no more than 2 values of \{room\}"):
        paths.value(narrow, "room", "a third")


def test_a_path_is_percent_encoded() -> None:
    """Whatever a value holds, it stays within its place."""
    assert filled("/ws/{room}/", {"room": "a/b?c#d é"}) == "/ws/a%2Fb%3Fc%23d%20%C3%A9/"


def test_plain_values_are_plain_where_they_can_be() -> None:
    """Names of letters and digits come first; where an expression asks for others, it gets them."""
    assert all(re.fullmatch("[-a-zA-Z0-9_]+", value) for value in plain_values("[^/]+"))
    assert all(re.fullmatch("[一-鿿]{2}", value) for value in plain_values("[一-鿿]{2}"))


@given(data=st.data())
def test_what_is_drawn_is_admitted(data: st.DataObject) -> None:
    """Every value matches the expression that it was drawn from."""
    expression = data.draw(st.sampled_from(["[^/]+", r"\w+", "[0-9]+", UUID, "a|b", r"[^/]{1,64}", "%41+"]))

    assert re.fullmatch(expression, data.draw(admitted(expression)))


def test_long_and_foreign_values_are_drawn_where_they_are_admitted() -> None:
    """What breaks a group's name is among what is drawn."""
    seen: list[str] = []

    @given(admitted(r"\w+"))
    def draw(value: str) -> None:
        seen.append(value)

    draw()

    assert any(len(value) > 99 for value in seen)
    assert any(not value.isascii() for value in seen)
