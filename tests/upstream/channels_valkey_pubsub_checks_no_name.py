"""ValkeyPubSubChannelLayer checks no name of a channel or a group.

Package: channels-valkey 0.3.0
Expected: TypeError, as from the other layers (Channel Layer Specification, Channels), so that a name which is refused
by one layer does not reach nobody with another.
Happens: group_add() and group_send() take any text, the empty one included.
"""

import asyncio
import sys

from channels_valkey.pubsub import ValkeyPubSubChannelLayer

URL = sys.argv[1] if len(sys.argv) > 1 else "valkey://127.0.0.1:6379"


async def main() -> list[str]:
    layer = ValkeyPubSubChannelLayer(hosts=[URL], prefix="upstream-names")
    channel, taken = await layer.new_channel(), []
    for name in ("", "a room", "a/room", "\u5927\u5ef3"):
        try:
            await layer.group_add(name, channel)
            await layer.group_send(name, {"type": "hello"})
        except TypeError:
            continue
        taken.append(name)
    await layer.flush()
    return taken


taken = asyncio.run(main())
print(f"REPRODUCED: taken as names: {taken}" if taken else "MENDED: all of them are refused")
