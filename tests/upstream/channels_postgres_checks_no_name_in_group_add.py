"""group_add() of PostgresChannelLayer checks no name.

Package: channels-postgres 1.1.4
Expected: TypeError, as from group_send() and group_discard() of the same layer (Channel Layer Specification, Channels).
Happens: any text is taken as the name of a group, and then cannot be sent to.
"""

import asyncio
import sys
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command

URL = urlsplit(sys.argv[1] if len(sys.argv) > 1 else "postgresql://postgres@127.0.0.1:5432/upstream")
DATABASE = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": URL.path.strip("/"),
    "USER": URL.username,
    "PASSWORD": unquote(URL.password or ""),
    "HOST": URL.hostname,
    "PORT": URL.port,
}
settings.configure(
    USE_TZ=True,
    INSTALLED_APPS=["channels_postgres"],
    DATABASES={"default": DATABASE, "channels_postgres": DATABASE},
)
django.setup()
call_command("migrate", verbosity=0)

from channels_postgres.core import PostgresChannelLayer  # its models need the settings

CONFIG = {**DATABASE, "TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "OPTIONS": {}}


async def main() -> str:
    """Join groups whose names are none."""
    layer, taken = PostgresChannelLayer(**CONFIG), []
    for name in ("", "a room", "a/room"):
        try:
            await layer.group_add(name, await layer.new_channel())
        except TypeError:
            continue
        taken.append(name)
    return f"REPRODUCED: taken as names: {taken}" if taken else "MENDED: all of them are refused"


print(asyncio.run(main()))
