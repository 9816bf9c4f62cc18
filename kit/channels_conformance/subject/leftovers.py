"""What a subject leaves running in this process: it ends with the run, also where it takes no notice of being told to.

asyncio cancels the tasks of a loop that is closed once, and waits for all of them. One that goes on regardless would
keep a run for ever: a task of a consumer's with a bare ``except``, or a receive of redis-py's, which may swallow a
cancellation up to Python 3.11 (python/cpython#86296).
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

ROUNDS = 8
"""How often a task is cancelled: whoever swallows that by accident does so once."""

PAUSE = 0.25  # seconds in which a task that was cancelled may end


async def end_tasks() -> None:
    """End every task of this loop but the one that asks; what will not end is none of the loop's from then on.

    Nor are the threads that were begun by ``asyncio.to_thread``.
    """
    # A loop that is closed waits for the threads of its executor: this one has none.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=1))
    this = asyncio.current_task()
    for _ in range(ROUNDS):
        running = asyncio.all_tasks() - {this}
        if not running:
            return
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=PAUSE)
    for task in asyncio.all_tasks() - {this}:
        asyncio._unregister_task(task)  # documented: asyncio, Extending, Task lifetime support
        # A coroutine that is destroyed is told so by one more exception. Who swallows that as well never comes back.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(task))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do what ``asyncio.run`` does, whatever the subject leaves running."""

    async def alone() -> T:
        try:
            return await work
        finally:
            await end_tasks()

    return asyncio.run(alone())
