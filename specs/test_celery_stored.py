"""What the database holds of a task: how it ended, and that a user is told of it where the database is the reason.

A profile has no words for the state of a row, so all of this is about the reference app.
"""

from __future__ import annotations

from functools import partial

from channels_conformance.checks import failures_told, tasks_done, told
from channels_conformance.spec import claim, judge
from channels_conformance.subject.database import DOOM, doomed, ends_of_reports, planned_report
from channels_conformance.subject.profile import Endpoint
from channels_conformance.subject.subject import Subject

PLANNED = "~planned~"
"""What the row of a report says that a view has stored, and of which a task is told."""


@claim(
    "celery/result-follows-the-work",
    level="must",
    source="Celery docs: First steps with Django",
    endpoint="user",
    needs=("reference", "celery", "failing task", "stored task"),
    evidence="delivered",
)
async def test_what_is_stored_of_a_task_says_how_it_ended(subject: Subject, endpoint: Endpoint) -> None:
    """By the time that users are told, the row of each task says how that one ended, and those of others as before."""
    tasks = {"the first task": False, "the task that fails": True, "the last task": False}
    markers = {}
    async with subject.player(endpoint) as player:
        await player.join("alice")
        for name, failing in tasks.items():
            markers[name] = await (player.notify_in_vain("alice") if failing else player.notify("alice"))
            await player.task_ended(markers[name])
            await player.heard("alice", markers[name])
        player.history.events += await ends_of_reports(markers)

    facts = {name: "failed, without a result" if failing else "done, with a result" for name, failing in tasks.items()}
    judge(player.history, partial(told, facts=facts), tasks_done)


@claim(
    "celery/result-follows-the-work",
    level="must",
    source="Celery docs: First steps with Django",
    endpoint="user",
    needs=("reference", "celery", "stored task"),
    evidence="delivered",
)
async def test_a_task_finishes_the_row_it_is_given(subject: Subject, endpoint: Endpoint) -> None:
    """A task that is told of a row, which a view has stored before, finishes that one and makes none of its own."""
    async with subject.player(endpoint) as player:
        await player.join("alice")
        row = await planned_report(await subject.users.id("alice"), PLANNED)
        result = await player.notify("alice", further=[row])
        await player.heard("alice", result)
        player.history.events += await ends_of_reports({"the row it was given": PLANNED, "a row of its own": result})

    facts = {"the row it was given": "done, with a result", "a row of its own": ""}
    judge(player.history, partial(told, facts=facts), tasks_done)


@claim(
    "celery/failing-task-tells-its-user",
    level="must",
    source="Celery docs: Tasks",
    endpoint="user",
    needs=("reference", "celery", "failing task", "stored task"),
    evidence="delivered",
)
async def test_a_task_that_the_database_fails_tells_its_user(subject: Subject, endpoint: Endpoint) -> None:
    """Where it is the database that makes a task fail, its user is told so as well, and the next task runs."""
    task = subject.task_for(endpoint)
    async with subject.player(endpoint) as player:
        await player.join("alice")
        async with doomed(task.stores):
            failure = await player.notify_in_vain("alice", DOOM, failing=False)
            await player.task_ended(failure)
            await player.heard("alice", failure)
        await player.heard("alice", await player.notify("alice"))

    judge(player.history, partial(failures_told, failed=task.failed), tasks_done)
