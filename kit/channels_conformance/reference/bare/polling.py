"""A long poll: a request that is answered when something has happened."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from channels.generic.http import AsyncHttpConsumer

LONGEST = 30
"""Seconds that a poll waits at most. Whoever still wants to know asks again."""

meetings: dict[tuple[str, int], asyncio.Barrier] = {}


class Meeting(AsyncHttpConsumer):
    """Answer when as many have come to a meeting as its path says.

    While a poll waits it holds a coroutine. An asynchronous Django view would do as well, and hold a thread besides.
    """

    async def handle(self, body: bytes) -> None:
        """Wait for the others, or until it has taken too long."""
        scope: Any = self.scope  # its type knows of no route
        where = scope["url_route"]["kwargs"]
        key = (where["name"], where["parties"])
        barrier = meetings.setdefault(key, asyncio.Barrier(where["parties"]))
        try:
            async with asyncio.timeout(LONGEST):
                await barrier.wait()
        except TimeoutError:
            await self.send_response(204, b"")
            return
        meetings.pop(key, None)
        loop = asyncio.get_running_loop()
        told = {
            "thread": threading.get_ident(),
            "loop": type(loop).__qualname__,
            "asyncio": isinstance(loop, asyncio.AbstractEventLoop),
        }
        await self.send_response(200, json.dumps(told).encode(), headers=[(b"Content-Type", b"application/json")])
