"""How handshakes were answered and connections ended so far: what never comes is not waited for again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from channels_conformance.history import History, Kind

HOPELESS = 2
"""Handshakes of an endpoint, none of them answered, after which no answer is expected any more; and consumers that had
stopped while their application went on, after which no other end of one is expected at once.
"""

DEAF = 3
"""Clients that waited for their own fence in vain, while nobody ever heard one, after which none is expected soon."""


class Answers:
    """Counts the handshakes of each endpoint that were answered otherwise than by a crash, and those that were not.

    And the connections whose consumer had stopped while the application went on: Channels cancels what the consumer
    waits for, and redis-py with a socket_timeout may swallow that on Python 3.11, whose ``wait_for`` does
    (python/cpython#86296), and then go on for as long as the timeout is.
    """

    def __init__(self) -> None:
        self._answered: Counter[str] = Counter()
        self._unanswered: Counter[str] = Counter()
        self._proved: Counter[str] = Counter()
        self._unproved: Counter[str] = Counter()
        self._lingered: Counter[str] = Counter()

    def proved(self, stage: str, *, heard: bool) -> None:
        """Count a client that heard its own fence on a stage, or waited for it in vain."""
        (self._proved if heard else self._unproved)[stage] += 1

    def deaf(self, stage: str) -> bool:
        """Return whether no client has ever heard itself on this stage, and enough have waited for it."""
        return not self._proved[stage] and self._unproved[stage] >= DEAF

    def lingered(self, endpoint: str) -> None:
        """Count an application that had not ended long after its consumer."""
        self._lingered[endpoint] += 1

    def lingers(self, endpoint: str) -> bool:
        """Return whether applications of this endpoint have been waited for long enough."""
        return self._lingered[endpoint] >= HOPELESS

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
