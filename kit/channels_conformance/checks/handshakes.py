"""How a connection begins: let in or refused as is due, answered once, and by no crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.endings import crashed, crashes_of
from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def asked_without_a_crash(history: History) -> list[Finding]:
    """Find connections that crashed before their application was told that the client had gone.

    What happens later is no answer to what a handshake asked for, and is judged elsewhere.
    """
    told: dict[str, float] = {}
    for event in history.of(Kind.DELIVERED, Kind.DISCONNECT_RAN):
        if event.kind is Kind.DISCONNECT_RAN or event.detail == "websocket.disconnect":
            told.setdefault(event.connection, event.at)
    by_worker = (Kind.CRASHED, Kind.STOPPED)
    return [
        finding
        for finding in crashed(history)
        if finding.evidence[-1].kind not in by_worker
        or finding.evidence[-1].at <= told.get(finding.connection, float("inf"))
    ]


def admission(history: History, *, barred: Collection[str] = (), before_accept: bool = True) -> list[Finding]:
    """Find connections let in though they are ``barred``, and connections refused though they are not.

    Where an app accepts first and then closes with a code, ``before_accept=False`` asks only for the close.
    """
    findings = []
    stayed = {Kind.READY, Kind.LEAVING, Kind.ABORTED}  # signs that it was not the application that ended it
    for connection, events in history.by_connection():
        kinds = {event.kind: event for event in reversed(events)}
        accepted, refused = kinds.get(Kind.ACCEPTED), kinds.get(Kind.REFUSED)
        if connection not in barred:
            # HTTP 5xx is a crash and reported as one.
            if refused is not None and (refused.code or 0) < 500:
                sentence = f"{who(history, connection)} was refused with HTTP {refused.code} though it is entitled"
                findings.append(Finding.of(Anomaly.REFUSED, sentence, refused))
        elif accepted is not None and (before_accept or Kind.CLOSED not in kinds or stayed & kinds.keys()):
            sentence = f"{who(history, connection)} was let in though it is not entitled"
            findings.append(Finding.of(Anomaly.ADMITTED, sentence, accepted))
    return findings


def answered_handshake(history: History) -> list[Finding]:
    """Find handshakes that were not answered exactly once, by accepting or refusing (ASGI WebSocket spec: Connect)."""
    findings = []
    for connection, events in history.by_connection():
        begun = next((event for event in events if event.kind is Kind.CONNECT), None)
        if begun is None:
            continue
        answers = [event for event in events if event.kind in {Kind.ACCEPTED, Kind.REFUSED}]
        given_up = any(event.kind in {Kind.ABORTED, Kind.LEAVING} for event in events)
        unanswered = next((event for event in events if event.kind is Kind.UNANSWERED), None)
        # A handler that raised has answered by a crash, however long the channel layer then keeps it from being told.
        if not answers and not crashes_of(events) and (unanswered is not None or not given_up):
            sentence = f"the handshake of {who(history, connection)} was never answered"
            findings.append(Finding.of(Anomaly.UNANSWERED, sentence, begun, unanswered))
        if len(answers) > 1:
            sentence = f"the handshake of {who(history, connection)} was answered {len(answers)} times"
            findings.append(Finding.of(Anomaly.DUPLICATED, sentence, begun, *answers, blame="server"))
        given = list(_answers_given(events))
        if len(given) > 1:
            answered = " and then ".join(event.detail for event in given)
            sentence = f"the application answered the handshake of {who(history, connection)} with {answered}"
            findings.append(Finding.of(Anomaly.DUPLICATED, sentence, *given))
    return findings


def answered_in_time(history: History) -> list[Finding]:
    """Find handshakes that were left without an answer (ASGI WebSocket spec: Connect)."""
    return [finding for finding in answered_handshake(history) if finding.anomaly is Anomaly.UNANSWERED]


def answered_whatever_was_asked(history: History) -> list[Finding]:
    """Find handshakes that crashed or were left without an answer, of users of whom another handshake went well.

    Where none goes well, it is not for what a handshake asked.
    """
    findings = [*asked_without_a_crash(history), *answered_in_time(history)]
    unwell = {finding.connection for finding in findings}
    well = {one.user for one in history.connections.values() if one.id not in unwell}
    return [finding for finding in findings if history.connections[finding.connection].user in well]


def _answers_given(events: list[Event]) -> Iterator[Event]:
    """Yield what an application answered a handshake with; a close after an accept is no answer but an end."""
    accepted = False
    for event in events:
        accepts = event.detail == "websocket.accept"
        refuses = event.detail in ("websocket.close", "websocket.http.response.start") and not accepted
        if event.kind is Kind.ANSWERED and (accepts or refuses):
            accepted = accepted or accepts
            yield event
