"""RedisChannelLayer sends a dict with integer keys, which its receiver cannot unpack.

Package: channels-redis 4.3.0
Expected: an error where it is sent, or the message where it is read (Channel Layer Specification: keys are text).
Happens: msgpack packs integer keys, and refuses to unpack them (strict_map_key): send() succeeds, receive() raises, and
the consumer of whoever reads it ends. See baserow/baserow#5827.
"""

import asyncio
import sys

from channels_redis.core import RedisChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"


async def main() -> str:
    layer = RedisChannelLayer(hosts=[{"address": URL, "socket_timeout": None}], prefix="upstream-keys")
    channel = await layer.new_channel()
    try:
        await layer.send(channel, {"type": "hello", "scores": {1: "one"}})
    except (TypeError, ValueError) as error:
        return f"MENDED: send() raises {type(error).__name__}"
    try:
        await layer.receive(channel)
    except ValueError as error:
        return f"REPRODUCED: send() succeeds, and receive() raises {type(error).__name__}: {error}"
    finally:
        await layer.close_pools()
    return "MENDED: it is read"


print(asyncio.run(main()))
