"""cleanup() of SqliteChannelLayer raises NameError.

Package: channels-sqlite 0.1
Expected: it ends the polling task and returns, as its docstring says.
Happens: its last line calls ic(), the debugging function of another package, which is not imported.
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
    """Use the layer once, and clean it up."""
    layer = SqliteChannelLayer()
    await layer.send("jobs", {"type": "hello"})
    try:
        await layer.cleanup()
    except NameError as error:
        return f"REPRODUCED: NameError: {error}"
    return "MENDED: it returns"


print(asyncio.run(main()))
