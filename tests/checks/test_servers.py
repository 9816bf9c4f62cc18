"""What a server does wrong between a client and an application that plays scripts."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from channels_conformance.checks import (
    Anomaly,
    Check,
    denials_as_advertised,
    ended_with,
    handshakes_given_up,
    headers_kept,
    refused_with,
    scope_told,
    sends_after_close_raised,
    silent_peers_dropped,
    subprotocol_withheld,
)
from channels_conformance.history import Connection, Event, History, Kind

HOST = [[{"bytes": "host"}, {"bytes": "localhost"}]]
SCOPE: dict[str, Any] = {
    "type": "websocket",
    "asgi": {"version": "3.0"},
    "path": "/a b/",
    "query_string": {"bytes": "x=%20"},
    "headers": HOST,
    "client": ["127.0.0.1", 50000],
    "server": ["127.0.0.1", 8000],
    "subprotocols": ["a.v1"],
}
DENIES: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}
TWICE = (("X-One", "a"), ("x-two", "b"), ("X-One", "c"))

Happening = tuple[Kind, dict[str, Any]]


def written(*events: Happening) -> History:
    """Return a history of these events, of alice's where nothing else is said, a second apart."""
    clients = ("alice", "bob")
    history = History(connections={f"{name}#1": Connection(id=f"{name}#1", client=name) for name in clients})
    history.events = [
        Event(at=at, kind=kind, **{"connection": "alice#1", **more}) for at, (kind, more) in enumerate(events)
    ]
    return history


def told(**changes: Any) -> Happening:
    """Return the frame in which an application tells its scope, with changes; None leaves a key out."""
    scope = {key: value for key, value in {**SCOPE, **changes}.items() if value is not None}
    return Kind.RECEIVED, {"text": json.dumps(scope)}


def headers(*pairs: tuple[str, str]) -> list[list[dict[str, str]]]:
    """Return headers as a scope that was told holds them."""
    return [[{"bytes": name}, {"bytes": value}] for name, value in pairs]


def found(check: Check, *events: Happening) -> list[Anomaly]:
    """Return the kinds of anomaly that a check finds."""
    return [finding.anomaly for finding in check(written(*events))]


scope = partial(scope_told, path="/a b/", query="x=%20", subprotocols=["a.v1"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"client": None, "server": None, "raw_path": {"bytes": "/a%20b/"}, "scheme": "ws", "http_version": "1.1"},
        {"server": ["/tmp/socket", None], "root_path": ""},
    ],
)
def test_a_good_scope_is_found_good(changes: dict[str, Any]) -> None:
    """What the specification lets out may be left out, and what it allows may be there."""
    assert found(scope, told(**changes)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "http"},
        {"asgi": None},
        {"path": "/a%20b/"},
        {"path": {"bytes": "/a b/"}},
        {"query_string": "x=%20"},
        {"query_string": {"bytes": "x= "}},
        {"headers": [["host", "localhost"]]},
        {"client": ["127.0.0.1", "50000"]},
        {"subprotocols": ["b.v2"]},
        {"subprotocols": None},
        {"scheme": "http"},
        {"raw_path": "/a%20b/"},
    ],
)
def test_a_bad_scope_is_found(changes: dict[str, Any]) -> None:
    """A key that is missing, of another type, or not what the client asked for is an anomaly."""
    assert set(found(scope, told(**changes))) == {Anomaly.UNGRAMMATICAL}


@pytest.mark.parametrize(
    ("due", "key", "values"),
    [
        ('"websocket"', "type", ["http"]),
        ("a dict with a version", "asgi", [{}]),
        ("a string", "path", [7]),
        ("bytes", "query_string", ["x", {"text": "x"}]),
        ("pairs of bytes", "headers", ["host", [[]], [*HOST, ["a", "b"]], [[{"bytes": "host"}, "localhost"]]]),
        ('"ws" or "wss"', "scheme", ["http"]),
        ("a version of HTTP", "http_version", ["0.9"]),
        ("bytes", "raw_path", ["/a"]),
        ("a string", "root_path", [7]),
        ("a host and a whole number", "client", ["localhost"]),
        ("a host and a whole number", "server", [["localhost"]]),
        ("a list of strings", "subprotocols", ["a.v1", [7], ["a.v1", 7]]),
    ],
)
def test_each_key_of_a_scope_has_its_type(due: str, key: str, values: list[Any]) -> None:
    """Whatever the client asked for: where it asked for nothing, the type alone tells, and the finding names it."""
    for value in values:
        (finding,) = scope_told(written(told(**{key: value})))

        assert finding.anomaly == Anomaly.UNGRAMMATICAL
        assert finding.sentence.endswith(f", not {due}")


