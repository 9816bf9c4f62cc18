"""What must follow a queued task: it ends, and its result reaches its user, once, everywhere, and nobody else.

A result is owed to each connection of the task's user that took part when the task was queued and stayed until the last
step of the play. It may reach the user's other connections too. A user who is offline is owed nothing. Whether the
task's own work succeeded is not judged here: a failure must be told to the user like any result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.delivery import altered, name, repeated, unheard
from channels_conformance.checks.finding import Anomaly, Finding, cut
from channels_conformance.checks.ledger import Arrival, Ledger, Utterance, holds, markers
from channels_conformance.history import History, Kind

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
            findings.append(Finding.of(Anomaly.LOST, f"{task} was never {step}", said.event, *started))
        if len(started) > 1 or len(ended) > 1:
            times = max(len(started), len(ended))
            findings.append(Finding.of(Anomaly.DUPLICATED, f"{task} ran {times} times", said.event, *started, *ended))
    return findings


def results_heard(history: History) -> list[Finding]:
    """Find results that did not reach their user exactly once, reached somebody else, or came before the work."""
    checks = (results_lost, results_altered, results_crossed, results_repeated, results_early)
    return [finding for check in checks for finding in check(history)]


def results_lost(history: History) -> list[Finding]:
    """Find results that a connection of their user never received."""
    ledger = Ledger(history)
    return [finding for said, _ in _queued(ledger) for finding in unheard(ledger, said)]


def results_altered(history: History) -> list[Finding]:
    """Find results that reached their user without what the task computed."""
    ledger = Ledger(history)
    return [finding for said, _ in _queued(ledger) for finding in altered(ledger, said)]


def results_crossed(history: History) -> list[Finding]:
    """Find results that reached a connection of somebody else."""
    ledger = Ledger(history)
    return [
        Finding.of(
            Anomaly.CROSSED,
            f"{ledger.who(connection)} received {name(ledger, said)}",
            said.event,
            heard[0].event,
        )
        for said, connection, heard, meant in _heard(ledger)
        if not meant
    ]


def results_repeated(history: History) -> list[Finding]:
    """Find results that came to one connection of their user more than once."""
    ledger = Ledger(history)
    return [
        finding
        for said, connection, heard, meant in _heard(ledger)
        if meant
        for finding in repeated(ledger, connection, said, heard)
    ]


def results_early(history: History) -> list[Finding]:
    """Find results that their user received before a Celery child had begun the task."""
    ledger = Ledger(history)
    findings = []
    for said, connection, heard, meant in _heard(ledger):
        started = ledger.tasks.get(said.event.marker, {}).get(Kind.TASK_STARTED, [])
        if meant and started and heard[0].event.at < started[0].at:
            sentence = f"{ledger.who(connection)} received {name(ledger, said)} before the task was begun"
            findings.append(
                Finding.of(Anomaly.REORDERED, sentence, said.event, heard[0].event, started[0], connection=connection)
            )
    return findings


def tasks_succeeded(history: History) -> list[Finding]:
    """Find queued tasks that raised."""
    ledger = Ledger(history)
    findings = []
    for said, _ in _queued(ledger):
        for ended in ledger.tasks.get(said.event.marker, {}).get(Kind.TASK_ENDED, []):
            if ended.detail.strip():
                error = cut(ended.detail.strip().splitlines()[-1], 200)
                sentence = f"the task {said.event.marker} of {said.event.detail} raised: {error}"
                findings.append(Finding.of(Anomaly.CRASHED, sentence, said.event, ended))
    return findings


def failures_told(history: History, *, failed: str = "") -> list[Finding]:
    """Find tasks that had to fail, and either never ended or never told each connection of their user that they failed.

    ``failed`` is a word that a frame telling of failure holds; without one, it must carry the task's marker.
    """
    ledger = Ledger(history)
    findings = []
    for task in history.of(Kind.DOOMED):
        if task.connection:
            continue
        ended = ledger.tasks.get(task.marker, {}).get(Kind.TASK_ENDED, [])
        if not ended:
            sentence = f"the failing task {task.marker} of {task.detail} never ended"
            findings.append(Finding.of(Anomaly.LOST, sentence, task))
        for listener in history.connections.values():
            span = ledger.spans[listener.id]
            if listener.user != task.detail or not span.ready <= task.at < span.ending:
                continue
            frames = [it for it in history.of(Kind.RECEIVED, connection=listener.id) if it.at >= task.at]
            if not any(holds(frame, failed or task.marker) for frame in frames):
                sentence = f"{ledger.who(listener.id)} was never told that the task {task.marker} failed"
                findings.append(Finding.of(Anomaly.LOST, sentence, task, connection=listener.id))
    return findings


def done_in_vain(history: History, *, done: str) -> list[Finding]:
    """Find tasks whose work was rolled back, and whose user was told that it is done.

    ``done`` is a word that a frame telling of success holds; without one, what was told cannot be understood. Nor can
    it where a frame tells of several tasks: the word may be said of another. What else a task's text holds names none.
    """
    if not done:
        return []
    ledger = Ledger(history)
    stored = {row.marker for row in history.of(Kind.STORED)}  # where the database took it after all, it is done
    tasks = {task.marker for task in history.of(Kind.QUEUED, Kind.DOOMED, Kind.FENCE)}
    findings = []
    for task in history.of(Kind.DOOMED):
        for frame in history.of(Kind.RECEIVED):
            told = tasks & {*markers(frame)} == {task.marker} and holds(frame, done)
            if not task.connection and task.marker not in stored and told:
                sentence = f"{ledger.who(frame.connection)} was told that {task.marker} is done, which was rolled back"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, task, frame))
    return findings


def _queued(ledger: Ledger) -> Iterator[tuple[Utterance, dict[str, list[Arrival]]]]:
    for marker, said in ledger.utterances.items():
        if said.event.kind is Kind.QUEUED:
            yield said, ledger.heard.get(marker, {})


def _heard(ledger: Ledger) -> Iterator[tuple[Utterance, str, list[Arrival], bool]]:
    """Yield each arrival of a result, and whether it was meant for who received it."""
    for said, arrivals in _queued(ledger):
        for connection, heard in arrivals.items():
            listener = ledger.history.connections.get(connection)
            yield said, connection, heard, listener is not None and ledger.may_hear(listener, said)
