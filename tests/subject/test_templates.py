"""A template is filled with whatever a client says, and stays what it is."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.subject.profile import Endpoint, Task

ROOT = Path("/srv/shop")
ECHO = {"path": "/ws/echo/", "say": "{text}"}
TEXTS = st.text(st.characters(codec="utf-8"))


@given(TEXTS)
def test_a_frame_in_json_stays_valid_json(text: str) -> None:
    """Whatever a client says, a JSON template makes a JSON frame that holds it."""
    say = '{"type": "say", "to": ["{text}", 1], "body": {"text": "<{text}>"}}'
    endpoint = Endpoint(name="chat", path="/ws/", say=say)

    assert json.loads(endpoint.frame(text)) == {"type": "say", "to": [text, 1], "body": {"text": f"<{text}>"}}


@given(TEXTS)
def test_a_frame_may_say_it_in_a_key(text: str) -> None:
    """The words may stand in a key as well as in a value."""
    assert json.loads(Endpoint(name="chat", path="/ws/", say='{"{text}": 1}').frame(text)) == {text: 1}


@given(TEXTS)
def test_a_frame_in_plain_text_is_what_is_said(text: str) -> None:
    """A template that is no JSON has the words put in as they are, once."""
    assert Endpoint(name="echo", path="/ws/", say="{text}").frame(text) == text
    assert Endpoint(name="echo", path="/ws/", say="SAY {text}!").frame(text) == f"SAY {text}!"


def test_a_binary_frame_is_the_text_frame_in_utf_8() -> None:
    """With binary = true what is said is sent as bytes."""
    assert (
        Endpoint(name="echo", path="/ws/", say='{"say": "{text}"}', binary=True).frame("é") == '{"say": "é"}'.encode()
    )


def test_a_close_command_is_told_the_code() -> None:
    """The code stands where the braces are, and other braces stay."""
    endpoint = Endpoint(name="echo", path="/ws/", close_command='{"close": {code}}')

    assert endpoint.closing(4123) == '{"close": 4123}'


@given(TEXTS, st.integers())
def test_arguments_are_filled_in(text: str, user_id: int) -> None:
    """A placeholder alone keeps its value's type; one inside a text becomes text; the rest stays."""
    task = Task(name="report", task="shop.tasks.report")
    template = ("{user_id}", "{text}", "fail:{text}", ["{user_id}"], {"for": "user {user_id}"}, 1.5, None)

    filled = task.filled(template, user_id=user_id, text=text)

    assert filled == [user_id, text, f"fail:{text}", [user_id], {"for": f"user {user_id}"}, 1.5, None]


def test_what_is_put_in_is_not_filled_again() -> None:
    """Words that look like a placeholder stay words."""
    task = Task(name="report", task="shop.tasks.report")

    assert task.filled(("a {text}",), user_id=7, text="{user_id} {text}") == ["a {user_id} {text}"]
