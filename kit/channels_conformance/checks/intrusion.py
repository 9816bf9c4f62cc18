"""Who must be shut out: refused in the declared way, heard by nobody, told nothing, and no crash when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.endings import INTERNAL_ERROR, NO_CLOSE_FRAME
from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.checks.handshakes import admission
from channels_conformance.checks.ledger import markers
from channels_conformance.history import GONE, Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from channels_conformance.history import History

DISCONNECT = "websocket.disconnect"
SEND = "websocket.send"


def turned_away(
    history: History,
    *,
    barred: Collection[str],
    before_accept: bool = False,
    codes: Collection[int] = (),
    admits_all: bool = False,
    told: bool = False,
) -> list[Finding]:
    """Find ``barred`` connections that were not refused, and others that were.

    Being accepted and closed at once is a refusal too, with one of ``codes`` where they are given, unless
    ``before_accept``. A handshake that is left unanswered, answered with HTTP 5xx or cut off by a crash is no refusal.
    Where an app ``admits_all``, whoever is accepted may stay, if it takes no part; with ``told``, it must be told so.
    """
    findings = admission(history, barred=barred, before_accept=before_accept)
    if admits_all:
        findings = [finding for finding in findings if finding.connection not in barred]
        findings += [finding for connection in barred for finding in _taking_part(history, connection)]
    admitted = {finding.connection for finding in findings}
    for connection in barred:
        if connection in admitted:
            continue
        if told and not _was_told(history, connection):
            accepted = history.first(Kind.ACCEPTED, connection=connection)
            sentence = f"{who(history, connection)} was accepted, and never told that it may not enter"
            findings.append(Finding.of(Anomaly.UNANSWERED, sentence, accepted))
        ends = (Kind.REFUSED, Kind.UNANSWERED, Kind.CLOSED, Kind.LEAVING, Kind.ABORTED)
        for event in history.of(*ends, connection=connection)[:1]:
            closed = event.kind is Kind.CLOSED
            if event.kind is Kind.UNANSWERED:
                sentence = f"{who(history, connection)} was left without an answer, not refused"
                findings.append(Finding.of(Anomaly.UNANSWERED, sentence, event))
            elif event.kind is Kind.REFUSED and (event.code or 0) >= 500:
                sentence = (
                    f"{who(history, connection)} was answered with HTTP {event.code}, which is a crash, no refusal"
                )
                findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
            elif closed and event.code in (INTERNAL_ERROR, NO_CLOSE_FRAME):
                sentence = f"{who(history, connection)} was cut off with close code {event.code}, not refused"
                findings.append(Finding.of(Anomaly.CRASHED, sentence, event))
            elif closed and codes and event.code not in codes:
                declared = ", ".join(map(str, sorted(codes)))
                sentence = f"{who(history, connection)} was refused with close code {event.code}, not with {declared}"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings


def refused_before_accept(history: History, *, barred: Collection[str]) -> list[Finding]:
    """Find ``barred`` connections that were refused in another way than before they were accepted.

    Who was let in was not refused, and breaks the claim that is about such clients; but where not a single one was
    refused, the door stands open, and nothing comes before accept.
    """
    let_in = {finding.connection for finding in kept_out(history, barred=barred)}
    if len(let_in) == len(barred):
        let_in = set()
    findings = turned_away(history, barred=barred, before_accept=True)
    return [finding for finding in findings if finding.connection not in let_in]


def kept_out(history: History, *, barred: Collection[str]) -> list[Finding]:
    """Find ``barred`` connections that were let in, whatever became of the others."""
    return [one for one in admission(history, barred=barred, before_accept=False) if one.connection in barred]


def shut_out(history: History, *, barred: Collection[str]) -> list[Finding]:
    """Find what ``barred`` connections were sent of others' messages, and what was heard or stored of theirs."""
    findings = []
    said = {event.marker: event for event in history.of(Kind.SAID, Kind.FENCE, Kind.QUEUED, Kind.PUSHED)}
    told: set[tuple[str, str]] = set()
    for event in history.of(Kind.RECEIVED, Kind.ANSWERED, Kind.STORED):
        if event.kind is Kind.ANSWERED and event.connection not in barred:
            continue  # what others are sent counts where it arrives
        for marker in markers(event):
            source = said.get(marker)
            by = source.connection if source else ""
            if by == event.connection or (event.connection, marker) in told:
                continue
            told.add((event.connection, marker))
            speech = cut(source.text or marker) if source else marker
            if source is None:
                if event.connection not in barred:
                    continue
                sentence = (
                    f"{who(history, event.connection)} was to be shut out and was sent {speech}, said before it came"
                )
            elif event.connection in barred:
                whose = f"that {who(history, by)} said" if by else f"that was meant for {source.detail}"
                sentence = f"{who(history, event.connection)} was to be shut out and was sent {speech} {whose}"
            elif by in barred and event.kind is Kind.STORED:
                sentence = f"a row holds {speech} that {who(history, by)} said, who was to be shut out"
            elif by in barred:
                sentence = (
                    f"{who(history, event.connection)} heard {speech} of {who(history, by)}, who was to be shut out"
                )
            else:
                continue
            findings.append(Finding.of(Anomaly.LEAKED, sentence, source, event))
    return findings


