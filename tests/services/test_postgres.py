import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from channels_conformance.services import postgres
from channels_conformance.services.guard import Guard
from channels_conformance.services.postgres import (
    IMAGE,
    Postgres,
    connected,
    connection_settings,
    databases,
    drop_databases,
    find,
    rows,
)
from channels_conformance.services.processes import ServiceError, python_env
from tests.processes import ENDS_SHOW
from tests.services.engine import engine_answers

pytestmark = pytest.mark.usefixtures("postgres_driver")

RUN = """
import json, pathlib, signal, sys
from channels_conformance.services.guard import Guard, new_folder
from channels_conformance.services.postgres import connected, find
guard = Guard().start()
folder = new_folder()
guard.folder(folder)
own = find(source="binary", guard=guard, folder=folder)
given = find(sys.argv[1], guard=guard, folder=folder)
with connected(given.url) as server:
    server.cursor().execute(f"CREATE DATABASE {given.prefix}_default")
told = [guard.pid, own.process.pid, own.url, str(folder), given.prefix]
with connected(given.url, f"{given.prefix}_default"):
    print(json.dumps(told), flush=True)
    signal.pause()
"""


@pytest.fixture
def own(guard: Guard, folder: Path, postgres_running: Postgres) -> Postgres:
    """Start a server of this test's own, on a machine that has shown that it can."""
    return find(source="binary", guard=guard, folder=folder)


def execute(server: Postgres, *statements: str, database: str = "postgres") -> None:
    """Execute statements on a server."""
    with connected(server.url, database) as connection:
        for statement in statements:
            connection.cursor().execute(statement)


def shown(server: Postgres, setting: str) -> str:
    """Return a setting of a server."""
    with connected(server.url) as connection:
        return str(rows(connection, f"SHOW {setting}")[0][0])


def names(server: Postgres) -> set[str]:
    """Return the names of all databases of a server."""
    with connected(server.url) as connection:
        return {name for (name,) in rows(connection, "SELECT datname FROM pg_database")}


def test_installed_binaries(own: Postgres, folder: Path) -> None:
    """A server is made and started on a loopback port of its own, waits for no disk, and is no root's."""
    settings = connection_settings(own.url)

    assert own.process is not None
    assert own.process.log == folder / "postgres.log"
    assert (own.source, settings["HOST"]) == ("started by the run", "127.0.0.1")
    assert (shown(own, "fsync"), shown(own, "listen_addresses"), shown(own, "port")) == (
        "off",
        "127.0.0.1",
        settings["PORT"],
    )
    assert own.version.split(".")[0].isdigit()
    assert "postgresql://" not in repr(own)
    if Path("/proc/self").exists():
        assert Path(f"/proc/{own.process.pid}").stat().st_uid != 0


def test_nobody_gets_in_without_the_password(own: Postgres) -> None:
    """Other users of this machine are kept out of a server that listens on loopback."""
    settings = connection_settings(own.url)

    for password in ("", "wrong"):
        other = own.url.replace(settings["PASSWORD"], password)
        with pytest.raises(postgres.driver().OperationalError, match="password"), connected(other):
            pass


def test_a_given_url(postgres_running: Postgres, guard: Guard, folder: Path) -> None:
    """A URL is taken as it is; the run adds no more than a prefix of its own."""
    found = find(postgres_running.url, guard=guard, folder=folder)

    assert (found.source, found.process, found.version) == (
        "given by --database-url",
        None,
        postgres_running.version,
    )
    assert connection_settings(found.url) == connection_settings(postgres_running.url)
    assert found.prefix != postgres_running.prefix
    assert list(folder.iterdir()) == []


def test_only_the_databases_of_the_run_are_dropped(postgres_running: Postgres, folder: Path) -> None:
    """Of a server that others use too, the run drops what bears its prefix, whoever is connected, and no more."""
    guard = Guard().start()
    found = find(postgres_running.url, guard=guard, folder=folder)
    others = {"production", "test_cc_00000000_default", found.prefix, f"x{found.prefix}_default"}
    execute(found, *(f"CREATE DATABASE {name}" for name in {*others, f"{found.prefix}_a", f"{found.prefix}_b"}))
    assert databases(found.url, found.prefix) == [f"{found.prefix}_a", f"{found.prefix}_b"]

    with connected(found.url, f"{found.prefix}_a"), connected(found.url, "production") as stays:
        assert guard.close() == []

        assert rows(stays, "SELECT 1") == [(1,)]
    assert databases(found.url, found.prefix) == []
    assert names(postgres_running) >= others
    execute(postgres_running, *(f"DROP DATABASE {name}" for name in others))


