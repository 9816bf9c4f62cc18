"""PostgresChannelLayer speaks through the connections of the process that it was forked from.

Package: channels-postgres 1.1.4
Expected: a forked process, as Celery's prefork pool makes them, opens connections of its own, and the first goes on.
Happens: the pool is a global of the module and is inherited, so both processes write to the same sockets, and each
prepares statements under names that the other uses: DuplicatePreparedStatement, or answers that are the other's.
"""

import asyncio
import multiprocessing
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


async def joined(layer: PostgresChannelLayer, group: str) -> None:
    await layer.group_add(group, await layer.new_channel())


async def main() -> str:
    """Use the layer, fork, use it in the child, and use it again."""
    layer = PostgresChannelLayer(**CONFIG)
    await layer.send("jobs", {"type": "hello"})
    child = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(joined(layer, "room")))
    child.start()
    await asyncio.to_thread(child.join, 10)
    child.kill()
    try:
        for _ in range(4):  # the pool has four connections
            await layer.flush()
            await joined(layer, "room")
    except Exception as error:
        return f"REPRODUCED: the first process raises {type(error).__name__}: {error}"
    if child.exitcode:
        return f"REPRODUCED: the forked process ended with {child.exitcode}"
    return "MENDED: both go on"


print(asyncio.run(main()))
