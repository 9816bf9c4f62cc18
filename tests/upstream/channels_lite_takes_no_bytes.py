"""SQLiteChannelLayer refuses bytes unless it is told to write msgpack.

Package: channels-lite 0.4.0
Expected: bytes are among the types of a message (Channel Layer Specification, Messages), as consumers send them that
pass binary frames on; the README promises the full specification.
Happens: the default serializer is JSON, and send() raises TypeError.
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
    """Send bytes."""
    layer = SQLiteChannelLayer(database="default")
    try:
        await layer.send("jobs", {"type": "hello", "data": b"x"})
    except TypeError as error:
        return f"REPRODUCED: TypeError: {error}"
    return "MENDED: they are taken"


print(asyncio.run(main()))
