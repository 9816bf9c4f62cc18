"""Checks on HTTP requests beside sockets."""

from __future__ import annotations

import pytest

from channels_conformance.checks import (
    no_socket_opened,
    outlasts,
    protocol_answered,
    replied_alike,
    requests_replied,
)
from channels_conformance.history import Event, History, Kind
from tests.checks.written import Script


def ask(script: Script, code: int, text: str = "GET /", worker: str = "daphne-1") -> None:
    """Make a request, and let it be answered; a code of 0: not at all."""
    marker = f"request {len(script.history.events)}"
    script.add(Kind.REQUESTED, marker=marker, text=text, worker=worker)
    kind = Kind.RESPONDED if code else Kind.NO_RESPONSE
    script.add(kind, marker=marker, text=text, code=code or None, worker=worker)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (200, []),
        (302, []),
        (404, []),
        (405, []),
        (500, ["crashed: GET / on daphne-1 was answered with HTTP 500, which is a crash [app]"]),
        (0, ["unanswered: GET / on daphne-1 was not answered [app]"]),
    ],
)
def test_any_answer_but_a_crash_will_do(play: Script, code: int, lines: list[str]) -> None:
    """A refusal is an answer; a 5xx and silence are not."""
    ask(play, code)

    assert [finding.line() for finding in requests_replied(play.history)] == lines


@pytest.mark.parametrize(
    ("codes", "lines"),
    [
        ((200, 200), []),
        ((404, 404), []),
        (
            (200, 503),
            ["unexpected: GET / on daphne-1 was answered with HTTP 200 at first, and with HTTP 503 later [app]"],
        ),
        ((200, 0), ["unanswered: GET / on daphne-1 was answered with HTTP 200 at first, and not at all later [app]"]),
        ((0, 200), ["unexpected: GET / on daphne-1 was answered not at all at first, and with HTTP 200 later [app]"]),
    ],
)
def test_the_same_request_is_answered_alike(play: Script, codes: tuple[int, ...], lines: list[str]) -> None:
    """What the first answer was does not matter, if the later ones are the same."""
    for code in codes:
        ask(play, code)

    assert [finding.line() for finding in replied_alike(play.history)] == lines


def test_another_request_may_be_answered_otherwise(play: Script) -> None:
    """It is another where its words are, or the worker that it goes to."""
    ask(play, 200)
    ask(play, 404, text="GET /nowhere/")
    ask(play, 503, worker="uvicorn-2")

    assert replied_alike(play.history) == []


def test_a_socket_where_there_is_a_page_is_found() -> None:
    """A refusal is none."""
    script = Script()
    script.connect("alice")
    script.add(Kind.REFUSED, "alice", code=403)
    assert no_socket_opened(script.history) == []

    script.join("bob")
    assert [finding.connection for finding in no_socket_opened(script.history)] == ["bob#1"]


def test_a_connection_outlasts_a_request_if_it_answers_a_ping_later() -> None:
    """A pong from before the request proves nothing, nor does another's; who came after it is not meant."""
    script = Script()
    script.join("alice")
    script.join("carol")
    script.add(Kind.PONG, "alice")
    script.add(Kind.RESPONDED, marker="the logout", text="POST /logout/", code=302, worker="daphne-1")
    script.join("bob")
    script.add(Kind.PONG, "carol")
    assert [finding.connection for finding in outlasts(script.history, name="the logout")] == ["alice#1"]

    script.add(Kind.PONG, "alice")
    script.add(Kind.RESPONDED, marker="a page", text="GET /", code=200, worker="daphne-1")
    assert outlasts(script.history, name="the logout") == []


@pytest.mark.parametrize(("kind", "found"), [(Kind.DECLINED, 0), (Kind.STARTED, 0), (Kind.TOOK, 1)])
def test_a_protocol_is_spoken_or_declined(kind: Kind, found: int) -> None:
    """Neither an exception nor an answer is a finding; a return without a word is one."""
    history = History(events=[Event(at=0, kind=kind, text="lifespan", detail="returned without a word")])

    assert len(protocol_answered(history)) == found
