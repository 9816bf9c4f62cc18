"""What a channel layer keeps, in its own memory and in Redis, counted while readers come and go."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Set
from typing import Any

from channels_conformance.history import Event, Kind
from channels_conformance.services import redis
from channels_conformance.subject.layer_play import LayerPlay
from channels_conformance.subject.layers import JudgedLayer

GROUP = "room"


async def visits(judged: JudgedLayer, play: LayerPlay, *counts: int, alone: bool = False) -> None:
    """Have readers come, hear something, leave their group and stop waiting; count what is kept after each so many.

    Each stops waiting where another goes on with it; ``alone``, where nobody else waits.
    """
    resident = None if alone else await play.reader("a resident")
    come = 0
    for count in counts:
        while come < count:
            come += 1
            visitor = await play.reader(f"visitor {come}", group=f"{GROUP}.{come}")
            await play.say(visitor)
            await play.catch_up(visitor)
            await play.call("group_discard", visitor.group, visitor.channel)
            await play.give_up_waiting(visitor, beside=resident)
        kept = entries(play.layer) + _keys(judged, play.layer)
        play.history.events.append(Event(at=time.monotonic(), kind=Kind.KEPT, code=kept, text=str(come)))


def entries(layer: Any) -> int:
    """Return how many things lie in the containers of a layer, and of objects from the packages it is made from."""
    own = {one.__module__.partition(".")[0] for one in type(layer).__mro__} - {"builtins"}
    seen: set[int] = set()
    found, todo = 0, [layer]
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Mapping):
            found += len(one)
            todo += one.values()
        elif isinstance(one, list | tuple | deque | Set):
            found += len(one)
            todo += one
        elif isinstance(one, asyncio.Queue):
            found += one.qsize()
        elif type(one).__module__.partition(".")[0] in own and hasattr(one, "__dict__"):
            todo += vars(one).values()
    return found


def _keys(judged: JudgedLayer, layer: Any) -> int:
    prefix = getattr(layer, "prefix", "")
    if not (judged.run.redis and isinstance(prefix, str) and prefix.startswith(judged.run.redis.prefix)):
        return 0
    return sum(key.startswith(prefix) for key in redis.keys(judged.run.redis))
