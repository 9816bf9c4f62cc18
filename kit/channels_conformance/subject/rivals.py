"""Rivals of a subject: connections of our own to its test database, outside Django, which make storing hard.

Each engine has its own words for the same three things: to hold the lock that whoever writes must wait for while
reading goes on, to doom the commit of some rows, and to undo that.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from channels_conformance.services import postgres
from channels_conformance.subject.overlay import Plan

PATIENCE = 20
"""Seconds that a rival waits for the subject to end a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What an engine is told. ``{table}``, ``{column}`` and ``{doom}`` stand for names and for a text."""

    connected: Callable[[str], contextlib.AbstractContextManager[Any]]
    lock: Sequence[str]
    doom: Sequence[str]
    spare: Sequence[str]


@contextlib.contextmanager
def _sqlite(name: str) -> Iterator[Any]:
    with contextlib.closing(sqlite3.connect(name, isolation_level=None, timeout=PATIENCE)) as connection:
        yield connection


@contextlib.contextmanager
def _postgres(name: str) -> Iterator[Any]:
    with postgres.connected(Plan.current().postgres, name) as connection:
        connection.cursor().execute(f"SET lock_timeout = '{PATIENCE}s'")
        yield connection


ENGINES = {
    # A trigger adds a row that breaks a deferred foreign key.
    "sqlite": Engine(
        connected=_sqlite,
        lock=("BEGIN IMMEDIATE",),
        doom=(
            "CREATE TABLE conformance_never (id INTEGER PRIMARY KEY)",
            """
            CREATE TABLE conformance_doom (
                id INTEGER PRIMARY KEY,
                never INTEGER REFERENCES conformance_never (id) DEFERRABLE INITIALLY DEFERRED
            )
            """,
            """
            CREATE TRIGGER conformance_doomed AFTER INSERT ON {table} WHEN instr(NEW.{column}, '{doom}')
            BEGIN INSERT INTO conformance_doom (never) VALUES (1); END
            """,
        ),
        spare=("DROP TRIGGER conformance_doomed", "DROP TABLE conformance_doom", "DROP TABLE conformance_never"),
    ),
    # A trigger that waits for the commit, and then raises what a broken constraint raises.
    "postgresql": Engine(
        connected=_postgres,
        lock=("BEGIN", "LOCK TABLE {table} IN EXCLUSIVE MODE"),
        doom=(
            """
            CREATE FUNCTION conformance_doom() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'this row was doomed'; END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER conformance_doomed AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (position('{doom}' IN NEW.{column}::text) > 0) EXECUTE FUNCTION conformance_doom()
            """,
        ),
        spare=("DROP TRIGGER conformance_doomed ON {table}", "DROP FUNCTION conformance_doom()"),
    ),
}
"""By Django's word for the vendor."""


class Rival:
    """A rival of whoever stores in one column of one table."""

    def __init__(self, vendor: str, database: str, table: str, column: str) -> None:
        self._engine = ENGINES[vendor]
        self._database = database
        # SQL has no parameters for names; these come from the subject's own models.
        self._names = {"table": _quoted(table), "column": _quoted(column)}

    @contextlib.contextmanager
    def locking(self) -> Iterator[None]:
        """Hold the write lock."""
        with self._engine.connected(self._database) as connection:
            self._execute(connection, self._engine.lock)
            try:
                yield
            finally:
                self._execute(connection, ("ROLLBACK",))

    @contextlib.contextmanager
    def dooming(self, doom: str) -> Iterator[None]:
        """Make the commit fail of each row whose column holds a text."""
        with self._engine.connected(self._database) as connection:
            self._execute(connection, self._engine.doom, doom=doom)
            try:
                yield
            finally:
                self._execute(connection, self._engine.spare)

    def _execute(self, connection: Any, statements: Sequence[str], **more: str) -> None:
        for statement in statements:
            connection.cursor().execute(statement.format(**self._names, **more))


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