def test_who_is_told_no_scope_shows_none() -> None:
    """A first frame that is no JSON of a scope, or is no text, is another script's."""
    assert (
        found(scope, (Kind.RECEIVED, {"text": "hello"}), (Kind.RECEIVED, {"connection": "bob#1", "data": b"x"})) == []
    )


@pytest.mark.parametrize(
    ("key", "value"), [*(("http_version", one) for one in ("1.0", "1.1", "2", "3")), ("scheme", "wss")]
)
def test_each_version_and_scheme_is_good(key: str, value: str) -> None:
    """As the specification lists them."""
    assert found(scope, told(**{key: value})) == []


def test_headers_that_kept_their_order_are_good() -> None:
    """Names are told in lower case, among others."""
    kept = headers(("host", "x"), ("x-one", "a"), ("x-two", "b"), ("x-one", "c"))

    assert found(partial(headers_kept, sent=TWICE), told(headers=kept)) == []


@pytest.mark.parametrize(
    ("pairs", "anomaly"),
    [
        ([("x-one", "a"), ("x-one", "c"), ("x-two", "b")], Anomaly.REORDERED),
        ([("x-two", "b"), ("x-one", "a"), ("x-one", "c")], Anomaly.REORDERED),
        ([("x-one", "c"), ("x-two", "b")], Anomaly.LOST),
        ([("x-one", "a,c"), ("x-two", "b")], Anomaly.LOST),
    ],
)
def test_headers_that_were_reordered_or_lost_are_found(pairs: list[tuple[str, str]], anomaly: Anomaly) -> None:
    """A merged header is a lost one."""
    assert found(partial(headers_kept, sent=TWICE), told(headers=headers(*pairs))) == [anomaly]


def test_an_end_as_due_is_good() -> None:
    """Code and reason are those that the application gave, and other clients may end as they like."""
    bye = partial(ended_with, codes={"alice": 4001}, reasons={"alice": "bye"})

    assert found(bye, (Kind.CLOSED, {"code": 4001, "detail": "bye"}), (Kind.CLOSED, {"connection": "bob#1"})) == []


@pytest.mark.parametrize(
    ("events", "anomaly", "words"),
    [
        ([(Kind.CLOSED, {"code": 1006})], Anomaly.UNEXPECTED, "saw code 1006"),
        ([], Anomaly.UNEXPECTED, "saw no end"),
        ([(Kind.CLOSED, {"code": 4001, "detail": ""})], Anomaly.LOST, "was told ''"),
    ],
)
def test_another_end_than_due_is_found(events: list[Happening], anomaly: Anomaly, words: str) -> None:
    """Another code, no end at all, and a reason that was dropped are anomalies, however well others ended."""
    bobs: Happening = (Kind.CLOSED, {"connection": "bob#1", "code": 4001, "detail": "bye"})
    due = partial(ended_with, codes={"alice": 4001}, reasons={"alice": "bye"})

    (finding,) = due(written(bobs, *events))

    assert finding.anomaly == anomaly
    assert finding.sentence.endswith(words)


def test_a_refusal_with_the_status_that_is_due_is_good() -> None:
    """The server answered as it must."""
    assert found(partial(refused_with, statuses={"alice": 500}), (Kind.REFUSED, {"code": 500})) == []


@pytest.mark.parametrize(
    ("events", "saw"),
    [
        ([(Kind.REFUSED, {"code": 403})], "403"),
        ([(Kind.ACCEPTED, {})], "accepted"),
        ([(Kind.UNANSWERED, {})], "unanswered"),
        ([], "nothing"),
    ],
)
def test_another_answer_than_the_refusal_that_is_due_is_found(events: list[Happening], saw: str) -> None:
    """Nothing else is as good, however others were answered; the finding says what it was."""
    bobs: Happening = (Kind.REFUSED, {"connection": "bob#1", "code": 500})

    (finding,) = refused_with(written(bobs, *events), statuses={"alice": 500})

    assert finding.anomaly == Anomaly.UNEXPECTED
    assert finding.sentence.endswith(f"it was {saw}")


