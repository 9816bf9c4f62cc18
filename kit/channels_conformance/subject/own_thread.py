"""The thread in which this process signs users in and looks into the database: its own, and not the subject's.

asgiref has all code that is sensitive to threads share one, and so a handler of the subject's that never returns would
keep us waiting as well.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conformance-database")


def in_own_thread(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return what awaits a function that runs in that thread, one after the other."""
    return sync_to_async(function, thread_sensitive=False, executor=_thread)
