"""Who runs where: synchronous and asynchronous consumers, the threads behind them, and who waits for whom.

No clock is asked. A handler is held inside its own ``send()`` for as long as a spec likes; what happens meanwhile, and
what does not, stands in the history, and a page that is answered in between proves that the process lives.
"""

from __future__ import annotations

import asyncio
from functools import partial

from channels_conformance.checks import (
    a_thread_for_each_connection,
    calls_beside,
    handlers_share_the_loop,
    held_together,
    nobody_handled_meanwhile,
    queries_share_the_sync_thread,
    sync_handlers_share_a_thread,
    visits_answered,
)
from channels_conformance.history import Kind
from channels_conformance.spec import claim, judge
from channels_conformance.subject.profile import ServerKind
from channels_conformance.subject.subject import Subject
from channels_conformance.subject.threads import a_context_each, call_beside

CONSUMERS = "Channels docs: Consumers"
DATABASES = "Channels docs: Database Access"
ASGIREF = "asgiref docs: Threading"
ONE_THREAD = "django/channels#2132"

MANY = 50
PAGES = 5  # one after the other: time enough for whoever does not wait to show it
CLIENTS = tuple(f"client-{number}" for number in range(1, MANY + 1))


@claim(
    "threads/sync-consumers-share-one-thread",
    level="info",
    source=ONE_THREAD,
    needs=("reference",),
    evidence="delivered",
)
async def test_sync_consumers_share_one_thread(subject: Subject, server: ServerKind) -> None:
    """Ten connections of a synchronous consumer are all handled in one thread of their worker."""
    async with subject.player(subject.profile.endpoint("echo-sync"), servers=subject.servers(server)) as player:
        await asyncio.gather(*(player.join(client, user="") for client in CLIENTS[:10]))
        await asyncio.gather(*(player.say(client) for client in CLIENTS[:10]))

    judge(player.history, sync_handlers_share_a_thread)


@claim(
    "threads/waiting-sync-handler-holds-up-the-others",
    level="info",
    source=ONE_THREAD,
    needs=("reference",),
    evidence="delivered",
)
async def test_a_waiting_sync_handler_holds_up_the_others(subject: Subject, server: ServerKind) -> None:
    """While a synchronous handler waits, no other consumer of its kind handles anything, and pages are answered."""
    async with subject.player(subject.profile.endpoint("echo-sync"), servers=subject.servers(server)) as player:
        await player.join("alice", user="", hold_answers=True)
        await player.join("bob", user="")

        async with subject.gate(server) as gate:
            await player.say("alice")
            await player.worker_saw("alice", Kind.HELD)
            await player.worker_saw("bob", Kind.DELIVERED, marker=await player.say("bob"))
            for _ in range(PAGES):
                await gate.visit(player.history)

    judge(player.history, nobody_handled_meanwhile, visits_answered, sync_handlers_share_a_thread)


@claim(
    "threads/waiting-sync-handler-holds-up-async-consumers",
    level="info",
    source=ONE_THREAD,
    needs=("reference",),
    evidence="delivered",
)
async def test_a_waiting_sync_handler_holds_up_async_consumers(subject: Subject, server: ServerKind) -> None:
    """While a synchronous handler waits, no asynchronous consumer of its process handles anything either."""
    servers = subject.servers(server)
    waiting = subject.player(subject.profile.endpoint("echo-sync"), servers=servers)
    beside = subject.player(subject.profile.endpoint("echo"), servers=servers)
    async with waiting, beside:
        await waiting.join("alice", user="", hold_answers=True)
        await beside.join("carol", user="")

        async with subject.gate(server) as gate:
            await waiting.say("alice")
            await waiting.worker_saw("alice", Kind.HELD)
            await beside.worker_saw("carol", Kind.DELIVERED, marker=await beside.say("carol"))
            for _ in range(PAGES):
                await gate.visit(beside.history)

    judge(waiting.history.with_(beside.history), nobody_handled_meanwhile, visits_answered)


@claim(
    "threads/async-consumers-share-the-loop",
    level="info",
    source=CONSUMERS,
    needs=("reference",),
    evidence="delivered",
)
async def test_async_consumers_share_the_loop(subject: Subject, server: ServerKind) -> None:
    """Ten connections of an asynchronous consumer are all handled on one event loop, in its one thread."""
    async with subject.player(subject.profile.endpoint("echo"), servers=subject.servers(server)) as player:
        await asyncio.gather(*(player.join(client, user="") for client in CLIENTS[:10]))
        await asyncio.gather(*(player.say(client) for client in CLIENTS[:10]))

    judge(player.history, handlers_share_the_loop)


@claim(
    "threads/async-handlers-wait-side-by-side",
    level="info",
    source=CONSUMERS,
    needs=("reference",),
    evidence="delivered",
)
async def test_async_handlers_wait_side_by_side(subject: Subject) -> None:
    """Fifty asynchronous handlers all wait at one time, at a gate that opens when the last of them has come."""
    async with subject.player(subject.profile.endpoint("echo"), over="process") as player:
        for client in CLIENTS:
            await player.join(client, user="", hold_answers=True)

        async with subject.gate():
            await asyncio.gather(*map(player.say, CLIENTS))
            await asyncio.gather(*(player.worker_saw(client, Kind.HELD) for client in CLIENTS))

    judge(player.history, partial(held_together, number=MANY), handlers_share_the_loop)


@claim(
    "threads/context-gives-a-thread-to-each-connection",
    level="info",
    source=ASGIREF,
    needs=("reference",),
    evidence="delivered",
)
async def test_a_context_gives_a_thread_to_each_connection(subject: Subject) -> None:
    """Within a ThreadSensitiveContext of its own, each connection of a synchronous consumer has a thread of its own."""
    endpoint = subject.profile.endpoint("echo-sync")
    async with subject.player(endpoint, over="process", inside=a_context_each) as player:
        for client in CLIENTS[:10]:
            await player.join(client, user="")
        for client in CLIENTS[:10]:
            await player.heard(client, await player.say(client))

    judge(player.history, a_thread_for_each_connection)


@claim(
    "threads/database-calls-share-the-thread",
    level="info",
    source=DATABASES,
    needs=("reference",),
    evidence="delivered",
)
async def test_database_calls_share_the_thread(subject: Subject, server: ServerKind) -> None:
    """What asynchronous consumers ask of the database runs in the thread of the synchronous ones."""
    servers = subject.servers(server)[:1]
    asking = subject.player(subject.profile.endpoint("chat"), servers=servers)
    beside = subject.player(subject.profile.endpoint("echo-sync"), servers=servers)
    async with asking, beside:
        await asking.join("alice", "lobby")
        await beside.join("bob", user="")
        for _ in range(3):
            await asking.heard("alice", await asking.say("alice"))
            await beside.heard("bob", await beside.say("bob"))

    judge(asking.history.with_(beside.history), queries_share_the_sync_thread)


@claim(
    "threads/database-calls-share-the-thread",
    level="info",
    source=DATABASES,
    needs=("reference",),
    evidence="delivered",
)
async def test_a_call_that_is_not_sensitive_does_not_wait(subject: Subject) -> None:
    """With thread_sensitive=False a call has a thread of its own, and comes back while a synchronous handler waits."""
    async with subject.player(subject.profile.endpoint("echo-sync"), over="process") as player:
        await player.join("alice", user="", hold_answers=True)

        async with subject.gate():
            await player.say("alice")
            await player.worker_saw("alice", Kind.HELD)
            await call_beside(player.history, sensitive=False)

    judge(player.history, calls_beside)
