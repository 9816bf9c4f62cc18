from pathlib import Path

import pytest
from celery import Celery

from channels_conformance.services.celery import start_worker
from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.redis import Redis

APP = """
import os
import celery.signals
from celery import Celery

# A project that silences the worker's log.
celery.signals.setup_logging.connect(lambda **_: None, weak=False)

app = Celery("tasks", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
options = {"global_keyprefix": os.environ["PREFIX"]}
app.conf.broker_transport_options = app.conf.result_backend_transport_options = options

@app.task(name="double")
def double(number):
    return 2 * number
"""


def test_a_worker_that_is_ready_takes_tasks(running: Redis, guard: Guard, folder: Path) -> None:
    """A task queued once the worker is ready is done, whatever the project's logging says."""
    (folder / "tasks.py").write_text(APP)
    env = {"BROKER": running.url, "PREFIX": running.prefix, "C_FORCE_ROOT": "1"}

    worker = start_worker("tasks:app", env=env, cwd=folder, folder=folder, guard=guard)

    with Celery("client", broker=running.url, backend=running.url) as client:
        client.conf.broker_transport_options = {"global_keyprefix": running.prefix}
        client.conf.result_backend_transport_options = {"global_keyprefix": running.prefix}
        result = client.send_task("double", [21])
        assert result.get(timeout=10) == 42
        result.forget()
    assert worker.alive
    assert worker.terminate() == 0


def test_a_worker_that_dies_says_why(guard: Guard, folder: Path) -> None:
    """The error carries the last lines of the log."""
    (folder / "tasks.py").write_text("raise RuntimeError('no broker is configured')\n")

    with pytest.raises(
        ServiceError, match=r"^celery ended with status \d before it was ready: .*no broker is configured"
    ):
        start_worker("tasks:app", env={}, cwd=folder, folder=folder, guard=guard)


def test_a_worker_whose_broker_is_not_there(guard: Guard, folder: Path) -> None:
    """A worker that only ever retries is not ready, and is ended at the deadline."""
    (folder / "tasks.py").write_text(APP)
    env = {"BROKER": "redis://127.0.0.1:1", "PREFIX": "x"}

    with pytest.raises(ServiceError, match=r"^celery was not ready within 0\.3 s: "):
        start_worker("tasks:app", env=env, cwd=folder, folder=folder, guard=guard, deadline=0.3)
