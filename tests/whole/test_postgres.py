"""A project on PostgreSQL is judged on PostgreSQL, and nothing of its own is touched, however the run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis as client

from channels_conformance.exercises import Change, Fault, plant
from channels_conformance.services.postgres import Postgres, connected, connection_settings, rows
from channels_conformance.services.redis import Redis
from tests.whole.conftest import WITHOUT_REDIS, Run
from tests.whole.traces import data_of, kill, processes_of, run_to_kill

QUICK = "lifecycle/unrouted-path-is-refused"
SQLITE = """
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DJANGO_DATABASE", BASE_DIR / "db.sqlite3"),
        # Seconds a writer waits for another process to finish writing before "database is locked".
        "OPTIONS": {"timeout": 20},
"""
POPULATE = """
from chat.models import Message
from django.contrib.auth.models import User
owner = User.objects.create_user("alice", password="secret")
Message.objects.bulk_create(Message(room="lobby", author=owner, text=f"number {n}") for n in range(200))
"""


def make(folder: Path, **database: Any) -> Path:
    """Make a project of the reference app that uses this database."""
    lines = "".join(f'        "{name}": {value!r},\n' for name, value in database.items())
    change = Change(file="config/settings.py", before=SQLITE, after=f"\n{lines}")
    return plant(Fault(name="on PostgreSQL", title="", breaks=(), modelled_on="", changes=(change,)), folder)


@pytest.fixture
def project(tmp_path: Path, postgres: Postgres) -> Path:
    """Make a project with a database in use, on the very server that runs may make test databases on."""
    address = connection_settings(postgres.url)
    root = make(
        tmp_path,
        ENGINE="django.db.backends.postgresql",
        NAME="production",
        CONN_MAX_AGE=60,
        **{**address, "OPTIONS": {**address["OPTIONS"], "application_name": "production"}},
    )
    with connected(postgres.url) as server:
        server.cursor().execute("DROP DATABASE IF EXISTS production")
        server.cursor().execute("CREATE DATABASE production")
    for arguments in (["migrate", "-v", "0"], ["shell", "-c", POPULATE]):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=root, check=True, capture_output=True)
    return root


Snapshot = Callable[[], dict[str, list[tuple[Any, ...]]]]


@pytest.fixture
def snapshot(postgres: Postgres, project: Path) -> Snapshot:
    """Give a way to see all that is on the server: databases, users, and each row with its place and transaction."""

    def look() -> dict[str, list[tuple[Any, ...]]]:
        seen = {}
        with connected(postgres.url, "production") as production:
            for (table,) in rows(production, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                seen[table] = rows(production, f'SELECT xmin::text, ctid::text, t::text FROM "{table}" t ORDER BY ctid')
            seen["sequences"] = rows(production, "SELECT * FROM pg_sequences ORDER BY sequencename")
            seen["relations"] = rows(production, "SELECT relname, xmin::text FROM pg_class ORDER BY oid")
            seen["databases"] = rows(production, "SELECT datname FROM pg_database ORDER BY datname")
            seen["users"] = rows(production, "SELECT rolname FROM pg_roles ORDER BY rolname")
        assert len(seen["chat_message"]) == 200
        return seen

    return look


def test_the_reference_app_holds_on_postgresql(
    run: Run, redis: Redis, postgres: Postgres, project: Path, snapshot: Snapshot
) -> None:
    """Every claim about the database and about users holds, on databases that are gone when the run has ended."""
    before = snapshot()

    result = run(
        *("--subject", str(project), "--redis-url", redis.url, "--database-url", postgres.url),
        *("--chapter", "orm", "--chapter", "auth"),
    )

    judged = {claim: verdict for claim, verdict in result.verdicts().items() if claim.startswith(("orm/", "auth/"))}
    assert set(judged.values()) == {"holds"}
    assert judged["orm/connections-return-to-baseline"] == "holds"
    assert result.code == 0
    assert result.report["facts"]["database"] == f"postgresql {postgres.version}, given by --database-url"
    assert snapshot() == before


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("given", [True, False], ids=["a server given", "a server of its own"])
def test_a_run_that_is_killed_touches_nothing(
    given: object, tmp_path: Path, redis: Redis, postgres: Postgres, project: Path, snapshot: Snapshot
) -> None:
    """Killed in the middle, a run leaves no database, no process and no folder, and the project's data as it was."""
    before = snapshot()
    temporary = tmp_path / "t"
    temporary.mkdir()
    named = ("--database-url", postgres.url) if given else ()
    arguments = ("--subject", str(project), "--redis-url", redis.url, "--chapter", "orm", *named)
    run = run_to_kill(arguments, cwd=tmp_path, temporary=temporary)
    processes = processes_of(temporary)
    homes = {place for pid in processes for place in data_of(pid)}
    assert len(processes) > 3
    assert bool(homes) is not given
    assert (snapshot()["databases"] != before["databases"]) is given

    kill(run, signal.SIGKILL, temporary)

    assert list(temporary.iterdir()) == []
    assert not any(home.exists() for home in homes)
    assert list(client.from_url(redis.url).scan_iter()) == []
    assert snapshot() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--database-url", "postgresql://127.0.0.1:1/"), "No PostgreSQL answers at postgresql://127.0.0.1:1/"),
        (("--database-url", "postgresql://10.1.2.3/"), "--allow-host 10.1.2.3"),
        (("--database-url", "mysql://10.1.2.3/"), "is not the URL of a PostgreSQL"),
    ],
)
def test_a_wrong_url_gets_one_sentence(run: Run, project: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """What is wrong with it is said, with what to write instead, and no traceback."""
    result = run("--subject", str(project), *WITHOUT_REDIS, "--claim", QUICK, *arguments)

    assert result.code == 4
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_without_a_driver_one_sentence_says_what_to_install(run: Run, tmp_path: Path) -> None:
    """A project on PostgreSQL in an environment without psycopg is told of the extra."""
    absent = tmp_path / "absent"
    absent.mkdir()
    for name in ("psycopg", "psycopg2"):
        (absent / f"{name}.py").write_text("raise ImportError('it is not installed')\n")
    project = make(tmp_path, ENGINE="django.db.backends.postgresql", NAME="production", HOST="db.invalid")
    path = os.pathsep.join([str(absent), os.environ.get("PYTHONPATH", "")])

    result = run("--subject", str(project), *WITHOUT_REDIS, "--claim", QUICK, env={"PYTHONPATH": path})

    assert result.code == 4
    assert "Run `pip install 'channels-conformance[postgres]'`" in result.output
    assert "Traceback" not in result.output


def test_a_url_that_nobody_needs_is_refused(run: Run) -> None:
    """An option that would change nothing is said to."""
    result = run("--subject", "reference", "--claim", QUICK, "--database-url", "postgresql://127.0.0.1/")

    assert result.code == 4
    assert "no database of the project is a PostgreSQL" in result.output
