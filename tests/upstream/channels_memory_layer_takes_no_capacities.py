"""InMemoryChannelLayer sends nothing once it is given channel_capacity.

Package: channels 4.3.2
Expected: the capacity of channels that fit the pattern is 5 (Channels docs: Channel Layers; channel_capacity is one of
the layer's arguments, and get_capacity() is there to apply it).
Happens: every send() raises ValueError. The layer keeps the dict as it was given; get_capacity() iterates over what
compile_capacities() would have made of it, and nobody calls that.
"""

import asyncio

from channels.layers import InMemoryChannelLayer

layer = InMemoryChannelLayer(channel_capacity={"jobs.*": 5})
try:
    asyncio.run(layer.send("jobs.mail", {"type": "hello"}))
except ValueError as error:
    print(f"REPRODUCED: ValueError: {error}")
else:
    print("MENDED: the message was taken")
