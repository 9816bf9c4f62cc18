"""What must be in the database after a play: each message once, with its user and its audience."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from channels_conformance.checks.delivery import name
from channels_conformance.checks.finding import Anomaly, Finding, cut
from channels_conformance.checks.ledger import Ledger
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Collection


def as_stored(user: str | None, audience: str | None) -> str:
    """Return what the ``detail`` of a STORED event reads for a row of this user and audience; None: not told."""
    return f"{user!r} in {audience!r}"


def stored_once(history: History, *, endpoints: Collection[str] | None = None) -> list[Finding]:
    """Find messages that were not stored exactly once with their user and audience, and rows of what nobody said.

    ``endpoints`` names those that store what is said; left out, all do. Fences may be stored, for an app cannot tell
    them from messages. A message the application may never have got (see
    :mod:`channels_conformance.checks.delivery`) need not be stored.
    """
    ledger = Ledger(history)
    rows: dict[str, list[Event]] = defaultdict(list)
    for row in history.of(Kind.STORED):
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
        due = as_stored(sayer.user, sayer.audience)
        for row in found:
            if row.detail not in {
                as_stored(user, place) for user in (sayer.user, None) for place in (sayer.audience, None)
            }:
                sentence = f"{name(ledger, said)} was stored as {row.detail}, not as {due}"
                findings.append(_finding(Anomaly.MISSTORED, sentence, said.event, row))
    return findings


def _finding(anomaly: Anomaly, sentence: str, *evidence: Event) -> Finding:
    return Finding(anomaly=anomaly, sentence=sentence, connection=evidence[0].connection, evidence=evidence)
