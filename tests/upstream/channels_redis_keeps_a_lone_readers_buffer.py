"""RedisChannelLayer keeps the buffer of a channel whose receive() is cancelled while it reads from Redis.

Package: channels-redis 4.3.0
Expected: nothing is kept of a channel that nobody waits at any more (django/channels_redis#212).
Happens: of those who wait in a process, one reads from Redis for all. If that one is cancelled, as happens when its
connection closes, its entry stays in receive_buffer for good: `except Exception` in receive() deletes it, and
CancelledError is no Exception. Whoever is alone in a process is always that one. `except BaseException` would mend it,
as is done for those who only wait for their turn.
"""

import asyncio
import sys

from channels_redis.core import RedisChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"
READERS = 10


async def main() -> int:
    layer = RedisChannelLayer(hosts=[{"address": URL, "socket_timeout": None}], prefix="upstream-lone")
    for _ in range(READERS):
        waiting = asyncio.create_task(layer.receive(await layer.new_channel()))
        for _ in range(10):  # ways to Redis and back, after which the reader is on its own
            await layer.group_send("nobody", {"type": "hello"})
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    kept = len(layer.receive_buffer)
    await layer.close_pools()
    return kept


kept = asyncio.run(main())
print(f"REPRODUCED: of {READERS} readers that have gone {kept} buffers are kept" if kept else "MENDED: none is kept")
