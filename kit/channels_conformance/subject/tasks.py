"""Which tasks a consumer leaves running: asyncio tasks that were started on its behalf and outlive it."""

from __future__ import annotations

import asyncio
import functools
from contextvars import Context, ContextVar
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from channels.consumer import AsyncConsumer

from channels_conformance.history import Kind
from channels_conformance.subject.tap import Reports, connection

SETTLES = 2.0
"""Seconds after which a task that has not ended by then is taken to outlive its consumer: a deadline, and no proof."""

_owner: ContextVar[list[bool] | None] = ContextVar("conformance_owner", default=None)
"""Of the consumer that code runs for: whether its client has gone. One that has starts tasks on purpose, if any."""

_tasks: WeakKeyDictionary[asyncio.Future[Any], list[bool]] = WeakKeyDictionary()
_loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def watch_tasks(reporter: Reports) -> None:
    """Report of each consumer that has ended what it left running of the tasks that were started while it was open."""
    original = AsyncConsumer.__call__

    @functools.wraps(original)
    async def call(self: Any, scope: Any, receive: Any, send: Any) -> Any:
        key = connection.get()
        if not key:
            return await original(self, scope, receive, send)
        loop = asyncio.get_running_loop()
        _watch_loop(loop)
        gone = [False]
        _owner.set(gone)

        async def watched_receive() -> Any:
            message = await receive()
            gone[0] = gone[0] or message["type"] == "websocket.disconnect"
            return message

        try:
            return await original(self, scope, watched_receive, send)
        finally:
            # In a context of its own, for this task is none of the consumer's.
            telling = loop.create_task(_tell(key, gone, reporter), context=Context())
            telling_tasks.add(telling)
            telling.add_done_callback(telling_tasks.discard)

    AsyncConsumer.__call__ = call  # type: ignore[method-assign]  # watched, then as before


telling_tasks: set[asyncio.Task[None]] = set()  # a loop keeps weak references only


def _watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    if loop in _loops:
        return
    _loops.add(loop)
    factory: Any = loop.get_task_factory()

    def make(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> Any:
        task = factory(loop, coroutine, **options) if factory else asyncio.Task(coroutine, loop=loop, **options)
        context = options.get("context")
        owner = context.get(_owner) if context is not None else _owner.get()
        if owner is not None and not owner[0]:
            _tasks[task] = owner
        return task

    loop.set_task_factory(make)


async def _tell(key: str, owner: list[bool], reporter: Reports) -> None:
    """Report what is still running of a consumer's tasks, once they have had time to end."""
    running = {task for task, its in _tasks.items() if its is owner and not task.done()}
    if running:
        _, running = await asyncio.wait(running, timeout=SETTLES)
    names = sorted(_name(task) for task in running)
    reporter.report(Kind.TASKS_LEFT, connection=key, code=len(names), detail=", ".join(names))


def _name(task: asyncio.Future[Any]) -> str:
    coroutine = task.get_coro() if isinstance(task, asyncio.Task) else None
    return str(getattr(coroutine, "__qualname__", task))
