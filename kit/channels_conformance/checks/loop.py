"""What must not happen on an event loop, nor in the threads beside it, as the instruments inside a worker saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Callable


def orm_on_loop(history: History) -> list[Finding]:
    """Find database queries on a thread that runs an event loop (Django docs: Async safety)."""
    return _seen(history, Kind.ORM_ON_LOOP, Anomaly.BLOCKED, lambda place: f"a query ran on the event loop of {place}")


def orm_unguarded(history: History) -> list[Finding]:
    """Find queries that did run on an event loop, since Django's guard was off (``DJANGO_ALLOW_ASYNC_UNSAFE``)."""
    refused = {id(event) for event in history.of(Kind.ORM_ON_LOOP) if event.text == "refused"}
    return [finding for finding in orm_on_loop(history) if id(finding.evidence[0]) not in refused]


def pings_answered(history: History) -> list[Finding]:
    """Find protocol pings that a worker did not answer, as its event loop did not come round to them."""
    findings = []
    for ping in history.of(Kind.PING):
        pongs = history.of(Kind.PONG, connection=ping.connection)
        if not any(pong.at >= ping.at for pong in pongs):
            sentence = f"{who(history, ping.connection)} sent a ping that was never answered"
            findings.append(
                Finding(anomaly=Anomaly.BLOCKED, sentence=sentence, connection=ping.connection, evidence=(ping,))
            )
    return findings


def old_connections_closed(history: History) -> list[Finding]:
    """Find threads that went on using a database connection, message after message, without asking if it is still good.

    For a play in which one client speaks, and is heard before it speaks again. What a handler does after its client was
    heard may fall into the time of the next message, so a thread has both messages' time to close what is old.
    """
    findings = []
    for connection in history.connections:
        delivered = history.of(Kind.DELIVERED, connection=connection)
        moments = [event for event in delivered if event.detail == "websocket.receive"]
        workers = {event.worker for event in moments}
        queries = [event for event in history.of(Kind.QUERY) if event.worker in workers]
        closed = [event for event in history.of(Kind.OLD_CLOSED) if event.worker in workers]
        for first, second, third in zip(moments, moments[1:], [*moments[2:], None], strict=False):
            end = third.at if third else float("inf")
            for thread in {query.marker for query in queries}:
                used = [query for query in queries if query.marker == thread]
                before = [query for query in used if first.at <= query.at < second.at]
                after = [query for query in used if second.at <= query.at < end]
                if not before or not after:
                    continue
                if not any(it.marker == thread and before[0].at <= it.at <= after[-1].at for it in closed):
                    sentence = (
                        f"a thread of {second.worker or 'the worker'} used its database connection for two messages of "
                        f"{who(history, connection)} and never closed what is old"
                    )
                    evidence = (before[0], after[-1])
                    findings.append(
                        Finding(anomaly=Anomaly.LEAKED, sentence=sentence, connection=connection, evidence=evidence)
                    )
    return findings


def loop_blocked(history: History) -> list[Finding]:
    """Find calls inside which an event loop stood still, so that every connection of its worker waited."""
    return _seen(history, Kind.LOOP_BLOCKED, Anomaly.BLOCKED, lambda place: f"the event loop of {place} stood still")


def unawaited(history: History) -> list[Finding]:
    """Find coroutines that were dropped without being awaited, so that their work was never done."""
    return _seen(history, Kind.UNAWAITED, Anomaly.LOST, lambda place: f"a coroutine was never awaited in {place}")


def _seen(history: History, kind: Kind, anomaly: Anomaly, say: Callable[[str], str]) -> list[Finding]:
    return [
        Finding(
            anomaly=anomaly,
            sentence=f"{say(event.worker or 'the worker')}{_whose(history, event)}: {_last_line(event.detail)}",
            connection=event.connection,
            evidence=(event,),
        )
        for event in history.of(kind)
    ]


def _whose(history: History, event: Event) -> str:
    return f", serving {who(history, event.connection)}" if event.connection else ""


def _last_line(detail: str) -> str:
    return detail.strip().rpartition("\n")[2].strip() or "no detail"
