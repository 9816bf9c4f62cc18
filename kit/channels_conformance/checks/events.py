"""What must hold of the channel layer events that handlers are given."""

from __future__ import annotations

from channels_conformance.checks.finding import Anomaly, Finding, who
from channels_conformance.history import History, Kind


def events_unchanged(history: History) -> list[Finding]:
    """Find handlers that changed the event they were given.

    The Redis layer hands one and the same dict to all members that share a process, so that the next handler finds it
    changed (django/channels#1427).
    """
    return [
        Finding(
            anomaly=Anomaly.CHANGED,
            sentence=f"the consumer of {who(history, event.connection)} changed the event {event.detail}",
            connection=event.connection,
            evidence=(event,),
        )
        for event in history.of(Kind.EVENT_CHANGED)
    ]
