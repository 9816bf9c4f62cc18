"""A PostgreSQL for the run: the one given, or the first that can be had of a container and installed binaries.

Of a server that is given, nothing is touched but the test databases of this run, which all begin with its prefix.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from channels_conformance.services import local_postgres
from channels_conformance.services.addresses import free_port, ip_address, is_loopback, masked
from channels_conformance.services.containers import start_container
from channels_conformance.services.processes import Process, ServiceError, killed_on_error
from channels_conformance.services.ways import first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from channels_conformance.services.guard import Guard

Source = Literal["url", "container", "binary"]
"""The ways to a PostgreSQL, in the order in which they are tried."""

IMAGE = "postgres:16-alpine"
ADVICE = (
    "Start Docker, install PostgreSQL (its initdb and postgres), or name one that runs: "
    "--database-url postgresql://user:password@127.0.0.1:5432/."
)
NO_DRIVER = "No driver for PostgreSQL is installed here. Run `pip install 'channels-conformance[postgres]'`."
USER = "conformance"
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
"""How a server is started that is thrown away: no commit waits for a disk."""

START_DEADLINE = 30.0
"""Seconds within which a server that was started must answer."""


END_DEADLINE = 5.0
"""Seconds that the server has to end the connections of a run."""

_END_BACKENDS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (starts_with(application_name, %s) OR starts_with(datname, %s))
"""


class PostgresNotFound(ServiceError):  # noqa: N818 - reads as what it says
    """No way led to a PostgreSQL. The text says why each failed and what would mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A PostgreSQL that answers, and the prefix that the name of every database of this run begins with."""

    url: str = field(repr=False)  # complete, so that no variable of the environment can lead elsewhere
    version: str
    source: str  # as the header says it: "given by --database-url", "started by the run"
    prefix: str
    notes: tuple[str, ...] = ()  # why the ways before this one were not taken
    process: Process | None = None  # where it was started here and is no container


def find(
    url: str | None = None,
    *,
    guard: Guard,
    folder: Path,
    source: Source | None = None,
    allowed: Collection[str] = (),
) -> Postgres:
    """Find a PostgreSQL, or start one whose log lies in ``folder``.

    A ``url`` is taken at its word: no other way is tried. Its host must be this machine or one of those ``allowed``.
    ``source`` forces one way. Raises :class:`PostgresNotFound` where no way leads to one, and :class:`ServiceError`
    where the ``url`` does not, or where there is no driver.
    """
    driver()
    prefix = f"test_cc_{secrets.token_hex(4)}"
    if url is not None:
        return _given(url, prefix=prefix, guard=guard, allowed=allowed)
    ways: dict[str, Callable[[], Postgres]] = {
        "container": lambda: _in_container(prefix=prefix, guard=guard),
        "binary": lambda: _from_binaries(prefix=prefix, guard=guard, folder=folder),
    }
    found, notes = first_of(ways, only=source)
    if found is not None:
        return replace(found, notes=tuple(notes))
    tried = " ".join(notes)
    raise PostgresNotFound(f"The project's database is PostgreSQL, and none was found. {ADVICE} Tried: {tried}")


def driver() -> Any:
    """Return the driver that Django would take: psycopg, or else psycopg2."""
    for name in ("psycopg", "psycopg2"):
        with contextlib.suppress(ImportError):  # both are optional
            return importlib.import_module(name)
    raise ServiceError(NO_DRIVER)


