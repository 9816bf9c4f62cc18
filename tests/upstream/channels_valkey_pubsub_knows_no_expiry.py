"""ValkeyPubSubChannelLayer takes expiry and group_expiry, and ignores both.

Package: channels-valkey 0.3.0
Expected: neither a message that is older than expiry, nor one to a member that joined longer ago than group_expiry, is
delivered; or a TypeError for settings that have no effect (Channel Layer Specification; django/channels_redis#247).
Happens: both are swallowed by **kwargs, and both messages are delivered.
"""

import asyncio
import sys

from channels_valkey.pubsub import ValkeyPubSubChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "valkey://127.0.0.1:6379"


async def main() -> str:
    try:
        layer = ValkeyPubSubChannelLayer(hosts=[URL], prefix="upstream-expiry", expiry=1, group_expiry=1)
        channel = await layer.new_channel()
    except TypeError as error:
        return f"MENDED: {error}"
    await layer.group_add("room", channel)
    await layer.send(channel, {"type": "hello", "text": "old"})
    await asyncio.sleep(2.1)
    await layer.group_send("room", {"type": "hello", "text": "to a member of old"})
    came = []
    try:
        for _ in range(2):
            came.append((await asyncio.wait_for(layer.receive(channel), 10))["text"])
    except asyncio.TimeoutError:
        pass
    await layer.flush()
    return f"REPRODUCED: delivered: {came}" if came else "MENDED: neither is delivered"


print(asyncio.run(main()))
