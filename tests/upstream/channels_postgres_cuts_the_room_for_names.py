"""PostgresChannelLayer takes group names of 89 characters at most.

Package: channels-postgres 1.1.4
Expected: names of a hundred characters (Channel Layer Specification), or at least Channels' own 99.
Happens: the column holds 100 characters, and prefix and name go in together, as 'asgi:group:NAME': the
database raises StringDataRightTruncation.
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
    """Join groups with longer and longer names."""
    layer = PostgresChannelLayer(**CONFIG)
    for length in range(80, 100):
        try:
            await layer.group_add("x" * length, await layer.new_channel())
        except Exception as error:
            return f"REPRODUCED: a name of {length} characters raises {type(error).__name__}: {error}"
    return "MENDED: names of up to 99 characters are taken"


print(asyncio.run(main()))
