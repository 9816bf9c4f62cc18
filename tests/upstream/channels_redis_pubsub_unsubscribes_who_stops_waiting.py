"""RedisPubSubChannelLayer unsubscribes a channel whose receive() is cancelled, and loses what comes before the next.

Package: channels-redis 4.3.0
Expected: the message is read by the next receive() (Channel Layer Specification: a message is kept until its expiry).
Code that waits with a time limit, as asyncio.wait_for() does, cancels receive() each time.
Happens: a cancelled receive() is taken for the end of the consumer.
"""

import asyncio
import sys

from channels_redis.pubsub import RedisPubSubChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"


async def main() -> str:
    layer = RedisPubSubChannelLayer(hosts=[{"address": URL, "socket_timeout": None}], prefix="upstream-cancel")
    channel = await layer.new_channel()
    try:
        await asyncio.wait_for(layer.receive(channel), 0.1)
    except asyncio.TimeoutError:
        pass
    await layer.send(channel, {"type": "hello"})
    try:
        await asyncio.wait_for(layer.receive(channel), 1)
    except asyncio.TimeoutError:
        return "REPRODUCED: the message was lost"
    finally:
        await layer.flush()
    return "MENDED: the message was read"


print(asyncio.run(main()))
