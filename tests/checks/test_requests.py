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


def replies(*codes: int) -> History:
    """Return a history of one request, asked again and again."""
    script = Script()
    for number, code in enumerate(codes):
        marker, text = f"request {number}", "GET /"
        script.add(Kind.REQUESTED, marker=marker, text=text, worker="daphne-1")
        kind = Kind.RESPONDED if code else Kind.NO_RESPONSE
        script.add(kind, marker=marker, text=text, code=code or None, worker="daphne-1")
    return script.history


@pytest.mark.parametrize(
    ("code", "anomalies"), [(200, []), (302, []), (404, []), (405, []), (500, ["crashed"]), (0, ["unanswered"])]
)
def test_any_answer_but_a_crash_will_do(code: int, anomalies: list[str]) -> None:
    """A refusal is an answer; a 5xx and silence are not."""
    assert [finding.anomaly for finding in requests_replied(replies(code))] == anomalies


@pytest.mark.parametrize(
    ("codes", "anomalies"),
    [((200, 200), []), ((404, 404), []), ((200, 503), ["unexpected"]), ((200, 0), ["unanswered"])],
)
def test_the_same_request_is_answered_alike(codes: tuple[int, ...], anomalies: list[str]) -> None:
    """What the first answer was does not matter, if the later ones are the same."""
    assert [finding.anomaly for finding in replied_alike(replies(*codes))] == anomalies


def test_a_socket_where_there_is_a_page_is_found() -> None:
    """A refusal is none."""
    script = Script()
    script.connect("alice")
    script.add(Kind.REFUSED, "alice", code=403)
    assert no_socket_opened(script.history) == []

    script.join("bob")
    assert [finding.connection for finding in no_socket_opened(script.history)] == ["bob#1"]


def test_a_connection_outlasts_a_request_if_it_answers_a_ping_later() -> None:
    """A pong from before the request proves nothing, and who came after it is not meant."""
    script = Script()
    script.join("alice")
    script.add(Kind.PONG, "alice")
    script.add(Kind.RESPONDED, marker="the logout", text="POST /logout/", code=302, worker="daphne-1")
    script.join("bob")
    assert [finding.connection for finding in outlasts(script.history, name="the logout")] == ["alice#1"]

    script.add(Kind.PONG, "alice")
    assert outlasts(script.history, name="the logout") == []


@pytest.mark.parametrize(("kind", "found"), [(Kind.DECLINED, 0), (Kind.STARTED, 0), (Kind.TOOK, 1)])
def test_a_protocol_is_spoken_or_declined(kind: Kind, found: int) -> None:
    """Neither an exception nor an answer is a finding; a return without a word is one."""
    history = History(events=[Event(at=0, kind=kind, text="lifespan", detail="returned without a word")])

    assert len(protocol_answered(history)) == found
