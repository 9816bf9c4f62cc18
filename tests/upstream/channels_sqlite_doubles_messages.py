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
    """Send a message at a time, and read until the next one comes; end where one has come twice."""
    layer = SqliteChannelLayer(polling_interval=0.001)
    for number in range(20_000):  # about one in a thousand comes twice
        await layer.send("jobs", {"type": "hello", "number": number})
        if (await asyncio.wait_for(layer.receive("jobs"), 30))["number"] != number:
            return f"REPRODUCED: of {number + 1} messages one came twice"
    return "MENDED: none of 20,000 came twice"


print(asyncio.run(main()))
