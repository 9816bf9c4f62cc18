"""What holds of Celery itself: tasks that wait for a worker, results that come back, connections that stay."""

from __future__ import annotations

from channels_conformance.checks.finding import Anomaly, Finding, cut, who
from channels_conformance.history import History, Kind, markers_in


def waited_for(history: History) -> list[Finding]:
    """Find queued tasks that no worker, though it came, has ended without an error."""
    findings = []
    for queued in history.of(Kind.QUEUED):
        ended = [event for event in history.of(Kind.TASK_ENDED) if event.marker == queued.marker]
        if not ended:
            findings.append(Finding.of(Anomaly.LOST, "a task that waited for a worker was never done", queued))
        findings += [
            Finding.of(
                Anomaly.CRASHED, f"a task that waited for a worker raised: {cut(event.detail, 200)}", queued, event
            )
            for event in ended
            if event.detail
        ]
    return findings or _nothing(history, Kind.QUEUED, "no task was queued")


def results_read(history: History) -> list[Finding]:
    """Find tasks whose result could not be read, or is not what the task was given to return."""
    findings = []
    for result in history.of(Kind.RESULT):
        if result.detail:
            findings.append(Finding.of(Anomaly.LOST, f"a result cannot be read: {cut(result.detail, 200)}", result))
        elif result.marker not in (result.text or ""):
            findings.append(Finding.of(Anomaly.CHANGED, f"a result was read as {cut(result.text or '')}", result))
    return findings or _nothing(history, Kind.RESULT, "no result was asked for")


def workers_reply(history: History) -> list[Finding]:
    """Find that no worker answered when all were asked."""
    return _nothing(history, Kind.REPLIED, "no worker answered when asked")


def links_kept(history: History) -> list[Finding]:
    """Find processes none of whose connections to the broker was there at the first look and still at the last."""
    looks = {event.code for event in history.of(Kind.LINKED)}
    findings = []
    for process in ("celery", "judge"):
        seen = [event for event in history.of(Kind.LINKED) if event.worker == process]
        numbers = [{event.marker for event in seen if event.code == look} for look in looks]
        if len(numbers) < 2 or not set.intersection(*numbers):
            sentence = (
                f"no connection to the broker was kept by {'the worker' if process == 'celery' else 'who queues'}"
            )
            findings.append(Finding(anomaly=Anomaly.LOST, sentence=sentence, evidence=tuple(seen)))
    return findings


def gone_with_nobody(history: History) -> list[Finding]:
    """Find results that came to a connection which was opened only after their task had ended."""
    ended = {event.marker: event for event in history.of(Kind.TASK_ENDED)}
    opened = {event.connection: event for event in history.of(Kind.CONNECT)}
    return [
        Finding.of(
            Anomaly.UNEXPECTED,
            f"{who(history, event.connection)} received {marker}, told before it had come",
            ended[marker],
            event,
        )
        for event in history.of(Kind.RECEIVED)
        for marker in markers_in(event.text or event.data or "")
        if marker in ended and event.connection in opened and opened[event.connection].at > ended[marker].at
    ]


def _nothing(history: History, kind: Kind, sentence: str) -> list[Finding]:
    return [] if history.of(kind) else [Finding(anomaly=Anomaly.LOST, sentence=sentence)]
