"""What must follow a queued task: it ends, and its result reaches its user, once, everywhere, and nobody else.

A result is owed to each connection of the task's user that took part when the task was queued and stayed until the last
step of the play. It may reach the user's other connections too. A user who is offline is owed nothing. Whether the
task's own work succeeded is not judged here: a failure must be told to the user like any result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.delivery import missing, name, repeated
from channels_conformance.checks.finding import Anomaly, Finding
from channels_conformance.checks.ledger import Arrival, Ledger, Utterance
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator


def tasks_done(history: History) -> list[Finding]:
    """Find queued tasks that were not begun and ended exactly once."""
    ledger = Ledger(history)
    findings = []
    for said, _ in _queued(ledger):
        steps = ledger.tasks.get(said.event.marker, {})
        started, ended = steps.get(Kind.TASK_STARTED, []), steps.get(Kind.TASK_ENDED, [])
        task = f"the task {said.event.marker} of {said.event.detail}"
        if not ended:
            step = "ended" if started else "begun"
            findings.append(_finding(Anomaly.LOST, f"{task} was never {step}", "", said.event, *started))
        if len(started) > 1 or len(ended) > 1:
            times = max(len(started), len(ended))
            findings.append(_finding(Anomaly.DUPLICATED, f"{task} ran {times} times", "", said.event, *started, *ended))
    return findings


def results_heard(history: History) -> list[Finding]:
    """Find results that did not reach their user exactly once, reached somebody else, or came before the work."""
    ledger = Ledger(history)
    findings = []
    for said, arrivals in _queued(ledger):
        findings += missing(ledger, said)
        started = ledger.tasks.get(said.event.marker, {}).get(Kind.TASK_STARTED, [])
        for connection, heard in arrivals.items():
            listener = history.connections.get(connection)
            if listener is None or not ledger.may_hear(listener, said):
                sentence = f"{ledger.who(connection)} received {name(ledger, said)}"
                findings.append(_finding(Anomaly.CROSSED, sentence, connection, said.event, heard[0].event))
                continue
            findings += repeated(ledger, connection, said, heard)
            if started and heard[0].event.at < started[0].at:
                sentence = f"{ledger.who(connection)} received {name(ledger, said)} before the task was begun"
                findings.append(
                    _finding(Anomaly.REORDERED, sentence, connection, said.event, heard[0].event, started[0])
                )
    return findings


def _queued(ledger: Ledger) -> Iterator[tuple[Utterance, dict[str, list[Arrival]]]]:
    for marker, said in ledger.utterances.items():
        if said.event.kind is Kind.QUEUED:
            yield said, ledger.heard.get(marker, {})


def _finding(anomaly: Anomaly, sentence: str, connection: str, *evidence: Event) -> Finding:
    return Finding(anomaly=anomaly, sentence=sentence, connection=connection, evidence=evidence)
