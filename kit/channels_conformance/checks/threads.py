"""Which thread handles what, and who waits for whom, as the instruments inside a worker saw it.

A handler is *held* where it waits inside its own ``send()``. What may be said of those who wait meanwhile is said only
where somebody was held, and where what they wait for had come: a history without that proves nothing, and is a finding.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREVER = float("inf")


def sync_handlers_share_a_thread(history: History) -> list[Finding]:
    """Find workers whose synchronous handlers ran in more than one thread, or on the event loop."""
    findings = []
    for worker, handled in _handled(history).items():
        on_loop = [event for event in handled if event.text != "thread"]
        threads = {event.marker: event for event in handled}
        if on_loop:
            findings.append(
                Finding.of(Anomaly.UNEXPECTED, f"a handler ran on the event loop of {_name(worker)}", on_loop[0])
            )
        elif len(threads) > 1:
            sentence = f"the handlers of {_name(worker)} ran in {len(threads)} threads"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *threads.values()))
    return findings or _nothing(history, Kind.HANDLING, "no handler was seen at work")


def handlers_share_the_loop(history: History) -> list[Finding]:
    """Find workers whose asynchronous handlers ran on more than one event loop, or elsewhere than on its thread."""
    findings = []
    for worker, handled in _handled(history).items():
        elsewhere = [event for event in handled if event.text != "loop"]
        places = {(event.marker, event.detail): event for event in handled}
        if elsewhere:
            findings.append(
                Finding.of(Anomaly.UNEXPECTED, f"a handler of {_name(worker)} ran in a thread", elsewhere[0])
            )
        elif len(places) > 1:
            sentence = f"the handlers of {_name(worker)} ran on {len(places)} event loops"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *places.values()))
    return findings or _nothing(history, Kind.HANDLING, "no handler was seen at work")


def a_thread_for_each_connection(history: History) -> list[Finding]:
    """Find connections whose handlers ran in more than one thread, or in that of another connection."""
    findings = []
    owners: dict[str, str] = {}
    for connection in history.connections:
        handled = history.of(Kind.HANDLING, connection=connection)
        if len({event.marker for event in handled}) > 1:
            sentence = f"the handlers of {who(history, connection)} ran in several threads"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, *handled))
        for event in handled[:1]:
            owner = owners.setdefault(event.marker, connection)
            if owner != connection:
                sentence = f"{who(history, connection)} was handled in the thread of {who(history, owner)}"
                findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, event))
    return findings or _nothing(history, Kind.HANDLING, "no handler was seen at work")


def nobody_handled_meanwhile(history: History) -> list[Finding]:
    """Find handlers that were entered while one of another connection, on the same worker, was held."""
    findings = []
    for held, end in _holds(history):
        begun = [
            it for it in history.of(Kind.HANDLING) if it.connection != held.connection and it.worker == held.worker
        ]
        said = [it for it in history.of(Kind.SAID) if it.connection != held.connection and held.at <= it.at < end]
        if not said:
            findings.append(
                Finding.of(Anomaly.LOST, f"nobody said anything while {who(history, held.connection)} was held", held)
            )
        findings += [
            Finding.of(
                Anomaly.UNEXPECTED,
                f"{who(history, event.connection)} was handled while {who(history, held.connection)} waited",
                held,
                event,
            )
            for event in begun
            if held.at <= event.at < end
        ]
    return findings or _nothing(history, Kind.HELD, "no handler was held")


def visits_answered(history: History) -> list[Finding]:
    """Find pages that a worker did not answer while a handler of it was held."""
    findings = []
    for visit in history.of(Kind.RESPONDED, Kind.NO_RESPONSE):
        if visit.kind is Kind.NO_RESPONSE:
            findings.append(Finding.of(Anomaly.UNEXPECTED, f"{_name(visit.worker)} answered no page", visit))
        elif not any(held.worker == visit.worker and held.at <= visit.at < end for held, end in _holds(history)):
            findings.append(
                Finding.of(Anomaly.UNEXPECTED, f"{_name(visit.worker)} answered a page only afterwards", visit)
            )
    return findings or _nothing(history, Kind.RESPONDED, "no page was asked for")


def held_together(history: History, *, number: int = 2) -> list[Finding]:
    """Find that fewer than ``number`` connections' handlers waited at one time."""
    steps = history.of(Kind.HELD, Kind.LET_GO)
    now: set[str] = set()
    most = 0
    for event in steps:
        now = now | {event.connection} if event.kind is Kind.HELD else now - {event.connection}
        most = max(most, len(now))
    if most >= number:
        return []
    sentence = f"{most} of {number} handlers waited together"
    return [Finding(anomaly=Anomaly.BLOCKED, sentence=sentence, evidence=tuple(steps))]


def queries_share_the_sync_thread(history: History) -> list[Finding]:
    """Find queries of connections that ran in another thread than the synchronous handlers of their worker."""
    findings = []
    threads = {worker: {it.marker for it in seen if it.text == "thread"} for worker, seen in _handled(history).items()}
    queries = [event for event in history.of(Kind.QUERY) if event.connection]
    for query in queries:
        if query.marker not in threads.get(query.worker, set()):
            sentence = f"a query of {who(history, query.connection)} ran beside the thread of the sync handlers"
            findings.append(Finding.of(Anomaly.UNEXPECTED, sentence, query))
    return findings or _nothing(history, Kind.QUERY, "no query was seen")


def calls_beside(history: History) -> list[Finding]:
    """Find calls with thread_sensitive=False that waited for a held handler, or shared a thread with handlers."""
    findings = []
    threads = {event.marker for event in history.of(Kind.HANDLING)}
    for call in history.of(Kind.CALLED):
        if not call.marker:
            findings.append(Finding.of(Anomaly.UNEXPECTED, f"a call with {call.text} got {call.detail}", call))
        elif call.marker in threads:
            findings.append(
                Finding.of(Anomaly.UNEXPECTED, f"a call with {call.text} ran in the thread of the handlers", call)
            )
        elif not any(held.at <= call.at < end for held, end in _holds(history)):
            findings.append(Finding.of(Anomaly.LOST, f"nobody was held when a call with {call.text} came back", call))
    return findings or _nothing(history, Kind.CALLED, "nothing was called")


def threads_bounded(history: History) -> list[Finding]:
    """Find that a process took a thread more for each connection more that it served."""
    counted = history.of(Kind.THREADS)
    findings = []
    for first, last in pairwise(counted):
        connections = int(last.text or 0) - int(first.text or 0)
        threads = (last.code or 0) - (first.code or 0)
        if 0 < connections <= threads:
            sentence = f"{connections} more connections took {threads} more threads"
            findings.append(Finding(anomaly=Anomaly.LEAKED, sentence=sentence, evidence=(first, last)))
    return findings


def _name(worker: str) -> str:
    return worker or "the worker"


def _handled(history: History) -> dict[str, list[Event]]:
    handled: defaultdict[str, list[Event]] = defaultdict(list)
    for event in history.of(Kind.HANDLING):
        handled[event.worker].append(event)
    return handled


def _holds(history: History) -> Iterator[tuple[Event, float]]:
    """Yield each event of a handler being held, with the time when it was let go."""
    for held in history.of(Kind.HELD):
        gone = history.of(Kind.LET_GO, connection=held.connection)
        yield held, min((event.at for event in gone if event.at >= held.at), default=FOREVER)


def _nothing(history: History, kind: Kind, sentence: str) -> list[Finding]:
    return [] if history.of(kind) else [Finding(anomaly=Anomaly.LOST, sentence=sentence)]
