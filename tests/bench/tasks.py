"""The Celery application that the benchmarks have a worker run."""

from __future__ import annotations

import os
import time

from celery import Celery

app = Celery("bench", broker=os.environ.get("BENCH_REDIS"), backend=os.environ.get("BENCH_REDIS"), set_as_current=False)
prefixed = {"global_keyprefix": os.environ.get("BENCH_PREFIX", "")}
app.conf.update(broker_transport_options=prefixed, result_backend_transport_options=prefixed, result_expires=3600)


@app.task(name="bench.began")
def began() -> float:
    """Return when it began."""
    return time.monotonic()
