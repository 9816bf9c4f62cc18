"""Who belongs to an audience: from the moment its handshake is accepted to its end, however that comes.

A group outlives the connections in it. What one of them leaves behind is judged in Redis, once all have ended.
"""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_conformance.checks import (
    crashed,
    duplicated,
    leaked,
    lost,
    pushes_heard,
    reordered,
    silent_before_accept_and_after_close,
    unexpected,
)
from channels_conformance.fixtures import ExtraServer
from channels_conformance.history import Kind
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import streams
from channels_conformance.traffic.steps import Stream

LAYERS = "Channels docs: Channel Layers"


@claim(
    "fanout/ready-means-joined",
    level="must",
    source="Channels docs: Tutorial",
    endpoint="group immediate",
    needs=("redis",),
    evidence="delivered",
)
async def test_who_is_accepted_misses_nothing(subject: Subject, endpoint: Endpoint) -> None:
    """A client whose handshake is accepted hears what is said from that moment on, however long accepting takes."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "lobby", worker=1)
        for worker, sayer in ((1, "alice"), (0, "bob")):
            await player.join("carol", "lobby", worker=worker, ready=False, hold_accept=True)
            await player.say(sayer)
            await player.ready(sayer)
            await player.ready("carol")
            await player.fence()
            await player.leave("carol")

    judge(player.history, partial(lost, takes_part_from=Kind.ACCEPTED))


@claim(
    "fanout/any-room-name-works-or-is-refused",
    level="must",
    source="django/channels#1845",
    endpoint="group",
    evidence="accepted",
)
@given(room=streams.room_names(), worker=st.integers(0, 1))
async def test_any_room_name_works_or_is_refused(subject: Subject, endpoint: Endpoint, room: str, worker: int) -> None:
    """A room may be called whatever a visitor can type: it works like any other, or is refused, and nothing crashes."""
    async with subject.player(endpoint) as player:
        await player.join("alice", room, worker=worker)
        await player.join("bob", room, worker=worker)
        await player.say("alice")

    judge(player.history, partial(crashed, unrouted=True), lost)


@claim(
    "fanout/newcomer-hears-nothing-earlier", level="must", source=LAYERS, endpoint="group live", evidence="delivered"
)
async def test_a_newcomer_hears_nothing_earlier(subject: Subject, endpoint: Endpoint) -> None:
    """Who joins an audience hears nothing that was said, and heard, before it came."""
    async with subject.player(endpoint) as player:
        for worker, newcomer in enumerate(streams.NAMES):
            await player.join(newcomer, "lobby", worker=worker)
            await player.say(newcomer)
            await player.fence()

    judge(player.history, unexpected)


@claim("fanout/leaver-hears-nothing", level="must", source=LAYERS, endpoint="group live", evidence="delivered")
@pytest.mark.parametrize("way", [1000, 3000, None, "dropped"])
async def test_who_has_left_hears_nothing(subject: Subject, endpoint: Endpoint, way: int | str | None) -> None:
    """Who has left is sent nothing more, and hears nothing of what it missed when it comes back."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby")
        for worker in (0, 1):
            await player.join("bob", "lobby", worker=worker)
            await player.say("bob", "is here")
            await (player.drop("bob") if isinstance(way, str) else player.leave("bob", way))
            await player.say("alice", "while bob was away")
            await player.ready("alice")
            await player.join("bob", "lobby", worker=worker)
            await player.say("alice", "while bob is back")
            await player.fence()
            await player.leave("bob")

    judge(player.history, silent_before_accept_and_after_close, unexpected, duplicated)


@claim(
    "fanout/no-member-left-behind", level="must", source="django/channels#2219", endpoint="grouping", needs=("redis",)
)
async def test_no_member_is_left_behind(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """However connections end, by a close, a dropped line or an exception in a handler, their groups are empty."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        for code in (1000, 3000, None):
            await player.join("alice", "lobby")
            await player.leave("alice", code)
        await player.join("bob", "lobby")
        await player.drop("bob")
        await player.join("carol", "lobby")
        if await player.raise_in_handler("carol"):
            await player.ended("carol")
            await player.worker_ended("carol")
        if endpoint.close_command:
            await player.join("dave", "lobby")
            await player.frame("dave", endpoint.closing(4001))
            await player.ended("dave")
            await player.worker_ended("dave")

    judge(player.history, leaked)


@claim("fanout/no-member-left-behind", level="must", source="django/channels#2219", endpoint="grouping")
@given(stream=streams.conversations(audiences=st.just("lobby"), frames=streams.frames(), max_steps=8))
async def test_no_member_is_left_behind_by_bad_input(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Whatever frames connections send, and however their clients go, their groups are empty in the end."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, leaked)


@claim(
    "fanout/killed-worker-costs-only-its-own-clients",
    level="must",
    source=LAYERS,
    endpoint="group",
    needs=("redis",),
    evidence="delivered",
    first=True,
)
async def test_a_killed_worker_costs_only_its_own_clients(
    subject: Subject, endpoint: Endpoint, extra_server: ExtraServer
) -> None:
    """When a server process is killed, the clients of the others go on hearing every message exactly once."""
    doomed = await extra_server(subject.profile.servers[0])
    async with subject.player(endpoint, servers=[*subject.run.servers[:2], doomed]) as player:
        for worker, client in enumerate(("alice", "bob", "carol")):
            await player.join(client, "lobby", worker=worker)
        await player.say("alice", "before")
        await player.fence()

        await asyncio.to_thread(doomed.kill)
        await player.ended("carol")
        for _ in range(endpoint.burst):
            await player.say("alice")
        await player.say("bob")

    judge(player.history, lost, duplicated, reordered, partial(crashed, killed={doomed.name}))


@claim(
    "fanout/http-push-reaches-the-audience",
    level="must",
    source=LAYERS,
    endpoint="any",
    needs=("push",),
    evidence="delivered",
)
async def test_an_http_call_reaches_its_audience(subject: Subject, endpoint: Endpoint) -> None:
    """What an HTTP call tells an audience is heard once by all of it, on every worker, and by nobody else.

    Whoever has left it for another audience hears it no more.
    """
    elsewhere = "garden" if endpoint.parameters else "lobby"
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("alice, second tab", "lobby", worker=1, user="alice")
        await player.join("bob", "lobby", worker=1)
        await player.join("carol", "lobby", worker=0)
        await player.leave("carol")
        await player.join("carol", elsewhere, worker=0)
        for worker in (0, 1):
            await player.push("alice", "lobby", "it's here", worker=worker)

    # All were given the time to be ready. Who is not, since no call ever reaches it, is owed this one all the same.
    judge(player.history, partial(pushes_heard, takes_part_from=Kind.ACCEPTED))
