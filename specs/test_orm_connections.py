"""The connections behind the ORM: what a worker holds of a database once its clients have gone.

The database is asked, not the worker: PostgreSQL counts its backends and tells whose each is. What is counted lies in
the past of every client, whose end the worker has reported, so there is nothing to wait for but the operating system.
"""

from __future__ import annotations

from channels_conformance.checks import connections_returned, stored_once
from channels_conformance.spec import claim, judge
from channels_conformance.subject.backends import at_rest, capacity
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import patience


@claim(
    "orm/connections-return-to-baseline",
    level="must",
    source="django/channels#871",
    endpoint="talking storing",
    needs=("postgresql",),
    evidence="stored",
)
async def test_connections_return_to_the_baseline(subject: Subject, endpoint: Endpoint) -> None:
    """However many clients came, wrote and went, a worker holds no more connections than threads could use."""
    async with subject.player(endpoint) as player:
        for worker in range(player.workers):
            for _ in range(capacity() + 1):
                await player.join("alice", "lobby", worker=worker)
                marker = await player.say("alice")
                await player.heard("alice", marker)
                await player.leave("alice")

    workers = {connection.worker for connection in player.history.connections.values()}
    player.history.events += await at_rest(subject.run.plan, workers, deadline=patience.deadline)
    judge(player.history, connections_returned, stored_once)
