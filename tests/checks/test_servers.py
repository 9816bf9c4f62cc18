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
    http2_negotiated,
    pushed_as_advertised,
    refused_with,
    scope_told,
    sends_after_close_raised,
    silent_peers_dropped,
    subprotocol_withheld,
    version_told,
)
from channels_conformance.history import Connection, Event, History, Kind

SCOPE: dict[str, Any] = {
    "type": "websocket",
    "asgi": {"version": "3.0"},
    "path": "/a b/",
    "query_string": {"bytes": "x=%20"},
    "headers": [[{"bytes": "host"}, {"bytes": "localhost"}]],
    "client": ["127.0.0.1", 50000],
    "server": ["127.0.0.1", 8000],
    "subprotocols": ["a.v1"],
}
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
    "changes",
    [
        *({"type": "http"}, {"asgi": {}}, {"path": 7}, {"query_string": "x"}, {"headers": "host"}, {"headers": [[]]}),
        *({"scheme": "http"}, {"http_version": "0.9"}, {"raw_path": "/a"}, {"root_path": 7}, {"client": "localhost"}),
        *({"server": ["localhost"]}, {"subprotocols": "a.v1"}, {"subprotocols": [7]}),
    ],
)
def test_each_key_of_a_scope_has_its_type(changes: dict[str, Any]) -> None:
    """Whatever the client asked for: where it asked for nothing, the type alone tells."""
    assert found(scope_told, told(**changes)) == [Anomaly.UNGRAMMATICAL]


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
    ("events", "anomaly"),
    [
        ([(Kind.CLOSED, {"code": 1006})], Anomaly.UNEXPECTED),
        ([], Anomaly.UNEXPECTED),
        ([(Kind.CLOSED, {"code": 4001, "detail": ""})], Anomaly.LOST),
    ],
)
def test_another_end_than_due_is_found(events: list[Happening], anomaly: Anomaly) -> None:
    """Another code, no end at all, and a reason that was dropped are anomalies."""
    assert found(partial(ended_with, codes={"alice": 4001}, reasons={"alice": "bye"}), *events) == [anomaly]


@pytest.mark.parametrize(
    ("events", "anomalies"),
    [
        ([(Kind.REFUSED, {"code": 500})], []),
        ([(Kind.REFUSED, {"code": 403})], [Anomaly.UNEXPECTED]),
        ([(Kind.ACCEPTED, {})], [Anomaly.UNEXPECTED]),
        ([], [Anomaly.UNEXPECTED]),
    ],
)
def test_the_status_of_a_refusal(events: list[Happening], anomalies: list[Anomaly]) -> None:
    """It is the one that is due, and nothing else is as good."""
    assert found(partial(refused_with, statuses={"alice": 500}), *events) == anomalies


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


@pytest.mark.parametrize(
    ("extensions", "end", "anomalies"),
    [
        ({"websocket.http.response": {}}, (Kind.REFUSED, {"code": 451}), []),
        ({"websocket.http.response": {}}, (Kind.REFUSED, {"code": 403}), [Anomaly.LOST]),
        ({"websocket.http.response": {}}, (Kind.UNANSWERED, {}), [Anomaly.LOST]),
        ({}, (Kind.CRASHED, {}), []),
        (None, (Kind.UNANSWERED, {}), [Anomaly.ADMITTED]),
    ],
)
def test_a_denial_is_as_advertised(extensions: object, end: Happening, anomalies: list[Anomaly]) -> None:
    """Where the scope names the extension it arrives; where not, the application is raised an exception."""
    denied: Happening = (Kind.ANSWERED, {"detail": "websocket.http.response.start", "code": 451, "connection": "bob#1"})
    bobs: Happening = (end[0], {**end[1], "connection": "bob#1"})

    check = partial(denials_as_advertised, status=451)

    assert found(check, told(extensions=extensions), denied, bobs) == anomalies


def test_what_was_agreed_on() -> None:
    """Another protocol than HTTP/2, or none, is an anomaly, and so is an application that was told another."""
    http2 = (Kind.RESPONDED, {"code": 200, "text": '{"http_version": "2"}'})

    assert found(http2_negotiated, (Kind.SPOKE, {"text": "h2"})) == []
    assert found(http2_negotiated, (Kind.SPOKE, {"text": ""})) == [Anomaly.REFUSED]
    assert found(http2_negotiated, (Kind.SPOKE, {"text": "http/1.1"})) == [Anomaly.REFUSED]
    assert found(partial(version_told, versions=["2"]), http2) == []
    assert found(partial(version_told, versions=["HTTP/2"]), (Kind.RESPONDED, {"code": 200, "text": "HTTP/2"})) == []
    assert found(partial(version_told, versions=["1.1"]), http2) == [Anomaly.UNEXPECTED]
    assert found(partial(version_told, versions=["2"]), (Kind.RESPONDED, {"code": 500})) == [Anomaly.UNEXPECTED]


@pytest.mark.parametrize(
    ("advertised", "pushed", "anomalies"),
    [
        (True, True, []),
        (False, False, []),
        (True, False, [Anomaly.LOST]),
        (False, True, [Anomaly.UNEXPECTED]),
    ],
)
def test_a_push_is_as_advertised(advertised: bool, pushed: bool, anomalies: list[Anomaly]) -> None:  # noqa: FBT001
    """What is advertised is pushed, and nothing else."""
    pushes: list[Happening] = [(Kind.PROMISED, {"text": "/pushed/"})] if pushed else []

    assert (
        found(pushed_as_advertised, *pushes, (Kind.RESPONDED, {"text": json.dumps({"pushes": advertised})}))
        == anomalies
    )
