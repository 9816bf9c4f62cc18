"""What a worker must give back to its database once nobody talks to it any more."""

from __future__ import annotations

from channels_conformance.checks.finding import Anomaly, Finding, cut
from channels_conformance.history import History, Kind


def connections_returned(history: History) -> list[Finding]:
    """Find workers that hold more database connections than they have threads for, and transactions left open."""
    findings = []
    for seen in history.of(Kind.CONNECTIONS_HELD):
        if (seen.code or 0) > int(seen.text or 0):
            sentence = f"{seen.worker} holds {seen.code} database connections, and has use for {seen.text} at most"
            findings.append(Finding(anomaly=Anomaly.LEAKED, sentence=sentence, evidence=(seen,)))
    for left in history.of(Kind.TRANSACTION_LEFT_OPEN):
        sentence = f"{left.worker} left a transaction open, after {cut(left.detail)}"
        findings.append(Finding(anomaly=Anomaly.LEAKED, sentence=sentence, evidence=(left,)))
    return findings
