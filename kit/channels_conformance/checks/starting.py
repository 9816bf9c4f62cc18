"""What must hold of the ways to start a project, and of the packages and commands that it is started with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from channels_conformance.checks.finding import Anomaly, Finding
from channels_conformance.history import Event, History, Kind

WEBSOCKET = "websocket"
"""What stands for the handshake among the paths that a server is asked for."""

SWITCHING = 101  # the status of a handshake that was accepted (RFC 6455 4.2.2)

_finding = partial(Finding.of, Anomaly.MISCONFIGURED, blame="config", connection="")


def served(history: History, *, way: str, statuses: Mapping[str, int]) -> list[Finding]:
    """Find paths that a server answered otherwise; ``statuses`` has the status of each path, and of ``websocket``."""
    ended = next((event for event in history.of(Kind.NOT_STARTED) if event.worker == way), None)
    if ended:
        return [_finding(f"{way}: it ended before it served anything: {_last_line(ended.detail)}", ended)]
    answers = {event.marker: event for event in history.of(Kind.RESPONDED) if event.worker == way}
    findings = []
    for path, status in statuses.items():
        event = _handshake(history, way) if path == WEBSOCKET else answers.get(path)
        seen = 0 if event is None else SWITCHING if event.kind is Kind.ACCEPTED else event.code or 0
        if seen != status:
            told = f"{way}: {path} was answered with {seen or 'nothing'}, and must be with {status}"
            findings.append(_finding(told, event))
    return findings


def logged(history: History, *, way: str, words: str) -> list[Finding]:
    """Find a server that did not say these words as it started."""
    logs = [event for event in history.of(Kind.LOGGED) if event.worker == way]
    if any(words in (event.text or "") for event in logs):
        return []
    return [_finding(f"{way}: its log never says {words!r}", *logs)]


def ended(history: History, *, way: str, words: str) -> list[Finding]:
    """Find a start that should have ended with these words, and did not."""
    for event in history.of(Kind.STARTED, Kind.NOT_STARTED):
        if event.worker == way and event.kind is Kind.STARTED:
            return [_finding(f"{way}: it came up, and should have ended with {words!r}", event)]
        if event.worker == way and words not in event.detail:
            told = f"{way}: it should have ended with {words!r}, and did with: {_last_line(event.detail)}"
            return [_finding(told, event)]
        if event.worker == way:
            return []
    return [_finding(f"{way}: nobody knows how it started")]


def named(
    history: History, *, marker: str, exactly: Collection[str], detail: str | None = None, others: bool = False
) -> list[Finding]:
    """Find names that are missing among those on record, and any further one, unless ``others`` may be there."""
    events = [
        event
        for event in history.of(Kind.CONFIGURED)
        if event.marker == marker and (detail is None or event.detail == detail)
    ]
    where = f" of {detail}" if detail else ""
    found = {event.text or "" for event in events}
    missing = [
        _finding(f"there is no {marker} {name!r}{where} any more", *events) for name in exactly if name not in found
    ]
    more = [] if others else [event for event in events if event.text not in exactly]
    return missing + [
        _finding(f"there is a {marker} {event.text!r}{where} that was not there", event) for event in more
    ]


def handshakes_crash(history: History, *, error: str) -> list[Finding]:
    """Find handshakes that were accepted, or in which the application raised something else."""
    findings = [
        _finding(f"{event.connection} was accepted, and {error} should have been raised", event)
        for event in history.of(Kind.ACCEPTED)
    ]
    crashes = [event for event in history.of(Kind.CRASHED) if error in event.detail]
    if not findings and not crashes:
        findings = [_finding(f"no handshake ended with {error}", *history.of(Kind.REFUSED, Kind.CRASHED))]
    return findings


def knocks_answered(
    history: History,
    *,
    accepted: Collection[str] = (),
    refused: Collection[str] = (),
    crashed: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Find handshakes that ended otherwise, by the names of their clients; ``crashed`` has words of the exception."""
    ends: dict[str, Event] = {}
    for event in history.of(Kind.ACCEPTED, Kind.REFUSED, Kind.CRASHED, Kind.RETURNED):
        ends.setdefault(event.connection.removesuffix("#1"), event)
    wanted = [(who, Kind.ACCEPTED, "") for who in accepted] + [(who, Kind.REFUSED, "") for who in refused]
    wanted += [(who, Kind.CRASHED, words) for who, words in (crashed or {}).items()]
    findings = []
    for who, kind, words in wanted:
        end = ends.get(who)
        if end is None or end.kind != kind or words not in end.detail:
            due, was = f"{kind} {words}".strip(), f"{end.kind} {end.detail}".strip() if end else "never answered"
            findings.append(_finding(f"{who} must be {due}, and was {was}", end))
    return findings


def frames_told(history: History, *, frames: Mapping[str, str]) -> list[Finding]:
    """Find clients that were not told exactly this, by their names."""
    heard = {event.connection.removesuffix("#1"): event for event in history.of(Kind.RECEIVED)}
    return [
        _finding(f"{who} must be told {frame}, and was told {heard[who].text if who in heard else 'nothing'}")
        for who, frame in frames.items()
        if who not in heard or heard[who].text != frame
    ]


def _handshake(history: History, way: str) -> Event | None:
    answers = history.of(Kind.ACCEPTED, Kind.REFUSED, Kind.UNANSWERED)
    return next((event for event in answers if history.connections[event.connection].worker == way), None)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["its log says nothing"])[-1]
