"""An event loop that stands still inside one line of code: who sees it, and how it is told from a busy machine."""

from __future__ import annotations

import asyncio
import gc
import selectors
import sys
import threading
import time
import traceback
from types import FrameType

from channels_conformance.history import Kind
from channels_conformance.subject.tap import Reports

TICK = 0.01  # seconds between two looks at a loop that does not come round
PAUSE = 0.04  # seconds before a loop that came round is asked again: each time wakes it, in every process of a run
STANDSTILL = 30  # looks that find the loop's thread at the same instruction before it counts as blocked
HOG = 0.3  # seconds of its own processor time in one go before a loop's thread counts as blocked

_watched_loops: set[int] = set()


def watch_loop(reporter: Reports) -> None:
    """Report when the running event loop stands still inside one line of code.

    A clock alone would accuse an application on a busy machine. While the loop does not come round, two things are
    evidence that no other process can fake: the watcher got to look :data:`STANDSTILL` times and found the loop's
    thread at the very same instruction each time (it waits), or the loop's thread itself used :data:`HOG` seconds of
    processor time (it computes).
    """
    loop = asyncio.get_running_loop()
    if id(loop) in _watched_loops:
        return
    _watched_loops.add(id(loop))
    thread = threading.get_ident()
    threading.Thread(target=_watch, args=(loop, thread, reporter), name="conformance-watch", daemon=True).start()


def _watch(loop: asyncio.AbstractEventLoop, thread: int, reporter: Reports) -> None:
    came_round, pause = threading.Event(), threading.Event()
    while not loop.is_closed():
        came_round.clear()
        try:
            loop.call_soon_threadsafe(came_round.set)
        except RuntimeError:  # closed since
            return
        seen: tuple[FrameType, int] | None = None
        used: float | None = None
        looks, told = 0, False
        while not came_round.wait(TICK) and not loop.is_closed():
            frame = _frame_of(thread) if loop.is_running() else None
            if frame is None or _waits_itself(frame):
                # Between two runs of a loop nobody is kept waiting, and one that waits itself is only slow to be woken.
                seen, looks, used = None, 0, None
                continue
            here = (frame, frame.f_lasti)
            looks, seen = (looks + 1 if here == seen else 0), here
            now = _processor_time(thread)
            used = now if used is None else used
            if not told and (looks >= STANDSTILL or now - used > HOG):
                told = True
                reporter.report(Kind.LOOP_BLOCKED, detail="".join(traceback.format_stack(frame)))
        pause.wait(PAUSE)


_looking = threading.Lock()


def _frame_of(thread: int) -> FrameType | None:
    """Return where a thread is.

    No garbage is collected meanwhile: up to Python 3.11 that may let another thread go on, which waits for a lock that
    is held here, and neither goes on any more (python/cpython#106883).
    """
    with _looking:
        collects = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames().get(thread)
        finally:
            if collects:
                gc.enable()


def _waits_itself(frame: FrameType) -> bool:
    """Return whether the loop itself is what a thread is at, not what the loop has called."""
    turning = asyncio.BaseEventLoop._run_once.__code__  # type: ignore[attr-defined] # private, and no other mark is there
    within = frame.f_back if frame.f_code.co_filename == selectors.__file__ else frame
    return within is not None and within.f_code is turning


def _processor_time(thread: int) -> float:
    """Return the seconds of processor time that a thread has used; 0 where the platform does not tell."""
    clock = getattr(time, "pthread_getcpuclockid", None)
    return time.clock_gettime(clock(thread)) if clock else 0.0
