"""For whom a connection acts: the user whose session opened it, and nobody else's messages reach it."""

from __future__ import annotations

import asyncio

from hypothesis import given

from channels_conformance.checks import attributed, lost, results_crossed, results_lost
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import streams
from channels_conformance.traffic.steps import Stream

AUTH = "Channels docs: Authentication"


@claim(
    "auth/right-user-in-scope", level="must", source=AUTH, endpoint="protected talking attributing", evidence="stored"
)
@given(stream=streams.conversations(max_steps=6, drops=False))
async def test_what_a_user_says_is_stored_as_said_by_that_user(
    subject: Subject, endpoint: Endpoint, stream: Stream
) -> None:
    """However users come, talk and go, what each says is stored under that user's name."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, attributed)


@claim(
    "auth/right-user-in-scope",
    level="must",
    source=AUTH,
    endpoint="protected talking attributing",
    needs=("redis",),
    evidence="stored",
)
async def test_users_who_come_at_once_are_told_apart(subject: Subject, endpoint: Endpoint) -> None:
    """Users who connect at the same time and talk at the same time are each taken for themselves."""
    async with subject.player(endpoint) as player:
        await asyncio.gather(*(player.join(name, "lobby", worker=place) for place, name in enumerate(streams.NAMES)))
        for _ in range(3):
            await asyncio.gather(*(player.say(name) for name in streams.NAMES))

    judge(player.history, attributed)


@claim(
    "auth/notifications-reach-only-their-user",
    level="must",
    source=AUTH,
    endpoint="protected user",
    needs=("celery",),
    evidence="delivered",
)
async def test_users_who_come_at_once_are_told_what_is_theirs(subject: Subject, endpoint: Endpoint) -> None:
    """Users who connect at the same time each hear what their own user is told."""
    names = streams.NAMES[:3]
    async with subject.player(endpoint) as player:
        await asyncio.gather(*(player.join(name, worker=place) for place, name in enumerate(names)))
        await asyncio.gather(*(player.tell(name) for name in names))

    judge(player.history, results_lost, results_crossed, lost)


@claim(
    "auth/notifications-reach-only-their-user",
    level="must",
    source="OWASP: Insecure Direct Object Reference Prevention",
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
async def test_a_user_is_told_on_every_connection_and_nobody_else_is(subject: Subject, endpoint: Endpoint) -> None:
    """What is meant for one user reaches all of that user's connections, on every worker, and no other user's."""
    others = ("bob", "alice-lee", "alice_lee", "alice.lee")
    async with subject.player(endpoint) as player:
        await player.join("alice", worker=0)
        await player.join("alice, second tab", worker=1, user="alice")
        await player.join("alice, third tab", worker=1, user="alice")
        for worker, name in enumerate(others):
            await player.join(name, worker=worker)
        for name in ("alice", *others):
            await player.tell(name)

    judge(player.history, results_lost, results_crossed, lost)
