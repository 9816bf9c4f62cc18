"""What must not happen on an event loop, as the instruments inside a worker saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.history import Event, History, Kind

if TYPE_CHECKING:
    from collections.abc import Callable


def orm_on_loop(history: History) -> list[Finding]:
    """Find database queries on a thread that runs an event loop (Django docs: Async safety)."""
    return _seen(history, Kind.ORM_ON_LOOP, Anomaly.BLOCKED, lambda place: f"a query ran on the event loop of {place}")


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
