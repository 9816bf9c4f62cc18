"""SQLiteChannelLayer delivers a message that has expired while it waited in the process.

Package: channels-lite 0.4.0
Expected: it is not delivered (README: messages that remain undelivered after expiry seconds are cleaned up; Channel
Layer Specification: expired messages are not delivered).
Happens: the expiry is looked at where the message is taken from the table, and not where receive() hands it over.
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
    """Let a message wait in the process for longer than its expiry."""
    layer = SQLiteChannelLayer(database="default", expiry=3, polling_interval=0.01)
    other, channel = await layer.new_channel(), await layer.new_channel()
    await layer.send(other, {"type": "hello"})
    await layer.receive(other)  # the process polls from here on
    await layer.send(channel, {"type": "hello"})
    await asyncio.sleep(4)
    try:
        await asyncio.wait_for(layer.receive(channel), 10)
    except asyncio.TimeoutError:
        return "MENDED: it is not delivered"
    finally:
        await layer.close()
    return "REPRODUCED: with expiry=3 it was delivered 4 s after it was sent"


print(asyncio.run(main()))
