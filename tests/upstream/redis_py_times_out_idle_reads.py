"""redis-py 8 ends the blocking read of an idle channel layer after 5 seconds, and with it every idle WebSocket.

Package: redis 8.1.0
Expected: an idle consumer waits for as long as it likes; channels_redis asks Redis for 5 seconds at a time, and asks
again (channels_redis/core.py, brpop_timeout).
Happens: since redis-py 8.0 socket_timeout is 5 seconds unless told otherwise, which is the same, and the client gives
up first: receive() raises TimeoutError (django/channels_redis#422, redis/redis-py#4091). In the settings,
{"address": "redis://...", "socket_timeout": None} for the host mends it.
"""

import asyncio
import sys

from channels_redis.core import RedisChannelLayer
from redis.exceptions import TimeoutError as RedisTimeoutError

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"


async def main() -> str:
    layer = RedisChannelLayer(hosts=[URL], prefix="upstream-idle")
    try:
        await asyncio.wait_for(layer.receive(await layer.new_channel()), 12)
    except RedisTimeoutError as error:
        return f"REPRODUCED: receive() raised {type(error).__name__}: {error}"
    except asyncio.TimeoutError:
        return "MENDED: it still waited after 12 s"
    finally:
        await layer.close_pools()
    return "MENDED: it read something"


print(asyncio.run(main()))
