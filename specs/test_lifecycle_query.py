"""What stands behind the question mark of a handshake is anybody's to choose."""

from __future__ import annotations

from channels_conformance.checks import answered_whatever_was_asked
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import queries


@claim(
    "lifecycle/odd-query-is-no-crash",
    level="must",
    source="RFC 3986 §3.4; Channels docs: Authentication",
    endpoint="any",
)
async def test_an_odd_query_is_no_crash(subject: Subject, endpoint: Endpoint) -> None:
    """Whatever query string a handshake carries, or none, it is let in or refused, and nothing crashes."""
    barred = endpoint.enter == "authenticated"
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby", ready=False)
        await player.leave("alice")
        await player.join("a stranger", "lobby", user="", ready=False, barred=barred)
        await player.leave("a stranger")
        for query in queries.odd(endpoint.query):
            for user in ("alice", ""):
                client = f"{user or 'a stranger'} with ?{query[:32]}"
                await player.join(client, "lobby", user=user, query=query, ready=False, barred=not user and barred)
                await player.leave(client)

    judge(player.history, answered_whatever_was_asked)
