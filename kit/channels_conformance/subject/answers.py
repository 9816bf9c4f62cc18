"""How the handshakes of a run were answered so far: what never answers need not be waited for again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from channels_conformance.history import History, Kind

HOPELESS = 2
"""Handshakes of an endpoint, none of them answered, after which no answer is expected any more."""


class Answers:
    """Counts the handshakes of each endpoint that were answered otherwise than by a crash, and those that were not."""

    def __init__(self) -> None:
        self._answered: Counter[str] = Counter()
        self._unanswered: Counter[str] = Counter()

    def learn(self, histories: Iterable[History]) -> None:
        """Count what these histories hold."""
        for history in histories:
            for event in history.of(Kind.ACCEPTED, Kind.REFUSED, Kind.UNANSWERED):
                endpoint = history.connections[event.connection].endpoint
                if event.kind is Kind.UNANSWERED:
                    self._unanswered[endpoint] += 1
                elif event.code is None or event.code < 500:
                    self._answered[endpoint] += 1

    def hopeless(self, endpoint: str, histories: Iterable[History]) -> bool:
        """Return whether this endpoint leaves each handshake without an answer, those in ``histories`` counted in."""
        now = Answers()
        for history in histories:
            if self._answered[endpoint] or now._answered[endpoint]:
                return False  # one answer is enough: a run reads no further, however long it has become
            now.learn([history])
        unanswered = self._unanswered[endpoint] + now._unanswered[endpoint]
        return not self._answered[endpoint] + now._answered[endpoint] and unanswered >= HOPELESS
