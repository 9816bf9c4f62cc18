"""NatsChannelLayer takes group_expiry and never enforces it.

Package: channels-nats 0.6.1
Expected: a member that joined longer ago than group_expiry hears nothing (Channel Layer Specification, Persistence).
Happens: the setting is stored and not looked at. The package says so in its documentation.
"""

import asyncio
import sys

from channels_nats import NatsChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "nats://127.0.0.1:4222"


async def main() -> str:
    """Let a membership expire."""
    layer = NatsChannelLayer(servers=[URL], prefix="upstream", group_expiry=1)
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    await asyncio.sleep(2.1)
    await layer.group_send("room", {"type": "hello"})
    try:
        await asyncio.wait_for(layer.receive(channel), 10)
    except asyncio.TimeoutError:
        return "MENDED: it is not delivered"
    finally:
        await layer.close()
    return "REPRODUCED: with group_expiry=1 a member heard a message 2.1 s after it had joined"


print(asyncio.run(main()))
