"""Applications that are called in this process: what they answer and raise is recorded, and nothing is judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from channels_conformance.history import History, Kind
from channels_conformance.subject.calls import Calls
from channels_conformance.traffic import patience


@pytest.fixture
def calls() -> Calls:
    """Return a play, whose history is kept where a run keeps them."""
    histories: list[History] = []
    made = Calls(histories)
    assert histories == [made.history]
    return made


def told(history: History) -> list[tuple[Kind, str]]:
    """Return the kind of each event, and what it is about."""
    return [(event.kind, event.detail.strip().rpartition("\n")[2] or event.marker) for event in history]


async def obliging(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer one event, and raise for a scope that is not known."""
    if scope["type"] != "lifespan":
        raise ValueError(scope["type"])
    await send({"type": (await receive())["type"] + ".complete"})


async def greedy(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Wait for more than ever comes."""
    while True:
        await receive()


def page(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with what was sent."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))]


def careless(environ: dict[str, Any], start_response: Any) -> Iterable[str]:
    """Answer with text that is not bytes."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return iter(["text"])


def mute(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Raise."""
    raise LookupError("nobody")


@pytest.mark.asyncio
async def test_what_an_asgi_application_does_is_recorded(calls: Calls) -> None:
    """It is given events, answers, returns or raises, all under the name of the call."""
    await calls.asgi("one", obliging, {"type": "lifespan"}, "lifespan.startup")
    await calls.asgi("two", obliging, {"type": "telepathy"})

    assert told(calls.history) == [
        (Kind.DELIVERED, "lifespan.startup"),
        (Kind.ANSWERED, "lifespan.startup.complete"),
        (Kind.RETURNED, ""),
        (Kind.CRASHED, "ValueError: telepathy"),
    ]
    assert {event.connection for event in calls.history} == {"one", "two"}


@pytest.mark.asyncio
async def test_what_waits_for_more_is_given_up(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that never returns has crashed at the deadline."""
    monkeypatch.setattr(patience, "deadline", 0.01)

    await calls.asgi("one", greedy, {"type": "lifespan"}, "lifespan.startup")

    assert told(calls.history) == [(Kind.DELIVERED, "lifespan.startup"), (Kind.CRASHED, "TimeoutError")]


def test_what_a_wsgi_application_answers_is_recorded(calls: Calls) -> None:
    """The answer is recorded with its status, body and type."""
    calls.wsgi("the page", page, "POST", body=b"news")

    asked, answer = calls.history
    assert (asked.kind, asked.text) == (Kind.REQUESTED, "POST /")
    assert (answer.kind, answer.code, answer.text, answer.detail) == (Kind.RESPONDED, 200, "news", "text/plain")


@pytest.mark.parametrize(("application", "words"), [(careless, "AssertionError"), (mute, "LookupError: nobody")])
def test_what_breaks_a_rule_has_no_answer(calls: Calls, application: Any, words: str) -> None:
    """What the validator refuses, or the application raises, is why there is none."""
    calls.wsgi("the page", application)

    end = calls.history.events[-1]
    assert (end.kind, end.marker) == (Kind.NO_RESPONSE, "the page")
    assert end.detail.startswith(words)
