"""Celery itself, beside Channels: what waits, what comes back, what stays connected, and what is gone.

A worker that comes late is started as the session begins, once a task has been queued for it.
"""

from __future__ import annotations

from channels_conformance.checks import (
    gone_with_nobody,
    links_kept,
    results_read,
    tasks_done,
    waited_for,
    workers_reply,
)
from channels_conformance.fixtures import LateWorker
from channels_conformance.spec import claim, judge
from channels_conformance.subject.late import ask_workers, look_at_links
from channels_conformance.subject.subject import Subject

CELERY = "Celery docs: Tasks"
WORKERS = "Celery docs: Workers Guide"


@claim(
    "celery/queued-task-waits-for-a-worker",
    level="info",
    source="notes §10",
    needs=("reference", "celery"),
    evidence="none",
    last=True,
)
async def test_a_queued_task_waits_for_a_worker(late_worker: LateWorker) -> None:
    """A task that was queued while no worker served its queue is done by the one that comes."""
    history = await late_worker()

    judge(history, waited_for)


@claim(
    "celery/results-can-be-read-back",
    level="info",
    source=CELERY,
    needs=("reference", "celery"),
    evidence="none",
    last=True,
)
async def test_results_can_be_read_back(late_worker: LateWorker) -> None:
    """Where results are kept, whoever queued a task reads what it returned."""
    history = await late_worker()

    judge(history, results_read)


@claim(
    "celery/worker-answers-when-asked",
    level="info",
    source=WORKERS,
    needs=("reference", "celery"),
    evidence="delivered",
)
async def test_a_worker_answers_when_asked(subject: Subject) -> None:
    """A worker that is asked whether it is there says so, and goes on with its tasks."""
    async with subject.player(subject.profile.endpoint("notifications")) as player:
        await player.join("alice")
        await ask_workers(subject, player.history)
        await player.heard("alice", await player.notify("alice"))

    judge(player.history, workers_reply, tasks_done)


@claim(
    "celery/broker-connections-are-kept",
    level="info",
    source=WORKERS,
    needs=("reference", "celery"),
    evidence="delivered",
)
async def test_broker_connections_are_kept(subject: Subject) -> None:
    """The worker, and whoever queues tasks, hold the same connections to the broker before and after more tasks."""
    async with subject.player(subject.profile.endpoint("notifications")) as player:
        await player.join("alice")
        for look in (1, 2):
            await player.heard("alice", await player.notify("alice"))
            await look_at_links(subject, player.history, look=look)

    judge(player.history, links_kept, tasks_done)


@claim(
    "celery/message-to-nobody-is-gone",
    level="info",
    source="Channels docs: Channel Layer Specification",
    needs=("reference", "celery"),
    evidence="delivered",
)
async def test_a_message_to_nobody_is_gone(subject: Subject) -> None:
    """What a group was told while nobody was in it is heard by nobody who comes later."""
    async with subject.player(subject.profile.endpoint("notifications")) as player:
        await player.join("alice")
        await player.drop("alice")
        await player.task_ended(await player.notify("alice"))

        await player.join("alice")
        await player.heard("alice", await player.notify("alice"))

    judge(player.history, gone_with_nobody, tasks_done)
