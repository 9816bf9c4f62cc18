"""SqliteChannelLayer delivers messages twice.

Package: channels-sqlite 0.1
Expected: at most once (Channel Layer Specification, Channels).
Happens: receive() reads the table itself where it begins to wait, and so does the polling loop; each puts the message
into the channel's queue before either has marked it as delivered.
"""

import asyncio
import tempfile

import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    USE_TZ=True,
    INSTALLED_APPS=["channels_sqlite"],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
        "channels": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{tempfile.mkdtemp()}/layer.sqlite3",
            "OPTIONS": {"timeout": 20},
        },
    },
)
django.setup()
call_command("migrate", database="channels", verbosity=0)

from channels_sqlite.layers import SqliteChannelLayer  # its models need the settings


async def main() -> str:
    """Send a message at a time, and read until the next one comes."""
    layer, doubled = SqliteChannelLayer(polling_interval=0.001), 0
    for number in range(300):
        await layer.send("jobs", {"type": "hello", "number": number})
        while (await asyncio.wait_for(layer.receive("jobs"), 30))["number"] != number:
            doubled += 1
    return f"REPRODUCED: {doubled} of 300 messages came twice" if doubled else "MENDED: none of 300 came twice"


print(asyncio.run(main()))
