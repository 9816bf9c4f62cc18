"""redis-py with a socket_timeout takes no notice of a cancellation that comes while a command is being written.

Package: redis 8.1.0, up to Python 3.11
Expected: a task that is cancelled while it waits for Redis ends at once.
Happens: redis/asyncio/connection.py writes by asyncio.wait_for() wherever there is a socket_timeout, as there is by
default since redis-py 8.0, and up to Python 3.11 wait_for() swallows a cancellation that comes as what it waits for
ends (python/cpython#86296). The command is then waited for as if nothing had happened: a consumer of Channels that
ends just after another of the same process, and so is cancelled as it turns to Redis, goes on for as long as the
timeout is. Writing within asyncio.timeout(), as redis-py reads, would mend it; so does {"socket_timeout": None}.
"""

import asyncio
import sys

from redis.asyncio import Redis

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"
TURNS = 40  # of the event loop, after each of which a command is cancelled once


async def goes_on(turns: int) -> bool:
    """Return whether a blocking read goes on a second after it was cancelled, that many turns of the loop in."""
    client = Redis.from_url(URL, socket_timeout=5)
    await client.ping()  # so that it is connected
    reading = asyncio.ensure_future(client.bzpopmin("upstream-nobody-adds-to-it", timeout=2))
    for _ in range(turns):
        await asyncio.sleep(0)
    reading.cancel()
    done, _ = await asyncio.wait({reading}, timeout=1)
    if not done:
        await asyncio.wait({reading})  # until Redis itself has had enough
    await client.aclose()
    return not done


async def main() -> str:
    for turns in range(TURNS):
        if await goes_on(turns):
            return f"REPRODUCED: a command that was cancelled {turns} turns of the loop in went on"
    return f"MENDED: however many of {TURNS} turns of the loop in a command was cancelled, it ended"


print(asyncio.run(main()))
