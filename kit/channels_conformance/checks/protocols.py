"""What must hold of HTTP, and of what an application tells of the server that it runs on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from channels_conformance.checks.finding import Anomaly, Finding, cut
from channels_conformance.history import Event, History, Kind, markers_in

SWITCHING_PROTOCOLS = 101


def replied(history: History, *, codes: Mapping[str, Collection[int]]) -> list[Finding]:
    """Find requests that were not answered, or with another status than one of those that are due to their name."""
    findings = [
        Finding.of(Anomaly.UNANSWERED, f"{event.marker} was not answered: {event.detail}", event)
        for event in history.of(Kind.NO_RESPONSE)
    ]
    for event in history.of(Kind.RESPONDED):
        due = codes.get(event.marker)
        if due is None or event.code in due:
            continue
        switched = SWITCHING_PROTOCOLS in (event.code, *due)
        anomaly = Anomaly.UNEXPECTED
        if switched:
            anomaly = Anomaly.ADMITTED if event.code == SWITCHING_PROTOCOLS else Anomaly.REFUSED
        elif (event.code or 0) >= 500:
            anomaly = Anomaly.CRASHED
        findings.append(Finding.of(anomaly, f"{event.marker} was answered with HTTP {event.code}", event))
    asked = {event.marker for event in history.of(Kind.REQUESTED)}
    answered = {event.marker for event in history.of(Kind.RESPONDED, Kind.NO_RESPONSE)}
    for name in codes:
        if name not in answered:
            what = "was not answered" if name in asked else "was never asked for"
            findings.append(Finding.of(Anomaly.UNANSWERED, f"{name} {what}"))
    return findings


def typed(history: History) -> list[Finding]:
    """Find answers with a body and without a Content-Type, so that a client has to guess."""
    return [
        Finding.of(Anomaly.LOST, f"the answer to {event.marker} has a body and no Content-Type", event)
        for event in history.of(Kind.RESPONDED)
        if event.text and not event.detail
    ]


def told(history: History, *, facts: Mapping[str, str]) -> list[Finding]:
    """Find facts that were never told, or told to be something else."""
    findings = []
    for name, due in facts.items():
        events = [event for event in history.of(Kind.TOLD) if event.marker == name]
        if not events:
            findings.append(Finding.of(Anomaly.LOST, f"{name} was never told"))
        findings += [
            Finding.of(Anomaly.UNEXPECTED, f"{name} is {cut(event.text or '')}, and not {cut(due)}", event)
            for event in events
            if event.text != due
        ]
    return findings


def told_the_same(history: History, *, name: str) -> list[Finding]:
    """Find that a fact which was asked for again and again was not the same each time."""
    events = [event for event in history.of(Kind.TOLD) if event.marker == name]
    if not events:
        return [Finding.of(Anomaly.LOST, f"{name} was never told")]
    values = {event.text for event in events}
    if len(values) == 1:
        return []
    return [Finding.of(Anomaly.UNEXPECTED, f"{name} was told {len(events)} times, with {len(values)} values", *events)]


def held_back(history: History, *, until: str) -> list[Finding]:
    """Find events of a stream that arrived before the request ``until`` was sent, which alone should let them go."""
    released = next((event.at for event in history.of(Kind.REQUESTED) if event.marker == until), float("inf"))
    return [
        Finding.of(Anomaly.UNEXPECTED, f"{markers_in(event.text or '')[0]} arrived before {until} was asked for", event)
        for event in history.of(Kind.RECEIVED)
        if event.at < released and markers_in(event.text or "")
    ]


def streamed(history: History, *, until: str) -> list[Finding]:
    """Find events that were told to a stream and had not arrived when the request ``until``, which ends it, began."""
    end = next((event.at for event in history.of(Kind.REQUESTED) if event.marker == until), float("inf"))
    arrived = {
        marker for event in history.of(Kind.RECEIVED) if event.at < end for marker in markers_in(event.text or "")
    }
    return [
        Finding.of(Anomaly.LATE, f"{event.marker} was told, and had not arrived when {until} was asked for", event)
        for event in history.of(Kind.SAID)
        if event.marker not in arrived
    ]


def answers(history: History, *, due: Mapping[str, Collection[str]]) -> list[Finding]:
    """Find applications that sent other events than those that are due to the name they were called by, or raised."""
    findings = []
    for name, types in due.items():
        sent = [event.detail for event in history.of(Kind.ANSWERED, connection=name)]
        if sent != list(types):
            sentence = f"{name} was answered with {', '.join(sent) or 'nothing'}, and not with {', '.join(types)}"
            findings.append(Finding.of(Anomaly.UNGRAMMATICAL, sentence, *history.of(Kind.ANSWERED, connection=name)))
        findings += [
            Finding.of(Anomaly.CRASHED, f"{name} raised {_last_line(crash)}", crash)
            for crash in history.of(Kind.CRASHED, connection=name)
        ]
    return findings


def raised(history: History, *, name: str, words: str) -> list[Finding]:
    """Find that an application which was called by a name raised nothing, or something without these words."""
    crashes = history.of(Kind.CRASHED, connection=name)
    if not crashes:
        return [Finding.of(Anomaly.ADMITTED, f"{name} raised nothing", *history.of(Kind.ANSWERED, connection=name))]
    return [
        Finding.of(Anomaly.UNEXPECTED, f"{name} raised {_last_line(crash)}", crash)
        for crash in crashes
        if words not in _last_line(crash)
    ]


def without_channel(history: History) -> list[Finding]:
    """Find consumers that a channel layer gave a channel."""
    return [
        Finding.of(Anomaly.UNEXPECTED, f"a consumer was given the channel {cut(event.detail)}", event)
        for event in history.of(Kind.CHANNEL)
    ]


def _last_line(event: Event) -> str:
    return event.detail.strip().rpartition("\n")[2]
