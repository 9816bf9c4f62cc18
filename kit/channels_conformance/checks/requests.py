"""What must hold of HTTP requests that are made beside WebSockets, and of an application asked for a protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.history import Kind

if TYPE_CHECKING:
    from channels_conformance.history import Event, History

FIRST_CRASH = 500  # HTTP status


def requests_replied(history: History) -> list[Finding]:
    """Find requests that were left without an answer, or answered as a crash."""
    findings = [
        Finding.of(Anomaly.UNANSWERED, f"{_request(event)} was not answered", event)
        for event in history.of(Kind.NO_RESPONSE)
    ]
    for event in history.of(Kind.RESPONDED):
        if (event.code or 0) >= FIRST_CRASH:
            sentence = f"{_request(event)} was answered with HTTP {event.code}, which is a crash"
            findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
    return findings


def replied_alike(history: History) -> list[Finding]:
    """Find requests that were answered otherwise than the first of the same words to the same worker."""
    findings = []
    first: dict[tuple[str, str | None], Event] = {}
    for event in history.of(Kind.RESPONDED, Kind.NO_RESPONSE):
        before = first.setdefault((event.worker, event.text), event)
        if event.code != before.code:
            sentence = f"{_request(event)} was answered {_how(before)} at first, and {_how(event)} later"
            anomaly = Anomaly.UNEXPECTED if event.code else Anomaly.UNANSWERED
            findings.append(Finding.of(anomaly, sentence, before, event))
    return findings


def _how(reply: Event) -> str:
    return f"with HTTP {reply.code}" if reply.code else "not at all"


def no_socket_opened(history: History) -> list[Finding]:
    """Find connections that were accepted where there should be a page and no socket."""
    return [
        Finding.of(Anomaly.ADMITTED, f"{who(history, event.connection)} was let in where there is a page", event)
        for event in history.of(Kind.ACCEPTED)
    ]


def outlasts(history: History, *, name: str) -> list[Finding]:
    """Find connections that answered no ping any more once the request of this name had been answered."""
    findings = []
    for reply in history.of(Kind.RESPONDED):
        if reply.marker == name:
            for accepted in history.of(Kind.ACCEPTED):
                pongs = history.of(Kind.PONG, connection=accepted.connection)
                if accepted.at < reply.at and not any(pong.at > reply.at for pong in pongs):
                    sentence = f"{who(history, accepted.connection)} answered no ping any more after {_request(reply)}"
                    findings.append(Finding.of(Anomaly.CRASHED, sentence, reply, accepted))
    return findings


def protocol_answered(history: History) -> list[Finding]:
    """Find applications that neither speak a protocol nor say, by an exception, that they do not."""
    return [
        Finding.of(
            Anomaly.UNANSWERED,
            f"asked for {event.text}, the application {event.detail}: let it raise, as ProtocolTypeRouter does",
            event,
        )
        for event in history.of(Kind.TOOK)
    ]


def _request(event: Event) -> str:
    return f"{event.text} on {event.worker}"
