"""Threads and tasks of this process, counted beside a play, and work that is handed to a thread beside one."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from channels.db import database_sync_to_async

from channels_conformance.history import Event, History, Kind
from channels_conformance.subject.tap import Application
from channels_conformance.traffic import patience


def a_context_each(application: Application) -> Application:
    """Return an application that handles each connection within a ``ThreadSensitiveContext`` of its own."""

    async def inside(scope: Any, receive: Any, send: Any) -> Any:
        async with ThreadSensitiveContext():
            return await application(scope, receive, send)

    return inside


async def call_beside(history: History, *, sensitive: bool) -> None:
    """Call a function through ``database_sync_to_async`` and record in which thread it ran, if it did in time."""
    call = database_sync_to_async(threading.get_ident, thread_sensitive=sensitive)
    thread, instead = "", ""
    try:
        async with asyncio.timeout(patience.deadline):
            thread = str(await call())
    except TimeoutError:
        instead = f"no thread within {patience.deadline:g} s"
    how = f"thread_sensitive={sensitive}"
    history.events.append(Event(at=time.monotonic(), kind=Kind.CALLED, marker=thread, text=how, detail=instead))


def more_than_a_pool() -> int:
    """Return how many connections it takes to be more than the threads of any default pool, by enough to tell."""
    return min(32, (os.cpu_count() or 1) + 4) + 8


def count_threads(history: History) -> None:
    """Record how many threads this process has, and how many connections are open in the play."""
    serving = len(history.of(Kind.ACCEPTED)) - len(history.of(Kind.CLOSED))
    threads = threading.active_count()
    history.events.append(Event(at=time.monotonic(), kind=Kind.THREADS, code=threads, text=str(serving)))
