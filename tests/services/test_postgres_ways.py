import os
import pwd
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_conformance.services import containers, local_postgres
from channels_conformance.services.guard import MEMORY, Guard
from channels_conformance.services.postgres import PostgresNotFound, find
from channels_conformance.services.processes import ServiceError

pytestmark = pytest.mark.usefixtures("postgres_driver")


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Make a folder for programs that anybody may run."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


def program(path: Path, script: str) -> None:
    """Make a program of a shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@db.example.com/",
        "postgresql://me:secret@db.example.com/?hostaddr=127.0.0.1",
        "postgresql://me:secret@localhost/?host=db.example.com",
    ],
)
def test_another_machine_is_refused(guard: Guard, folder: Path, url: str) -> None:
    """A server elsewhere is not written to unless that is said to be meant; its password is not shown."""
    with pytest.raises(ServiceError, match=r"The PostgreSQL at db\.example\.com is not on this machine") as refused:
        find(url, guard=guard, folder=folder)
    assert "--allow-host db.example.com" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_another_address_is_refused(guard: Guard, folder: Path) -> None:
    """The address that a URL hides behind the name of this machine counts."""
    with pytest.raises(ServiceError, match=r"The PostgreSQL at 192\.0\.2\.1 is not on this machine"):
        find("postgresql://localhost/?hostaddr=192.0.2.1", guard=guard, folder=folder)


def test_a_host_that_is_allowed_is_asked(guard: Guard, folder: Path) -> None:
    """Once named, a server elsewhere is as good as any; this one does not answer."""
    url = "postgresql://me:secret@db.example.com:1/?hostaddr=127.0.0.1"

    with pytest.raises(ServiceError, match=r"No PostgreSQL answers at postgresql://\*\*\*@db\.example\.com") as refused:
        find(url, guard=guard, folder=folder, allowed=["db.example.com"])
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://127.0.0.1",
        "127.0.0.1:5432",
        "postgresql://",
        "postgresql://a,b/",
        "postgresql://127.0.0.1:port/",
        "postgresql://127.0.0.1/?service=shop",
        "postgresql://127.0.0.1/?dbname=shop",
        "postgresql://127.0.0.1/?user=me&password=secret",
    ],
)
def test_what_is_no_url(guard: Guard, folder: Path, url: str) -> None:
    """The error shows how to write one."""
    with pytest.raises(ServiceError, match=r"is not the URL of a PostgreSQL\. Write postgresql://user"):
        find(url, guard=guard, folder=folder)


def test_a_socket_is_on_this_machine(guard: Guard, folder: Path) -> None:
    """A server that is reached through a folder needs no leave; this one is not there."""
    with pytest.raises(ServiceError, match="No PostgreSQL answers at"):
        find(f"postgresql://me@/?host={folder}", guard=guard, folder=folder)


def test_no_way_leads_to_one(guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says why each way failed, and what would mend it."""
    monkeypatch.setattr(containers, "may_have_engine", bool)
    monkeypatch.setattr(local_postgres, "PLACES", ())
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(PostgresNotFound) as refused:
        find(guard=guard, folder=folder)

    for part in ["No Docker engine answers here", "neither on PATH nor in the usual places", "--database-url postgres"]:
        assert part in str(refused.value)


def test_without_a_driver(guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says which extra to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setitem(sys.modules, "psycopg2", None)

    with pytest.raises(ServiceError, match=r"pip install 'channels-conformance\[postgres\]'"):
        find(guard=guard, folder=folder)


@pytest.mark.parametrize(
    ("initdb", "server", "sentence"),
    [
        ("echo no such luck; exit 3", "exit 0", "initdb failed: no such luck"),
        ("exit 0", "echo no more memory; exit 1", "postgres ended at once: no more memory"),
    ],
)
def test_binaries_that_fail(
    guard: Guard,
    folder: Path,
    reachable: Path,
    monkeypatch: pytest.MonkeyPatch,
    initdb: str,
    server: str,
    sentence: str,
) -> None:
    """Their last words are in the error."""
    program(reachable / "initdb", f'mkdir -p "$2"; {initdb}')
    program(reachable / "postgres", server)
    monkeypatch.setattr(local_postgres, "PLACES", (str(reachable),))
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(PostgresNotFound, match=sentence):
        find(source="binary", guard=guard, folder=folder)


def test_the_newest_version_is_taken(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are compared as numbers, and one without initdb does not count."""
    for version in ("9.6", "15", "16", "17"):
        (reachable / version / "bin").mkdir(parents=True)
        for name in ("initdb", "postgres") if version != "17" else ("postgres",):
            program(reachable / version / "bin" / name, "exit 0")
    monkeypatch.setattr(local_postgres, "PLACES", (f"{reachable}/*/bin",))
    monkeypatch.setattr("shutil.which", lambda _: None)

    assert local_postgres.binaries() == reachable / "16" / "bin"


def test_a_folder_that_only_we_may_enter(guard: Guard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the server runs as another user, its data lies where that user may go, and its folder is its own."""
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as another user")
    tmp_path.chmod(stat.S_IRWXU)
    owner = pwd.getpwnam(local_postgres.UNPRIVILEGED)

    home = local_postgres._home(tmp_path / "run", guard, owner)

    assert home.parent == MEMORY
    monkeypatch.setattr(local_postgres, "MEMORY", tmp_path)
    with pytest.raises(ServiceError, match="Set TMPDIR to a folder that everybody may enter"):
        local_postgres._home(tmp_path / "run", guard, owner)
