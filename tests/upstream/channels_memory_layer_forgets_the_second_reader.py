"""InMemoryChannelLayer forgets a second reader of a channel once the first has read.

Package: channels 4.3.2
Expected: each of two readers that wait on one channel gets one of two messages (docstring of receive(): if more than
one waits, one of them gets the result; Channel Layer Specification: channels can have several readers).
Happens: the first message empties the queue, so receive() removes the queue from the layer; the second message goes
into a new one, and the second reader waits on the old one for ever.
"""

import asyncio

from channels.layers import InMemoryChannelLayer


async def main() -> int:
    layer = InMemoryChannelLayer()
    readers = [asyncio.create_task(layer.receive("jobs")) for _ in range(2)]
    await asyncio.sleep(0.05)
    for number in (1, 2):
        await layer.send("jobs", {"type": "hello", "number": number})
        await asyncio.sleep(0.05)
    done, waiting = await asyncio.wait(readers, timeout=1)
    for reader in waiting:
        reader.cancel()
    return len(done)


served = asyncio.run(main())
print("MENDED: both readers got a message" if served == 2 else f"REPRODUCED: {served} of 2 readers got a message")
