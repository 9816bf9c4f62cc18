"""What must be in the database after a play: each message once, with its user and its audience."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from channels_conformance.checks.delivery import name
from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.checks.ledger import Ledger, markers
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Collection


def as_stored(user: str | None, audience: str | None) -> str:
    """Return what the ``detail`` of a STORED event reads for a row of this user and audience; None: not told."""
    return f"{user!r} in {audience!r}"


def stored_once(history: History, *, endpoints: Collection[str] | None = None) -> list[Finding]:
    """Find messages that were not stored exactly once, and rows of what nobody said.

    ``endpoints`` names those that store what is said; left out, all do. Fences may be stored, for an app cannot tell
    them from messages. A message the application may never have got (see
    :mod:`channels_conformance.checks.delivery`) need not be stored.
    """
    ledger = Ledger(history)
    doomed = {event.marker for event in history.of(Kind.DOOMED)}
    rows: dict[str, list[Event]] = defaultdict(list)
    for row in history.of(Kind.STORED):
        if row.marker not in doomed:
            rows[row.marker].append(row)

    findings = [
        _finding(Anomaly.UNEXPECTED, f"a row holds {cut(marker)}, which nobody said", *found)
        for marker, found in rows.items()
        if marker not in ledger.utterances
    ]
    for marker, said in ledger.utterances.items():
        found, sayer = rows.get(marker, []), said.sayer
        if sayer is None or said.is_fence or (endpoints is not None and sayer.endpoint not in endpoints):
            continue
        if not found and ledger.processed(said):
            findings.append(_finding(Anomaly.LOST, f"{name(ledger, said)} was never stored", said.event))
        if len(found) > 1:
            sentence = f"{name(ledger, said)} was stored {len(found)} times"
            findings.append(_finding(Anomaly.DUPLICATED, sentence, said.event, *found))
    return findings


def stored_as_said(history: History) -> list[Finding]:
    """Find rows that have another user or audience than what they hold was said by and to."""
    ledger = Ledger(history)
    findings = []
    for row in history.of(Kind.STORED):
        said = ledger.utterances.get(row.marker)
        if said is None or said.sayer is None:
            continue
        speaker, room = said.sayer.user, said.sayer.audience
        if row.detail not in {as_stored(user, place) for user in (speaker, None) for place in (room, None)}:
            sentence = f"{name(ledger, said)} was stored as {row.detail}, not as {as_stored(speaker, room)}"
            findings.append(_finding(Anomaly.MISSTORED, sentence, said.event, row))
    return findings


def seen_when_heard(history: History) -> list[Finding]:
    """Find messages that somebody heard while their row could not be seen yet (Django docs: ``on_commit()``)."""
    ledger = Ledger(history)
    findings = []
    for look in history.of(Kind.LOOKED):
        said = ledger.utterances.get(look.marker)
        heard = ledger.heard.get(look.marker, {})
        first = min((arrivals[0].event for arrivals in heard.values()), key=lambda event: event.at, default=None)
        if said is not None and first is not None and first.at <= look.at and not look.code:
            sentence = f"{who(history, first.connection)} received {name(ledger, said)} before its row could be seen"
            findings.append(_finding(Anomaly.REORDERED, sentence, first, look))
    return findings


def heard_in_vain(history: History) -> list[Finding]:
    """Find messages that others heard though the database had refused them."""
    stored = {row.marker for row in history.of(Kind.STORED)}  # where it took them after all, they are good messages
    findings = []
    for doomed in history.of(Kind.DOOMED):
        for frame in history.of(Kind.RECEIVED):
            others = doomed.connection not in ("", frame.connection)
            if others and doomed.marker not in stored and doomed.marker in markers(frame):
                sentence = (
                    f"{who(history, frame.connection)} received {cut(doomed.text or doomed.marker)} of "
                    f"{who(history, doomed.connection)}, which was rolled back"
                )
                findings.append(_finding(Anomaly.UNEXPECTED, sentence, doomed, frame))
    return findings


def attributed(history: History) -> list[Finding]:
    """Find rows that name another user than the one who said what they hold."""
    ledger = Ledger(history)
    findings = []
    for row in history.of(Kind.STORED):
        said = ledger.utterances.get(row.marker)
        if said is None or said.sayer is None:
            continue
        if not row.detail.startswith((f"{said.sayer.user!r} in ", f"{None!r} in ")):
            sentence = f"{name(ledger, said)} was stored as {row.detail}, not as of {said.sayer.user!r}"
            findings.append(_finding(Anomaly.MISSTORED, sentence, said.event, row))
    return findings


def _finding(anomaly: Anomaly, sentence: str, *evidence: Event) -> Finding:
    return Finding.of(anomaly, sentence, *evidence, connection=evidence[0].connection)
