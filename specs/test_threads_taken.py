"""What an application takes for its clients beside the loop that serves them: threads, and work in the background.

Both are counted in this process, beside the application; what a process begins once, for all, is nobody's.
"""

from __future__ import annotations

from channels_conformance.checks import threads_bounded
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.threads import count_threads, more_than_a_pool

CONSUMERS = "Channels docs: Consumers"
ASGIREF = "asgiref docs: Threading"


@claim(
    "threads/threads-do-not-grow-with-connections",
    level="should",
    source=f"{CONSUMERS}; {ASGIREF}",
    endpoint="talking",
    evidence="delivered",
)
async def test_threads_do_not_grow_with_connections(subject: Subject, endpoint: Endpoint) -> None:
    """However many connections have been served, they took fewer threads than they are."""
    crowd = [f"client-{number}" for number in range(more_than_a_pool())]
    async with subject.player(endpoint, over="process") as player:
        count_threads(player.history)
        for client in crowd:
            await player.join(client, client, user="alice", ready=False)
            await player.heard(client, await player.say(client))
        count_threads(player.history)

    judge(player.history, threads_bounded)