def joined_no_group(history: History, *, barred: Collection[str]) -> list[Finding]:
    """Find ``barred`` connections that a group held while they were open."""
    return [
        Finding.of(
            Anomaly.LEAKED, f"{who(history, event.connection)} was to be shut out and was in {event.detail}", event
        )
        for event in history.of(Kind.MEMBER)
        if event.connection in barred
    ]


def refused_without_a_crash(history: History, *, barred: Collection[str]) -> list[Finding]:
    """Find ``barred`` connections whose application crashed once it was told that they had ended.

    What a server raises from a send to a client that has gone is no such crash, unless ``disconnect()`` had run.
    """
    findings = []
    for connection in barred:
        events = history.of(Kind.DELIVERED, Kind.DISCONNECT_RAN, Kind.CRASHED, connection=connection)
        ran = next((event.at for event in events if event.kind is Kind.DISCONNECT_RAN), float("inf"))
        told = [event for event in events if event.detail == DISCONNECT]
        for crash in (event for event in events if event.kind is Kind.CRASHED):
            if crash.marker == GONE and crash.at <= ran:
                continue
            if told and told[0].at <= crash.at:
                last = crash.detail.strip().rpartition("\n")[2] or "an exception"
                sentence = f"after {who(history, connection)} was refused, its disconnect crashed: {last}"
                findings.append(Finding.of(Anomaly.CRASHED, sentence, told[0], crash))
    return findings


def _taking_part(history: History, connection: str) -> list[Finding]:
    """Find the first sign that a connection takes part: a group that holds it, or any message that it was sent."""
    for event in history.of(Kind.MEMBER, Kind.RECEIVED, Kind.ANSWERED, connection=connection):
        if event.kind is Kind.MEMBER or markers(event):
            sign = (
                f"is in {event.detail}" if event.kind is Kind.MEMBER else f"was sent {cut(next(iter(markers(event))))}"
            )
            sentence = f"{who(history, connection)} was let in though it is not entitled: it {sign}"
            return [Finding.of(Anomaly.ADMITTED, sentence, event)]
    return []


def _was_told(history: History, connection: str) -> bool:
    if not history.of(Kind.ACCEPTED, connection=connection):
        return True  # by the status, or not at all, which is found elsewhere
    ended = history.first(Kind.CLOSED, Kind.LEAVING, Kind.ABORTED, connection=connection)
    sent = history.of(Kind.RECEIVED, Kind.NOISE, connection=connection)
    sent += [event for event in history.of(Kind.ANSWERED, connection=connection) if event.detail == SEND]
    return bool(sent) or (ended is not None and ended.kind is Kind.CLOSED)
