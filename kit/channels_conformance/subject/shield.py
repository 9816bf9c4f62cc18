"""What no setting can lead away: Celery applications that nobody declared, and a Redis that is told to forget all.

Installed in every process of a run together with the settings. A Celery application made anywhere, at any time and with
any address written into it is overlaid the moment that it asks for a connection; and ``flushdb``, which is what a Redis
cache makes of ``clear``, deletes what caches of this run keep and nothing else.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from redis.commands.core import ManagementCommands

from channels_conformance.subject.overlay import overlay_celery

if TYPE_CHECKING:
    from channels_conformance.subject.overlay import Plan

FORGET = """
for _, key in ipairs(redis.call("KEYS", ARGV[1])) do redis.call("DEL", key) end
return 1
"""


def install(plan: Plan) -> None:
    """Shield all that lies outside the run from the code of this process."""
    for name in ("flushdb", "flushall"):
        setattr(ManagementCommands, name, _forgetting(f"{plan.prefix or 'nothing'}:cache:*"))
    if importlib.util.find_spec("celery"):
        from celery import Celery

        for name, shielded in (
            ("connection_for_read", _connecting),
            ("connection_for_write", _connecting),
            ("_get_backend", _led),
        ):
            setattr(Celery, name, shielded(getattr(Celery, name), plan))


def _forgetting(pattern: str) -> Callable[..., Any]:
    def flush(self: Any, *_: Any, **__: Any) -> Any:
        return self.eval(FORGET, 0, pattern)  # a coroutine where the client is asynchronous

    return flush


def _led(method: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    @functools.wraps(method)
    def led(app: Any, *args: Any, **options: Any) -> Any:
        overlay_celery(app, plan)
        return method(app, *args, **options)

    return led


def _connecting(method: Callable[..., Any], plan: Plan) -> Callable[..., Any]:
    @functools.wraps(method)
    def connecting(app: Any, url: str | None = None, **options: Any) -> Any:
        overlay_celery(app, plan)
        return method(app, **options)  # to the broker that the overlay names, whatever the url was

    return connecting
