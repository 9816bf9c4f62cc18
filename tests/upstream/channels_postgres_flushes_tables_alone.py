"""flush() of PostgresChannelLayer leaves messages behind.

Package: channels-postgres 1.1.4
Expected: after flush() no message is left (Channel Layer Specification, flush extension).
Happens: the tables are emptied; what the process has taken from them waits in a queue, and is delivered.
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
    """Flush a layer that has taken a message from its table, which nobody has read yet."""
    layer = PostgresChannelLayer(**CONFIG)
    channel, other = await layer.new_channel(), await layer.new_channel()
    for name in (channel, other):  # before the process listens, since what comes for a channel unknown to it is lost
        await layer.send(name, {"type": "hello"})
    for name in (channel, other):
        await layer.receive(name)
    await layer.send(channel, {"type": "hello", "text": "before flush()"})
    await layer.send(other, {"type": "hello", "text": "notified after it"})
    await layer.receive(other)
    await layer.flush()
    try:
        came = await asyncio.wait_for(layer.receive(channel), 10)
    except asyncio.TimeoutError:
        return "MENDED: nothing is left"
    return f"REPRODUCED: delivered after flush(): {came}"


print(asyncio.run(main()))