def test_whatever_the_run_still_asks_of_the_server_ends_first(
    postgres_running: Postgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that is being made when the run is killed cannot appear once all have been dropped."""
    guard = Guard().start()
    found = find(postgres_running.url, guard=guard, folder=folder)
    monkeypatch.setenv("PGAPPNAME", f"{found.prefix} judge")
    with connected(found.url) as making:
        monkeypatch.setenv("PGAPPNAME", f"x{found.prefix} judge")
        with connected(found.url) as other:
            assert guard.close() == []

            with pytest.raises(postgres.driver().OperationalError):
                making.cursor().execute(f"CREATE DATABASE {found.prefix}_late")
            assert rows(other, "SELECT 1") == [(1,)]


@ENDS_SHOW
def test_everything_goes_when_the_run_is_killed(postgres_running: Postgres) -> None:
    """Server, port, folders and databases are gone after the process that started them was killed."""
    run = subprocess.Popen([sys.executable, "-c", RUN, postgres_running.url], stdout=subprocess.PIPE, env=python_env())
    assert run.stdout is not None
    guard_pid, server_pid, url, folder, prefix = json.loads(run.stdout.readline())
    command = Path(f"/proc/{server_pid}/cmdline").read_bytes().split(b"\0")
    data = Path(os.fsdecode(command[command.index(b"-D") + 1]))
    before = names(postgres_running) - {f"{prefix}_default"}
    assert data.is_dir()
    assert databases(postgres_running.url, prefix) == [f"{prefix}_default"]
    guard_end, server_end = os.pidfd_open(guard_pid), os.pidfd_open(server_pid)

    run.send_signal(signal.SIGKILL)
    run.communicate()

    assert select.select([guard_end], [], [], 20)[0]
    assert select.select([server_end], [], [], 0)[0]
    os.close(guard_end)
    os.close(server_end)
    assert not Path(folder).exists()
    assert not data.parent.exists()
    assert names(postgres_running) == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(connection_settings(url)["PORT"]))) != 0


@pytest.mark.parametrize("prefix", ["", "%", "postgres", "test", "test_cc_", "test_cc_0000000_", "test_cc_000000000"])
def test_no_other_prefix_is_dropped(postgres_running: Postgres, prefix: str) -> None:
    """A prefix that no run could have is refused before anything is dropped."""
    with pytest.raises(ServiceError, match="is not the prefix of a run, so nothing was done"):
        drop_databases(postgres_running.url, prefix)


def test_the_environment_cannot_lead_elsewhere(
    postgres_running: Postgres, guard: Guard, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a shell exports for the user's own database, a run reaches the server that it was told of."""
    (tmp_path / "services").write_text("[shop]\nhost=db.invalid\nhostaddr=192.0.2.1\nport=1\ndbname=shop\nuser=shop\n")
    for name, value in {
        "PGHOSTADDR": "192.0.2.1",
        "PGHOST": "db.invalid",
        "PGPORT": "1",
        "PGDATABASE": "shop",
        "PGUSER": "shop",
        "PGSERVICE": "shop",
        "PGSERVICEFILE": str(tmp_path / "services"),
    }.items():
        monkeypatch.setenv(name, value)
    address = connection_settings(postgres_running.url)
    plain = f"postgresql://{address['USER']}:{address['PASSWORD']}@localhost:{address['PORT']}/"

    found = find(plain, guard=guard, folder=folder)

    assert shown(found, "port") == address["PORT"]
    assert connection_settings(found.url)["OPTIONS"] == {"hostaddr": "127.0.0.1"}


def test_a_user_who_may_not_make_databases(postgres_running: Postgres, guard: Guard, folder: Path) -> None:
    """The error says so before anything is tried, and how to allow it."""
    execute(postgres_running, "CREATE ROLE reader LOGIN PASSWORD 'secret'")
    port = connection_settings(postgres_running.url)["PORT"]

    with pytest.raises(ServiceError, match="ALTER ROLE reader CREATEDB") as refused:
        find(f"postgresql://reader:secret@127.0.0.1:{port}/", guard=guard, folder=folder)

    assert "secret" not in str(refused.value)
    execute(postgres_running, "DROP ROLE reader")


def test_the_older_driver_will_do(
    postgres_running: Postgres, guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a project has psycopg2 alone, the kit takes that, as Django does."""
    older: ModuleType = pytest.importorskip("psycopg2")
    monkeypatch.setitem(sys.modules, "psycopg", None)

    found = find(postgres_running.url, guard=guard, folder=folder)

    assert postgres.driver() is importlib.import_module(older.__name__)
    execute(found, f"CREATE DATABASE {found.prefix}_default")
    drop_databases(found.url, found.prefix)
    assert databases(found.url, found.prefix) == []


def test_a_container_gets_a_password_and_waits_for_no_disk(
    own: Postgres, guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a container is started with makes a server like any other; here another server stands in for it."""
    asked: dict[str, Any] = {}

    def start(image: str, **more: Any) -> tuple[str, int]:
        asked.update(more, image=image)
        execute(own, f"ALTER ROLE {more['env']['POSTGRES_USER']} PASSWORD '{more['env']['POSTGRES_PASSWORD']}'")
        return "localhost", int(connection_settings(own.url)["PORT"])

    monkeypatch.setattr(postgres, "start_container", start)

    found = find(source="container", guard=guard, folder=folder)

    assert (asked["image"], asked["port"]) == (IMAGE, 5432)
    assert asked["command"][:3] == ["postgres", "-c", "fsync=off"]
    assert (found.source, found.process, found.version) == (f"in a container ({IMAGE})", None, own.version)


@pytest.mark.skipif(not engine_answers(image=IMAGE), reason=f"no Docker engine with the image {IMAGE} answers here")
def test_a_container(folder: Path) -> None:
    """A container is started where an engine answers, and is gone when the guard has closed."""
    guard = Guard().start()

    found = find(source="container", guard=guard, folder=folder)

    assert shown(found, "fsync") == "off"
    assert guard.close() == []
    with pytest.raises(postgres.driver().OperationalError), connected(found.url):
        pass
