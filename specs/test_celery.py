"""Work that takes long is done by Celery, and its result comes back to its user through the channel layer.

Tasks run in a real worker with two prefork children; users listen on two server processes. A task is seen beginning and
ending in the child that runs it, and its result is known by the marker that it was queued with.
"""

from __future__ import annotations

import asyncio
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st

from channels_conformance.checks import (
    crashed,
    done_in_vain,
    failures_told,
    leaked,
    results_altered,
    results_crossed,
    results_early,
    results_lost,
    results_repeated,
    seen_when_heard,
    tasks_done,
    tasks_succeeded,
)
from channels_conformance.spec import claim, judge
from channels_conformance.subject.database import DOOM, doomed
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject
from channels_conformance.traffic import streams

CELERY = "Celery docs: Tasks"
LAYERS = "Channels docs: Channel Layers"


@claim(
    "celery/fifty-tasks-through-prefork-children",
    level="must",
    source="django/channels_redis#332",
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
async def test_fifty_tasks_through_prefork_children(subject: Subject, endpoint: Endpoint) -> None:
    """Fifty tasks, two at a time, so that both children are at work and come round again and again, all report."""
    async with subject.player(endpoint) as player:
        await player.join("alice")
        for _ in range(25):
            results = await asyncio.gather(player.notify("alice"), player.notify("alice"))
            if not all([await player.heard("alice", result) for result in results]):
                break  # one that is lost is enough

    judge(player.history, tasks_done, tasks_succeeded, results_lost)


@claim(
    "celery/result-reaches-every-connection-of-the-user",
    level="must",
    source=LAYERS,
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
async def test_a_result_reaches_every_connection_of_its_user(subject: Subject, endpoint: Endpoint) -> None:
    """A result reaches each open connection of its user, the first, the last and one that came back, on any server."""
    devices = ("desk", "phone", "tablet")
    async with subject.player(endpoint) as player:
        for number, device in enumerate(devices):
            await player.join(device, user="alice", worker=number)
        await player.drop("phone")
        await player.join("phone", user="alice", worker=0)
        for _ in range(3):
            result = await player.notify("alice")
            await asyncio.gather(*(player.heard(device, result) for device in devices))

    judge(player.history, results_lost)


@claim(
    "celery/result-reaches-no-one-else",
    level="must",
    source="notes §10",
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
async def test_a_result_reaches_no_one_else(subject: Subject, endpoint: Endpoint) -> None:
    """A result reaches no other user and nobody anonymous, whether its own user is there or not."""
    async with subject.player(endpoint) as player:
        for number, client in enumerate(("alice", "bob", "carol")):
            await player.join(client, worker=number)
        await player.join("a stranger", user="", ready=False)
        for user in ("alice", "bob", "carol"):
            await player.heard(user, await player.notify(user))
        await player.leave("alice")
        await player.notify("alice")

    judge(player.history, results_crossed)


@claim(
    "celery/result-arrives-once-and-intact",
    level="must",
    source=CELERY,
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
@given(texts=st.lists(streams.texts(), min_size=1, max_size=4))
@example(texts=["大廳 é", '1 < 2 & "so"', "x" * 200])
async def test_a_result_arrives_once_and_intact(subject: Subject, endpoint: Endpoint, texts: list[str]) -> None:
    """Whatever a task worked on, each of its user's connections is told once, and told all of it."""
    async with subject.player(endpoint) as player:
        await player.join("desk", user="alice", worker=0)
        await player.join("phone", user="alice", worker=1)
        results = [await player.notify("alice", text) for text in texts]
        for result in results:
            await asyncio.gather(player.heard("desk", result), player.heard("phone", result))

    judge(player.history, results_lost, results_repeated, results_altered, crashed)


@claim(
    "celery/result-follows-the-work",
    level="must",
    source="Celery docs: First steps with Django",
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
async def test_a_result_follows_the_work(subject: Subject, endpoint: Endpoint) -> None:
    """Nobody is told the result of a task before a child of the worker has begun it."""
    async with subject.player(endpoint) as player:
        await player.join("alice")
        for _ in range(5):
            await player.heard("alice", await player.notify("alice"))

    judge(player.history, results_early, tasks_done)


@claim(
    "celery/result-follows-the-work",
    level="must",
    source="Celery docs: First steps with Django",
    endpoint="user",
    needs=("celery", "stored task"),
    evidence="delivered",
)
async def test_a_result_follows_the_commit_of_the_work(subject: Subject, endpoint: Endpoint) -> None:
    """Whoever is told that a task is done finds its work in the database; work that is rolled back is not done."""
    task = subject.task_for(endpoint)
    async with subject.player(endpoint) as player:
        await player.join("alice")
        for _ in range(3):
            result = await player.notify("alice")
            await player.heard("alice", result)
            await player.look(result)

        async with doomed(task.stores):
            await player.notify_in_vain("alice", DOOM, failing=False)
            await player.fence()

    judge(player.history, seen_when_heard, partial(done_in_vain, done=task.done))


@claim(
    "celery/offline-user-costs-nothing",
    level="must",
    source="Channels docs: Channel Layer Specification",
    endpoint="user",
    needs=("celery",),
    evidence="delivered",
)
async def test_an_offline_user_costs_nothing(subject: Subject, endpoint: Endpoint) -> None:
    """Where its user has gone, a task succeeds all the same, no group keeps a member, and later results arrive."""
    async with subject.player(endpoint) as player:
        await player.join("alice", worker=0)
        await player.leave("alice")
        await player.task_ended(await player.notify("alice"))

        await player.join("alice", worker=1)
        await player.heard("alice", await player.notify("alice"))

    judge(player.history, tasks_done, tasks_succeeded, results_lost, leaked)


@claim(
    "celery/failing-task-tells-its-user",
    level="must",
    source=CELERY,
    endpoint="user",
    needs=("celery", "failing task"),
    evidence="delivered",
)
async def test_a_failing_task_tells_its_user(subject: Subject, endpoint: Endpoint) -> None:
    """The user of a task that fails is told so, and the next task runs."""
    async with subject.player(endpoint) as player:
        await player.join("alice")
        failure = await player.notify_in_vain("alice")
        await player.task_ended(failure)
        await player.heard("alice", failure)
        await player.heard("alice", await player.notify("alice"))

    judge(player.history, partial(failures_told, failed=subject.task_for(endpoint).failed), tasks_done)
