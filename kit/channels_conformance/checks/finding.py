"""What a check hands back: one anomaly, said in one sentence, with the events that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from channels_conformance.history import Event, History

Blame = Literal["app", "layer", "server", "config"]
"""Whose the anomaly is, as far as the record tells."""


class Anomaly(StrEnum):
    """The kinds of anomaly. What each one means is told in :mod:`channels_conformance.checks`."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    UNEXPECTED = "unexpected"
    REORDERED = "reordered"
    CROSSED = "crossed"
    CHANGED = "changed"
    LATE = "late"
    LEAKED = "leaked"
    CRASHED = "crashed"
    UNGRAMMATICAL = "ungrammatical"
    BLOCKED = "blocked"
    REFUSED = "refused"
    ADMITTED = "admitted"
    UNANSWERED = "unanswered"
    MISSTORED = "misstored"
    MISCONFIGURED = "misconfigured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One anomaly, with its evidence."""

    anomaly: Anomaly
    sentence: str
    connection: str = ""  # Connection.id, empty where no connection is concerned
    evidence: tuple[Event, ...] = ()
    blame: Blame = "app"

    @classmethod
    def of(
        cls,
        anomaly: Anomaly,
        sentence: str,
        *evidence: Event | None,
        blame: Blame = "app",
        connection: str | None = None,
    ) -> Self:
        """Return a finding with what there is of its evidence, about the connection of the last, or the one named."""
        seen = tuple(event for event in evidence if event is not None)
        if connection is None:
            connection = seen[-1].connection if seen else ""
        return cls(anomaly=anomaly, sentence=sentence, connection=connection, evidence=seen, blame=blame)

    def line(self) -> str:
        """Return the finding as one line of a report."""
        return f"{self.anomaly}: {self.sentence} [{self.blame}]"


Check = Callable[[History], list[Finding]]
"""A pure function over one record. It may take further options by keyword, each with a default."""


def who(history: History, connection: str) -> str:
    """Return how a sentence names a connection: ``bob (uvicorn-2)``, and ``bob#2`` where bob came back."""
    known = history.connections.get(connection)
    if known is None:
        return connection or "somebody"
    name = known.id if not known.id.endswith("#1") else known.client
    return f"{name} ({known.worker})" if known.worker else name


def cut(text: str, limit: int = 60) -> str:
    """Return ``repr(text)``, cut to so many characters."""
    shown = repr(text[:limit])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
