"""A consumer that does not read holds up all other consumers of its process on SQLiteChannelLayer.

Package: channels-lite 0.4.0
Expected: the second channel goes on being served; what does not fit into the first is dropped (Channel Layer
Specification, Capacity; BoundedQueue of the package itself says that it drops the oldest message when full).
Happens: the polling task calls `await buff.put(message)`, and asyncio.Queue.put() waits while the queue is full; only
put_nowait() is overridden. One full queue stops the task that serves all channels of the process.
"""

import asyncio
import tempfile

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    USE_TZ=True,
    INSTALLED_APPS=["channels_lite"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{tempfile.mkdtemp()}/layer.sqlite3",
            "OPTIONS": {"timeout": 20},
        },
    },
)
django.setup()
call_command("migrate", verbosity=0)

from channels_lite.layers.core import SQLiteChannelLayer  # its models need the settings


async def main() -> str:
    """Have one reader idle, and the other read each message."""
    layer = SQLiteChannelLayer(database="default", capacity=5, polling_interval=0.01)
    idle, busy = await layer.new_channel(), await layer.new_channel()
    for number in range(10):
        await layer.send(idle, {"type": "hello"})
        await layer.send(busy, {"type": "hello"})
        try:
            await asyncio.wait_for(layer.receive(busy), 5)
        except asyncio.TimeoutError:
            return f"REPRODUCED: the busy reader heard {number} of 10 messages"
    await layer.close()
    return "MENDED: the busy reader heard all"


print(asyncio.run(main()))
