"""How the handshakes of a run were answered so far: what never answers need not be waited for again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from channels_conformance.history import History, Kind

HOPELESS = 2
"""Handshakes of an endpoint, none of them answered, after which no answer is expected any more."""


class Answers:
    """Counts the handshakes of each endpoint that were answered, and those that were not."""

    def __init__(self) -> None:
        self._answered: Counter[str] = Counter()
        self._unanswered: Counter[str] = Counter()

    def learn(self, histories: Iterable[History]) -> None:
        """Count what these histories hold."""
        for history in histories:
            for event in history.of(Kind.ACCEPTED, Kind.REFUSED, Kind.UNANSWERED):
                counter = self._unanswered if event.kind is Kind.UNANSWERED else self._answered
                counter[history.connections[event.connection].endpoint] += 1

    def hopeless(self, endpoint: str) -> bool:
        """Return whether handshakes of this endpoint are left without an answer, each of them."""
        return not self._answered[endpoint] and self._unanswered[endpoint] >= HOPELESS
