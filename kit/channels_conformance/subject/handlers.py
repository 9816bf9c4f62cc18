"""Which method of a consumer each event leads to, and whether a client can choose one."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Generator
from typing import Any

from channels.consumer import SyncConsumer, get_handler_name

from channels_conformance.history import Kind
from channels_conformance.subject.tap import Reports, connection

PROBE = "conformance_probe"
"""A public method that every watched consumer has and no application knows: only a client can have named it."""


def watch_handlers(consumer: Any, reporter: Reports) -> None:
    """Report the method that each type of layer event leads to, once, and each time that the probe runs."""
    _watch_events(consumer, reporter)
    _plant_probe(consumer, reporter)


def _watch_events(consumer: Any, reporter: Reports) -> None:
    original = consumer.dispatch
    told: set[str] = set()

    @functools.wraps(original)
    async def dispatch(message: Any) -> Any:
        kind = message.get("type") if isinstance(message, dict) else None
        # What begins with "websocket." is the server's, or cannot be told from it.
        if isinstance(kind, str) and kind not in told and not kind.startswith("websocket."):
            told.add(kind)
            reporter.report(
                Kind.EVENT_HANDLED, connection=connection.get(), marker=kind, detail=_handler(consumer, {"type": kind})
            )
        return await original(message)

    consumer.dispatch = dispatch


def _handler(consumer: Any, message: dict[str, Any]) -> str:
    """Return the method that handles a message, with its module; nothing where there is none."""
    with contextlib.suppress(ValueError):
        handler = getattr(consumer, get_handler_name(message), None)
        method = getattr(handler, "__func__", handler)
        if method is not None:
            return f"{getattr(method, '__module__', '')}.{getattr(method, '__qualname__', type(method).__qualname__)}"
    return ""


def _plant_probe(consumer: Any, reporter: Reports) -> None:
    def probe(*_: Any, **__: Any) -> Any:
        reporter.report(Kind.PROBED, connection=connection.get(), detail=PROBE)
        return None if isinstance(consumer, SyncConsumer) else _Done()

    setattr(consumer, PROBE, probe)


class _Done:
    """What an asynchronous method returns: awaited or dropped, it does nothing."""

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()
