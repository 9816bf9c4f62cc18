"""RedisChannelLayer hands one and the same dict to all members of a group in a process.

Package: channels-redis 4.3.0
Expected: what one consumer does to its event is not seen by another (django/channels#1427; in memory it is not).
Happens: the message is unpacked once for the process, and that dict is put into the queue of each member. A consumer
that calls event.pop("type"), say, makes the next one raise ValueError: Incoming message has no 'type' attribute.
"""

import asyncio
import sys

from channels_redis.core import RedisChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "redis://127.0.0.1:6379"


async def main() -> bool:
    layer = RedisChannelLayer(hosts=[{"address": URL, "socket_timeout": None}], prefix="upstream-shared")
    first, second = await layer.new_channel(), await layer.new_channel()
    for channel in (first, second):
        await layer.group_add("room", channel)
    await layer.group_send("room", {"type": "hello", "list": [1]})
    (await layer.receive(first))["list"].append("added by the first")
    seen = (await layer.receive(second))["list"]
    await layer.close_pools()
    return seen != [1]


print("REPRODUCED: the second read what the first had added" if asyncio.run(main()) else "MENDED: it read its own")
