"""NatsChannelLayer loses messages that are sent from a short-lived event loop, as async_to_sync() makes them.

Package: channels-nats 0.6.1
Expected: what send() has taken leaves the process (Channels docs: async_to_sync(channel_layer.send)(...) in sync code).
Happens: send() returns once the message is in the client's buffer; a loop that ends then takes it along. Flushing the
connection before send() returns, or at least where the loop is closed, would mend it.
"""

import asyncio
import sys

from channels_nats import NatsChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "nats://127.0.0.1:4222"
TIMES = 50


async def main() -> str:
    """Send from a thread with a loop of its own, again and again."""
    layer = NatsChannelLayer(servers=[URL], prefix="upstream")
    channel, came = await layer.new_channel(), 0
    for _ in range(TIMES):
        await asyncio.to_thread(lambda: asyncio.run(layer.send(channel, {"type": "hello"})))
    try:
        while came < TIMES:
            await asyncio.wait_for(layer.receive(channel), 2)
            came += 1
    except asyncio.TimeoutError:
        return f"REPRODUCED: {came} of {TIMES} messages came"
    finally:
        await layer.close()
    return f"MENDED: all {TIMES} messages came"


print(asyncio.run(main()))