@contextlib.contextmanager
def connected(url: str, database: str = "postgres") -> Iterator[Any]:
    """Connect to a database of the server at ``url``; each statement is a transaction unless one is begun."""
    connection = driver().connect(urlsplit(url)._replace(path=f"/{quote(database)}").geturl(), connect_timeout=5)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def rows(connection: Any, statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Execute a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def connection_settings(url: str) -> dict[str, Any]:
    """Return what a complete URL says of the server, as Django's ``DATABASES`` has it."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    return {
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }


def databases(url: str, prefix: str) -> list[str]:
    """List the databases of a run, sorted. Refuses any other prefix."""
    if not re.fullmatch(r"test_cc_[0-9a-f]{8}", prefix):
        raise ServiceError(f"{prefix!r} is not the prefix of a run, so nothing was done. Use the one that find() gave.")
    with connected(url) as connection:
        found = rows(connection, "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (f"{prefix}_",))
    return sorted(name for (name,) in found)


def drop_databases(url: str, prefix: str) -> None:
    """Drop the databases of a run, whoever is still connected to them.

    A connection of the run's goes by a name that begins with the prefix as well, and ends first: the server may still
    be making a database for one whose process is gone.
    """
    databases(url, prefix)  # refuses another prefix
    until = time.monotonic() + END_DEADLINE
    with connected(url) as connection:
        while rows(connection, _END_BACKENDS, (f"{prefix} ", f"{prefix}_")) and time.monotonic() < until:
            time.sleep(0.02)  # a backend that was told to end is not to be waited for otherwise
        for name in databases(url, prefix):
            quoted = name.replace('"', '""')
            connection.cursor().execute(f'DROP DATABASE IF EXISTS "{quoted}"')


def _given(url: str, *, prefix: str, guard: Guard, allowed: Collection[str]) -> Postgres:
    parts, hosts = _checked(url)
    for host in hosts:
        if not (host.startswith("/") or is_loopback(host) or host in allowed):
            raise ServiceError(
                f"The PostgreSQL at {host} is not on this machine, and a run makes databases there. "
                f"Say that this is meant with --allow-host {host}, or use one on 127.0.0.1."
            )
    address = "" if hosts[0].startswith("/") else ip_address(hosts[0])
    query = {"hostaddr": address, **dict(parse_qsl(parts.query))}
    user, _, _ = parts.netloc.rpartition("@")  # with its password
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    server = f"{host}:{parts.port or 5432}"
    try:
        with connected(_url(f"{user}@{server}" if user else server, query)) as connection:
            ((name, may_create, version),) = rows(
                connection,
                "SELECT rolname, rolcreatedb OR rolsuper, split_part(current_setting('server_version'), ' ', 1) "
                "FROM pg_roles WHERE rolname = current_user",
            )
    except driver().Error as error:
        raise ServiceError(
            f"No PostgreSQL answers at {masked(url)}: {_said(error)}. Start it, or leave the URL out."
        ) from None
    if not may_create:
        raise ServiceError(
            f"The user {name} of the PostgreSQL at {masked(url)} may not make test databases. "
            f"Allow it by ALTER ROLE {name} CREATEDB, or name another user."
        )
    complete = _url(f"{user or quote(name, safe='')}@{server}", query)
    guard.databases(complete, prefix)
    return Postgres(url=complete, version=version, source="given by --database-url", prefix=prefix)


_ELSEWHERE = {"service", "dbname", "user", "password", "port"}
"""What a URL may not hide among its options: it says these things in front, or not at all."""


def _checked(url: str) -> tuple[Any, list[str]]:
    """Return the parts of a URL and every host that it names, the address itself among them."""
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        hosts = [query.get("host") or parts.hostname or "", *([query["hostaddr"]] if "hostaddr" in query else [])]
        valid = parts.scheme in ("postgresql", "postgres") and hosts[0] and "," not in parts.netloc + "".join(hosts)
        valid = valid and parts.port != 0 and not _ELSEWHERE & set(query)
    except ValueError:  # of a port that is no number
        valid = False
    if not valid:
        raise ServiceError(
            f"{masked(url)!r} is not the URL of a PostgreSQL. Write postgresql://user:password@127.0.0.1:5432/."
        )
    return parts, hosts


def _url(netloc: str, query: dict[str, str]) -> str:
    return f"postgresql://{netloc}/postgres?{urlencode(query)}"


def _our_url(host: str, port: int, password: str) -> str:
    query = {"hostaddr": ip_address(host), "sslmode": "disable", "gssencmode": "disable"}
    return _url(f"{USER}:{password}@{host}:{port}", query)


def _from_binaries(*, prefix: str, guard: Guard, folder: Path) -> Postgres:
    password = secrets.token_hex(16)
    cluster = local_postgres.make(user=USER, password=password, folder=folder, guard=guard)
    for _ in range(3):
        port = free_port()
        process = cluster.start(port=port, settings=SETTINGS)
        with killed_on_error(process):
            if _answers(_our_url("127.0.0.1", port, password), process):
                return _ours(_our_url("127.0.0.1", port, password), "started by the run", prefix, process)
        if "in use" not in process.log_text():
            break
        # Another program took the port after we had asked for a free one.
    raise ServiceError(f"postgres ended at once: {process.last_words()}. Start it by hand to see why.")


def _answers(url: str, process: Process) -> bool:
    """Wait until the process answers; False where it has ended. No other server knows the password."""
    until = time.monotonic() + START_DEADLINE
    while True:
        try:
            with connected(url):
                return True
        except driver().Error as error:
            if time.monotonic() > until:
                raise ServiceError(
                    f"postgres did not answer within {START_DEADLINE:g} s: {_said(error)}. Its log ends: "
                    f"{process.last_words()}."
                ) from None
        if process.wait(0.02) is not None:
            return False


def _in_container(*, prefix: str, guard: Guard) -> Postgres:
    name, password = f"channels-conformance-{prefix}", secrets.token_hex(16)
    command = ["postgres", *local_postgres.options(SETTINGS)]
    env = {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": password}
    host, port = start_container(IMAGE, name=name, port=5432, command=command, env=env, guard=guard)
    url = _our_url(host, port, password)
    until = time.monotonic() + START_DEADLINE
    while True:
        try:
            return _ours(url, f"in a container ({IMAGE})", prefix, None)
        except driver().Error as error:
            if time.monotonic() > until:
                raise ServiceError(
                    f"The container {name} does not answer at {masked(url)}: {_said(error)}. See its log."
                ) from None
        time.sleep(0.02)  # there is no process of ours to wait on, and a refused connection returns at once


def _ours(url: str, source: str, prefix: str, process: Process | None) -> Postgres:
    with connected(url) as connection:
        ((version,),) = rows(connection, "SELECT split_part(current_setting('server_version'), ' ', 1)")
    return Postgres(url=url, version=version, source=source, prefix=prefix, process=process)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")[:300]
