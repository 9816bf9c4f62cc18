"""What a server does wrong over HTTP, in histories written by hand."""

from __future__ import annotations

from functools import partial

import pytest

from channels_conformance.checks import Anomaly, Check, http2_negotiated, pushed_as_advertised, version_told
from channels_conformance.history import Event, History, Kind


def found(check: Check, *events: Event) -> list[Anomaly]:
    """Return the kinds of anomaly that a check finds."""
    return [finding.anomaly for finding in check(History(events=list(events)))]


def event(kind: Kind, text: str | None, code: int = 200) -> Event:
    """Return an event of a server."""
    return Event(at=1, kind=kind, worker="daphne-secure", text=text, code=code)


@pytest.mark.parametrize(
    ("protocol", "anomalies"), [("h2", []), ("", [Anomaly.REFUSED]), ("http/1.1", [Anomaly.REFUSED])]
)
def test_another_protocol_than_http2_is_found(protocol: str, anomalies: list[Anomaly]) -> None:
    """None at all is another as well."""
    assert found(http2_negotiated, event(Kind.SPOKE, protocol)) == anomalies


@pytest.mark.parametrize(
    ("version", "text", "code", "anomalies"),
    [
        ("2", '{"http_version": "2"}', 200, []),
        ("HTTP/2", "HTTP/2", 200, []),
        ("1.1", '{"http_version": "2"}', 200, [Anomaly.UNEXPECTED]),
        ("2", '{"http_version": 2}', 200, [Anomaly.UNEXPECTED]),
        ("2", '{"http_version": "2"}', 500, [Anomaly.UNEXPECTED]),
        ("2", None, 500, [Anomaly.UNEXPECTED]),
    ],
)
def test_an_application_that_was_told_another_version_is_found(
    version: str, text: str | None, code: int, anomalies: list[Anomaly]
) -> None:
    """An ASGI application answers with it in JSON, a WSGI application as it is; one that failed tells nothing."""
    assert found(partial(version_told, versions=[version]), event(Kind.RESPONDED, text, code)) == anomalies


@pytest.mark.parametrize(
    ("text", "pushed", "anomalies"),
    [
        ('{"pushes": true}', ["/pushed/"], []),
        ('{"pushes": false}', [], []),
        ("", [], []),
        ('{"pushes": true}', [], [Anomaly.LOST]),
        ('{"pushes": false}', ["/pushed/"], [Anomaly.UNEXPECTED]),
    ],
)
def test_a_push_is_as_advertised(text: str, pushed: list[str], anomalies: list[Anomaly]) -> None:
    """What is advertised is pushed, and nothing else; an answer without a body advertises nothing."""
    pushes = [event(Kind.PROMISED, path) for path in pushed]

    assert found(pushed_as_advertised, *pushes, event(Kind.RESPONDED, text)) == anomalies


def test_an_application_that_tells_nothing_of_pushes_is_found() -> None:
    """A server that answers for it tells of an error, in words."""
    reply = event(Kind.RESPONDED, "Internal Server Error", code=500)

    (finding,) = pushed_as_advertised(History(events=[reply]))

    assert finding.sentence == ("the application of daphne-secure told no scope: 'Internal Server Error', status 500")
    assert finding.evidence == (reply,)
