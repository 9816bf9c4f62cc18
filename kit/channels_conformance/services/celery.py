"""Celery workers: real processes that take tasks from a real broker."""

from __future__ import annotations

import importlib.util
import os
import select
import time
from typing import TYPE_CHECKING, Literal

from channels_conformance.services.celery_ready import DESCRIPTOR
from channels_conformance.services.processes import Process, ServiceError, killed_on_error, start_python

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from channels_conformance.services.guard import Guard

Pool = Literal["prefork", "threads", "solo"]
"""How a worker runs tasks."""


def start_worker(
    app: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path,
    folder: Path,
    guard: Guard,
    name: str = "celery",
    concurrency: int = 2,
    pool: Pool = "prefork",
    queue: str = "",
    deadline: float = 30.0,
) -> Process:
    """Start a worker for a Celery app, ``module:attribute``, and return when it takes tasks.

    Its log is ``folder/NAME.log``. Give a ``name`` to each worker of a run: the broker tells them apart by it. Where a
    ``queue`` is named, it serves that one and no other.
    Raises :class:`ServiceError`, with the last lines of the log, where it ends or is not ready within ``deadline``
    seconds.
    """
    if importlib.util.find_spec("celery") is None:
        raise ServiceError("celery is not installed here. Run `pip install 'celery[redis]'`.")
    ours, theirs = os.pipe()
    # Its log cannot be relied on to say that it is ready: a project may configure logging as it likes. So the worker
    # is given a module that says so through a pipe.
    command = ["-m", "celery", "-A", app, "worker", "--include", "channels_conformance.services.celery_ready"]
    command += ["--hostname", f"{name}@%h", "--pool", pool, "--concurrency", str(concurrency), "--loglevel", "INFO"]
    command += ["--queues", queue] if queue else []
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    try:
        try:
            process = start_python(
                command,
                # A worker that is killed leaves the folder that its pool made for temporary files.
                env={**(os.environ if env is None else env), DESCRIPTOR: str(theirs), "TMPDIR": str(folder)},
                cwd=cwd,
                log=folder / f"{name}.log",
                guard=guard,
                name=name,
                pass_fds=(theirs,),
            )
        finally:
            os.close(theirs)
        with killed_on_error(process):
            _wait_until_ready(process, ours, deadline=deadline)
    finally:
        os.close(ours)
    return process


def _wait_until_ready(process: Process, descriptor: int, *, deadline: float) -> None:
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        readable, _, _ = select.select([descriptor], [], [], 0.2)
        if readable and os.read(descriptor, 1):
            return
        # The pipe ends with the worker, except where children of it live on and still hold it.
        status = process.wait(2 if readable else 0)
        if status is not None:
            raise ServiceError(
                f"{process.name} ended with status {status} before it was ready: {process.last_words()}. "
                f"See {process.log}."
            )
    raise ServiceError(
        f"{process.name} was not ready within {deadline:g} s: {process.last_words()}. See {process.log}."
    )
