"""What a handshake asks for must not crash whoever answers it."""

from __future__ import annotations

from channels_conformance.checks.endings import crashed
from channels_conformance.checks.finding import Finding
from channels_conformance.history import History, Kind


def asked_without_a_crash(history: History) -> list[Finding]:
    """Find connections that crashed before their application was told that the client had gone.

    What happens later is no answer to what a handshake asked for, and is judged elsewhere.
    """
    told: dict[str, float] = {}
    for event in history.of(Kind.DELIVERED, Kind.DISCONNECT_RAN):
        if event.kind is Kind.DISCONNECT_RAN or event.detail == "websocket.disconnect":
            told.setdefault(event.connection, event.at)
    by_worker = (Kind.CRASHED, Kind.STOPPED)
    return [
        finding
        for finding in crashed(history)
        if finding.evidence[-1].kind not in by_worker
        or finding.evidence[-1].at <= told.get(finding.connection, float("inf"))
    ]
