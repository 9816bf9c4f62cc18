"""The Celery application that a worker process runs when it works for a run: the subject's own, overlaid and reported.

``celery -A channels_conformance.subject.celery_worker worker``, with the plan in the environment.
"""

from __future__ import annotations

import os
from typing import Any

from celery.signals import task_failure, task_postrun, task_prerun

from channels_conformance.history import Kind
from channels_conformance.subject.journal import Reporter
from channels_conformance.subject.late import KEEPS_RESULTS, keep_results
from channels_conformance.subject.overlay import WORKER_VARIABLE, Plan, celery_application

plan = Plan.current()
reporter = Reporter(plan.journal, os.environ[WORKER_VARIABLE])
plan.enter()
app = celery_application(plan)
if KEEPS_RESULTS in os.environ:
    keep_results(app, plan)


@task_prerun.connect(weak=False)
def _started(task_id: str, **_: Any) -> None:
    reporter.report(Kind.TASK_STARTED, connection=task_id, detail=str(os.getpid()))


@task_failure.connect(weak=False)
def _failed(task_id: str, einfo: Any, **_: Any) -> None:
    _failures[task_id] = str(einfo)


@task_postrun.connect(weak=False)
def _ended(task_id: str, **_: Any) -> None:
    reporter.report(Kind.TASK_ENDED, connection=task_id, detail=_failures.pop(task_id, ""))


_failures: dict[str, str] = {}
