"""A Celery worker that comes late: tasks have been queued for it before it was there, and their results are kept.

Its queue is one that nobody else serves, so what is in it waits for this worker, as it would for one that is stopped.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async

from channels_conformance.history import Event, History, Kind
from channels_conformance.services.processes import Process
from channels_conformance.services.redis import clients
from channels_conformance.subject.overlay import client_name
from channels_conformance.traffic import patience

if TYPE_CHECKING:
    from channels_conformance.subject.overlay import Plan
    from channels_conformance.subject.subject import Subject

KEEPS_RESULTS = "CHANNELS_CONFORMANCE_KEEPS_RESULTS"
"""With this variable a worker stores what tasks return, also where the subject's settings ignore it."""

QUEUE = "conformance-late"
TASK = "celery.accumulate"  # Celery's own: every application has it, and it returns what it is given
WORKER = "celery-late"
STARTING = 30  # seconds after which a worker that was started is given up


def keep_results(app: Any, plan: Plan) -> None:
    """Have an application store results in the run's Redis, serialized as its own settings say."""
    prefixed = {"global_keyprefix": f"{plan.prefix}:"}
    app.conf.update(
        result_backend=plan.redis,
        result_backend_transport_options=prefixed,
        task_ignore_result=False,
        result_expires=3600,  # longer than a run takes: the result is read at its end, and removed then
    )


class Late:
    """One task for a worker that is not there yet, the worker, and one more task, whose result is read."""

    def __init__(self, subject: Subject) -> None:
        self.history = History()
        self._subject = subject
        self._task = ""
        self._worker: Future[Process] | None = None

    def begin(self) -> None:
        """Queue the task; then, and not before, begin to start the worker."""
        self._task = self._queued("~late~")
        self.history.events.append(Event(at=time.monotonic(), kind=Kind.QUEUED, marker="~late~"))
        self._worker = self._subject.run.late_worker(WORKER, QUEUE, KEEPS_RESULTS)

    async def finish(self) -> History:
        """Wait for the worker and for the end of the task, read the result of one more; return the history of it."""
        run = self._subject.run
        if self._worker is None:
            self.begin()
        assert self._worker is not None
        await sync_to_async(self._worker.result, thread_sensitive=False)(STARTING)
        if not self.history.of(Kind.RESULT):
            await self._subject.task_ended(self._task)
            for event in run.journal.of(self._task):
                self.history.events.append(
                    Event(at=event.at, kind=event.kind, marker="~late~", worker=event.worker, detail=event.detail)
                )
            # Another one: whether what had waited was done at all is not the matter of results.
            self.history.events.append(await sync_to_async(self._result, thread_sensitive=False)("~read~"))
        run.histories.append(self.history)
        return self.history

    def _queued(self, marker: str) -> str:
        return str(self._subject.celery.send_task(TASK, args=[marker], queue=QUEUE).id)

    def _result(self, marker: str) -> Event:
        from celery import Celery

        task = self._queued(marker)
        conf = self._subject.celery.conf
        text, instead = None, ""
        with Celery(set_as_current=False) as reader:
            reader.conf.update(
                accept_content=conf.accept_content,
                result_accept_content=conf.result_accept_content,
                result_serializer=conf.result_serializer,
            )
            keep_results(reader, self._subject.run.plan)
            try:
                text = str(reader.AsyncResult(task).get(timeout=patience.deadline, interval=0.05))
            except Exception as error:  # noqa: BLE001 -- whatever it is, the result cannot be read
                instead = f"{type(error).__name__}: {error}"
        return Event(at=time.monotonic(), kind=Kind.RESULT, marker=marker, text=text, detail=instead)


async def ask_workers(subject: Subject, history: History) -> None:
    """Ask the run's workers whether they are there, and record the first that says so, if any does in time."""
    subject.run.celery_worker  # noqa: B018 -- it must be up to answer
    ping = sync_to_async(subject.celery.control.ping, thread_sensitive=False)
    for reply in await ping(timeout=patience.deadline, limit=1):
        for name, answer in reply.items():
            history.events.append(Event(at=time.monotonic(), kind=Kind.REPLIED, worker=name, text=str(answer)))


async def look_at_links(subject: Subject, history: History, *, look: int) -> None:
    """Record which connections to the broker are open, of the worker and of whoever queues tasks here."""
    redis, plan = subject.run.redis, subject.run.plan
    if redis is None:
        return
    names = {client_name(plan, worker): worker for worker in ("celery", "judge")}
    for name, number in await sync_to_async(clients, thread_sensitive=False)(redis):
        if name in names:
            event = Event(at=time.monotonic(), kind=Kind.LINKED, worker=names[name], marker=number, code=look)
            history.events.append(event)
