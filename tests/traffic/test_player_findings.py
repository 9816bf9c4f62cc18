"""Plays on hubs that lose, repeat or reorder are found to; a play on one that keeps every claim is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from channels_conformance.checks import Anomaly
from channels_conformance.checks.finding import Finding
from channels_conformance.traffic.player import Player
from channels_conformance.traffic.steps import Stream
from channels_conformance.traffic.streams import conversations
from tests.traffic.hub import Hub, HubClient
from tests.traffic.plays import findings, lose_patience

pytestmark = pytest.mark.asyncio


async def play_badly(carry: Callable[[HubClient, str], list[str]]) -> list[Finding]:
    """Return what is found where bob's frames are carried badly while alice says one, two and three."""
    async with Player(Hub(carry=carry)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        for text in ("one", "two", "three"):
            await player.say("alice", text)
    return findings(player.history)


async def test_a_message_that_is_dropped_is_lost() -> None:
    """One frame that never arrives is one finding, which names who said what, and who missed it."""

    def carry(client: HubClient, frame: str) -> list[str]:
        return [] if client.who.client == "bob" and "two" in frame else [frame]

    (finding,) = await play_badly(carry)

    assert (finding.anomaly, finding.connection) == (Anomaly.LOST, "bob#1")
    assert finding.sentence.startswith("bob (worker-0) never received '~m")
    assert finding.sentence.endswith("two' that alice (worker-0) said")


async def test_a_message_that_comes_twice_is_duplicated() -> None:
    """One frame that arrives twice is one finding."""

    def carry(client: HubClient, frame: str) -> list[str]:
        return [frame, frame] if client.who.client == "bob" and "two" in frame else [frame]

    (finding,) = await play_badly(carry)

    assert (finding.anomaly, finding.connection) == (Anomaly.DUPLICATED, "bob#1")


async def test_messages_that_change_places_are_reordered() -> None:
    """Two frames of one sayer that arrive the other way round are one finding."""
    held: list[str] = []

    def carry(client: HubClient, frame: str) -> list[str]:
        if client.who.client != "bob":
            return [frame]
        if "one" in frame:
            held.append(frame)
            return []
        return [frame, held.pop()] if held else [frame]

    (finding,) = await play_badly(carry)

    assert (finding.anomaly, finding.connection) == (Anomaly.REORDERED, "bob#1")


async def test_a_fence_that_is_lost_ends_the_play_at_the_deadline() -> None:
    """Where the sayer's own fence never comes back, the play ends and the fence is found lost."""

    def carry(client: HubClient, frame: str) -> list[str]:
        return [] if losing else [frame]

    losing = False
    async with Player(Hub(carry=carry)) as player:
        await player.join("alice", "lobby")
        losing = True
        lose_patience(player)

    assert [finding.anomaly for finding in findings(player.history)] == [Anomaly.LOST]


@settings(max_examples=25, deadline=None)
@given(conversations())
async def test_a_subject_that_keeps_every_claim_is_found_to(stream: Stream) -> None:
    """Whatever is played on a good stage, the checks of delivery find nothing."""
    async with Player(Hub()) as player:
        await player.play(stream)

    assert findings(player.history) == []
