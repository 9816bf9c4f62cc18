"""PostgresChannelLayer delivers to members whose membership has expired.

Package: channels-postgres 1.1.4
Expected: a member that joined longer ago than group_expiry hears nothing (Channel Layer Specification, Persistence).
Happens: the time is written into the table, and group_send() does not look at it; rows that have expired are deleted
by a task that some later group_discard() starts, 10 to 20 minutes after it.
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
    """Let a membership expire."""
    layer = PostgresChannelLayer(**CONFIG, group_expiry=1)
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    await asyncio.sleep(2.1)
    await layer.group_send("room", {"type": "hello"})
    try:
        await asyncio.wait_for(layer.receive(channel), 10)
    except asyncio.TimeoutError:
        return "MENDED: it is not delivered"
    return "REPRODUCED: with group_expiry=1 a member heard a message 2.1 s after it had joined"


print(asyncio.run(main()))
