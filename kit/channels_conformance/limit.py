"""The last resort where a spec hangs: it is given up, with the place where it waits, and the others are judged.

Whatever a play waits for has a deadline of its own, so nothing should ever come to this one.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

LONGEST = 240.0
"""Seconds after which a spec hangs, or one stream of a generated spec."""

GRACE = 30.0
"""Seconds that it has for its own end, once it was given up."""

HERE = Path(__file__).parent


class Hung(BaseException):
    """A spec has not ended.

    No ``Exception``, so that Hypothesis lets it pass at once: nobody waits for a smaller stream that hangs as well.
    """


def limited(spec: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Have a spec raise :exc:`Hung` where it has not ended after :data:`LONGEST` seconds."""

    @wraps(spec)
    async def judged(**arguments: Any) -> None:
        task = asyncio.ensure_future(spec(**arguments))
        try:
            done, _ = await asyncio.wait({task}, timeout=LONGEST)
        except asyncio.CancelledError:
            await give_up(task, grace=GRACE)
            raise
        if not done:
            place = _place(task)
            await give_up(task, grace=GRACE)
            raise Hung(f"it had not ended after {LONGEST:g} s, and waited in {place}")
        task.result()

    return judged


async def give_up(task: asyncio.Future[Any], *, grace: float) -> None:
    """Cancel a task, and wait for its end for ``grace`` seconds; how it ends is of no matter."""
    task.cancel()
    await asyncio.wait({task}, timeout=grace)
    if task.done() and not task.cancelled():
        task.exception()


def _place(task: asyncio.Future[None]) -> str:
    """Return where a task waits: the innermost line of ours."""
    place = "an unknown place"
    waiting: Any = task.get_coro() if isinstance(task, asyncio.Task) else None
    while inspect.iscoroutine(waiting) and (frame := waiting.cr_frame):
        code = frame.f_code
        if Path(code.co_filename).is_relative_to(HERE):
            place = f"{Path(code.co_filename).relative_to(HERE)}:{frame.f_lineno} ({code.co_qualname})"
        waiting = waiting.cr_await
    return place
