"""The database behind a consumer: what is stored, on which thread, and what is heard before it is certain.

Queries are seen by instruments inside the workers, rows from outside. Two ways to make storing hard are used: the write
lock is held, so that a message must wait; or a message is doomed, so that its commit fails.
"""

from __future__ import annotations

import asyncio

from hypothesis import example, given
from hypothesis import strategies as st

from channels_conformance.checks import (
    crashed,
    heard_in_vain,
    loop_blocked,
    lost,
    old_connections_closed,
    orm_on_loop,
    orm_unguarded,
    pings_answered,
    seen_when_heard,
    stored_as_said,
    stored_once,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.database import DOOM, doomed, write_locked
from channels_conformance.subject.profile import Endpoint, ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import streams
from channels_conformance.traffic.steps import Frame, Join, Stream

DATABASES = "Channels docs: Database Access"
ASYNC = "Django docs: Asynchronous support"
TRANSACTIONS = "Django docs: Transactions"


@claim("orm/stored-once", level="must", source=DATABASES, endpoint="talking storing", evidence="stored")
@given(stream=streams.conversations())
async def test_every_message_is_stored_once(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Whatever is said and heard, by however many, is stored exactly once."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, stored_once)


@claim("orm/stored-with-user-and-room", level="must", source="notes §9", endpoint="talking storing", evidence="stored")
@given(stream=streams.conversations(clients=4))
async def test_a_message_is_stored_with_its_user_and_room(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """A stored message names the user who said it and the room where it was said."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, stored_as_said)


@claim("orm/no-query-on-the-event-loop", level="must", source="django/channels#1916", endpoint="any")
@given(stream=streams.conversations(frames=streams.frames(large=False)))
async def test_no_query_runs_on_the_event_loop(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Whatever clients do, no query is even tried on a thread that runs an event loop."""
    history = await subject.play(stream, endpoint, over="process")

    judge(history, orm_on_loop)


@claim("orm/no-query-hidden-by-async-unsafe", level="must", source=ASYNC, endpoint="any")
async def test_no_query_is_hidden_by_async_unsafe(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """No query runs on an event loop because DJANGO_ALLOW_ASYNC_UNSAFE lets it."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")
        await player.tell("alice")
        await player.frame("bob", "no message at all")
        await player.drop("bob")

    judge(player.history, orm_unguarded)


@claim(
    "orm/loop-stays-free-while-the-database-waits",
    level="must",
    source="django/channels#2132",
    endpoint="talking storing",
)
async def test_the_loop_stays_free_while_the_database_waits(
    subject: Subject, endpoint: Endpoint, server: ServerKind
) -> None:
    """While one client's message waits for a lock, the worker answers another client's pings."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "another room")

        async with write_locked(endpoint.stores):
            await player.say("alice")
            await player.waits_for_the_database("alice")
            await player.ping("bob")

    judge(player.history, pings_answered, loop_blocked)


@claim("orm/handlers-do-not-block-the-loop", level="must", source="Channels docs: Consumers", endpoint="any")
@given(stream=streams.conversations(frames=streams.frames(), max_steps=8))
@example(stream=(Join("alice", "lobby"), *(Frame("alice", frame) for frame in streams.WORST_FRAMES)))
async def test_no_handler_blocks_the_loop(subject: Subject, endpoint: Endpoint, stream: Stream) -> None:
    """Whatever clients do, no handler keeps the event loop of its worker from turning."""
    history = await subject.play(stream, endpoint)

    judge(history, loop_blocked)


@claim(
    "orm/old-connections-are-closed", level="must", source=DATABASES, endpoint="talking storing", evidence="delivered"
)
async def test_old_connections_are_closed(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """A thread that has served one message asks, before or after, whether its database connection is still good."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        for _ in range(8):
            marker = await player.say("alice")
            await player.heard("alice", marker)

    judge(player.history, old_connections_closed)


@claim(
    "orm/many-writers-lose-nothing",
    level="must",
    source="Django docs: Databases",
    endpoint="talking storing",
    needs=("redis",),
    evidence="stored",
)
async def test_many_writers_lose_nothing(subject: Subject, endpoint: Endpoint) -> None:
    """When four clients speak at once, on two workers, every message is stored and none twice."""
    clients = streams.NAMES[:4]
    async with subject.player(endpoint) as player:
        for number, client in enumerate(clients):
            await player.join(client, "lobby", worker=number)
        for _ in range(endpoint.burst // len(clients)):
            await asyncio.gather(*(player.say(client) for client in clients))

    judge(player.history, stored_once)


@claim(
    "orm/broadcast-follows-commit",
    level="must",
    source=TRANSACTIONS,
    endpoint="group storing",
    needs=("redis",),
    evidence="delivered",
)
async def test_the_broadcast_follows_the_commit(subject: Subject, endpoint: Endpoint) -> None:
    """Whoever hears a message, on whichever worker, finds it in the database, and hears none that is not there."""
    async with subject.player(endpoint) as player:
        await player.join("alice", "lobby", worker=0)
        await player.join("bob", "lobby", worker=1)
        for sayer, listener in (("alice", "bob"), ("bob", "alice")) * 3:
            marker = await player.say(sayer)
            await player.heard(listener, marker)
            await player.look(marker)

        async with doomed(endpoint.stores):
            await player.say_in_vain("alice", DOOM)
            await player.say_in_vain("bob", DOOM)
            await player.fence()

    judge(player.history, seen_when_heard, heard_in_vain)


@claim(
    "orm/rolled-back-message-is-never-sent",
    level="must",
    source=TRANSACTIONS,
    endpoint="group storing",
    evidence="delivered",
)
@given(texts=st.lists(streams.texts(max_size=50), min_size=1, max_size=4))
async def test_a_rolled_back_message_is_never_sent(subject: Subject, endpoint: Endpoint, texts: list[str]) -> None:
    """A message whose transaction is rolled back is heard by nobody else, whatever is said before and after it."""
    async with subject.player(endpoint, over="process") as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")

        async with doomed(endpoint.stores):
            for text in texts:
                await player.say("bob", text)
                await player.say_in_vain("alice", DOOM + text)
                await player.say("alice", text)
            await player.fence()

    judge(player.history, heard_in_vain)


@claim(
    "orm/database-error-costs-one-message",
    level="must",
    source="django/channels#2219",
    endpoint="talking storing",
    evidence="delivered",
)
async def test_a_database_error_costs_one_message(subject: Subject, endpoint: Endpoint, server: ServerKind) -> None:
    """When the database refuses one message, all connections go on, its own too, and what comes next is stored."""
    async with subject.player(endpoint, servers=subject.servers(server)) as player:
        await player.join("alice", "lobby")
        await player.join("bob", "lobby")

        async with doomed(endpoint.stores):
            await player.say("alice", "before")
            await player.say_in_vain("alice", DOOM)
            await player.say("alice", "after")
            await player.say("bob", "beside")
            await player.fence()

    judge(player.history, crashed, lost, stored_once)