@pytest.mark.parametrize(
    ("event", "anomalies"),
    [
        ((Kind.REFUSED, {"code": 500}), []),
        ((Kind.UNANSWERED, {"detail": "the connection was reset"}), []),
        ((Kind.REFUSED, {"code": 101}), [Anomaly.ADMITTED]),
        ((Kind.ACCEPTED, {"text": None}), [Anomaly.ADMITTED]),
    ],
)
def test_a_handshake_with_a_wrong_subprotocol(event: Happening, anomalies: list[Anomaly]) -> None:
    """It is not completed, neither with 101 that the client must fail nor as if no subprotocol had been chosen."""
    assert found(subprotocol_withheld, event) == anomalies


@pytest.mark.parametrize(
    ("detail", "anomalies"),
    [("no answer within 5 s", [Anomaly.UNANSWERED]), ("connection closed while reading HTTP status line", [])],
)
def test_who_gave_up_a_handshake(detail: str, anomalies: list[Anomaly]) -> None:
    """A server that cut the line has ended the handshake; where the client gave up, it has not."""
    assert found(partial(handshakes_given_up, within=1), (Kind.UNANSWERED, {"detail": detail})) == anomalies


def test_a_silent_peer_that_had_to_leave_by_itself_is_found() -> None:
    """A server that dropped it leaves it nothing to close."""
    assert found(silent_peers_dropped, (Kind.ACCEPTED, {}), (Kind.CLOSED, {"code": 1011})) == []
    assert found(silent_peers_dropped, (Kind.ACCEPTED, {}), (Kind.LEAVING, {})) == [Anomaly.LEAKED]


def test_a_send_after_a_close_that_nobody_minds_is_found() -> None:
    """One that raised is as it must be, and one before the close is nothing to speak of."""
    send, close = (Kind.ANSWERED, {"detail": "websocket.send"}), (Kind.ANSWERED, {"detail": "websocket.close"})

    assert found(sends_after_close_raised, send, close, (Kind.RETURNED, {})) == []
    assert found(sends_after_close_raised, close, send, (Kind.CRASHED, {"detail": "RuntimeError"})) == []
    assert found(sends_after_close_raised, close, send, (Kind.RETURNED, {})) == [Anomaly.ADMITTED]


def test_a_send_after_a_close_is_a_matter_of_one_connection() -> None:
    """Another's close forbids no send, and another's crash does not tell an application of its mistake."""
    send, close = (Kind.ANSWERED, {"detail": "websocket.send"}), (Kind.ANSWERED, {"detail": "websocket.close"})
    bobs_close = (Kind.ANSWERED, {"detail": "websocket.close", "connection": "bob#1"})

    assert found(sends_after_close_raised, bobs_close, send) == []
    assert found(sends_after_close_raised, close, send, (Kind.CRASHED, {"connection": "bob#1"})) == [Anomaly.ADMITTED]


def denied(end: Kind, code: int | None = None) -> list[Happening]:
    """Return how alice was let in and carol was not, for a crash of her own, and how bob's denial ended."""
    return [
        (Kind.ANSWERED, {"detail": "websocket.accept"}),
        (Kind.CRASHED, {"connection": "carol#1"}),
        (Kind.REFUSED, {"connection": "carol#1", "code": 500}),
        (Kind.ANSWERED, {"connection": "bob#1", "detail": "websocket.http.response.start", "code": 451}),
        (end, {"connection": "bob#1", "code": code}),
    ]


@pytest.mark.parametrize(
    "events",
    [
        [told(**DENIES), *denied(Kind.REFUSED, 451)],
        [told(extensions={}), *denied(Kind.CRASHED)],
        denied(Kind.CRASHED),
    ],
    ids=["advertised", "not advertised", "no scope told"],
)
def test_a_denial_as_advertised_is_good(events: list[Happening]) -> None:
    """Where the scope names the extension it arrives; where not, the application is raised an exception."""
    assert found(partial(denials_as_advertised, status=451), *events) == []


@pytest.mark.parametrize(
    ("scope", "end", "code", "anomaly", "words"),
    [
        (DENIES, Kind.REFUSED, 403, Anomaly.LOST, "bob was denied with HTTP 451 and saw HTTP 403"),
        (DENIES, Kind.UNANSWERED, None, Anomaly.LOST, "bob was denied with HTTP 451 and saw nothing"),
        ({}, Kind.UNANSWERED, None, Anomaly.ADMITTED, "the application of bob was let send one"),
    ],
)
def test_a_denial_that_is_not_as_advertised_is_found(
    scope: dict[str, Any], end: Kind, code: int | None, anomaly: Anomaly, words: str
) -> None:
    """By how its own client was answered and its own application went on, whatever became of others."""
    (finding,) = denials_as_advertised(written(told(**scope), *denied(end, code)), status=451)

    assert finding.anomaly == anomaly
    assert finding.sentence.endswith(words)
