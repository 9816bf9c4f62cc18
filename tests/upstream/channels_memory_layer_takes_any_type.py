"""InMemoryChannelLayer takes messages that no other layer can send.

Package: channels 4.3.2
Expected: an error, since messages hold only bytes, text, integers, floats, lists, dicts with text keys, booleans and
None (Channel Layer Specification, Messages). An app that is tested in memory fails on Redis otherwise.
Happens: a datetime, a set and a dict with an integer key are delivered as they are.
"""

import asyncio
from datetime import datetime

from channels.layers import InMemoryChannelLayer


async def main() -> list[object]:
    layer, came = InMemoryChannelLayer(), []
    for value in (datetime(2026, 1, 1), {1, 2}, {1: "one"}):
        try:
            await layer.send("jobs", {"type": "hello", "value": value})
        except (TypeError, ValueError, AssertionError):
            continue
        came.append((await layer.receive("jobs"))["value"])
    return came


came = asyncio.run(main())
print(f"REPRODUCED: delivered: {came}" if came else "MENDED: all of them are refused")
