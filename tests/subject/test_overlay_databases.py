"""The overlay makes each of a subject's databases one of the run's, and connects to none of the subject's own."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from channels_conformance.subject import overlay
from channels_conformance.subject.overlay import OverlayError, needs_postgres
from tests.subject.plans import PLAN, SQLITE


def test_a_database_is_a_file_of_the_run() -> None:
    """The name is the run's own file, before and after the test database is made; other options stay."""
    database = {**SQLITE, "OPTIONS": {"timeout": 20}, "TEST": {"NAME": "t", "SERIALIZE": False}}

    done = overlay._database("default", database, PLAN)

    assert done == {
        "ENGINE": SQLITE["ENGINE"],
        "NAME": "/tmp/run/default.sqlite3",
        "OPTIONS": {"timeout": 20},
        "TEST": {"NAME": "/tmp/run/default.sqlite3", "SERIALIZE": False},
    }


@pytest.mark.parametrize(
    ("database", "engine"),
    [
        ({"ENGINE": "django.db.backends.mysql", "NAME": "shop"}, "django.db.backends.mysql"),
        ({"ENGINE": "django.contrib.gis.db.backends.postgis"}, "django.contrib.gis.db.backends.postgis"),
        ({}, "no engine"),
    ],
)
def test_another_engine_is_refused(database: dict[str, Any], engine: str) -> None:
    """A database that no test database can be made of is refused in words, and never connected to."""
    with pytest.raises(OverlayError) as caught:
        overlay._database("replica", database, PLAN)

    assert str(caught.value).startswith(f'DATABASES["replica"] uses {engine}: only SQLite and PostgreSQL')


POSTGRES = "django.db.backends.postgresql"
SERVER = "postgresql://ours:p%40ss@127.0.0.1:7002/postgres?hostaddr=127.0.0.1&sslmode=disable"
ON_POSTGRES = replace(PLAN, postgres=SERVER, databases="test_cc_0a1b2c3d")
THEIRS: dict[str, Any] = {
    "ENGINE": POSTGRES,
    "NAME": "shop",
    "HOST": "db.shop.example",
    "PORT": 6432,
    "USER": "shop",
    "PASSWORD": "secret",
}
OURS: dict[str, Any] = {
    "ENGINE": POSTGRES,
    "NAME": "test_cc_0a1b2c3d_default",
    "HOST": "127.0.0.1",
    "PORT": "7002",
    "USER": "ours",
    "PASSWORD": "p@ss",
    "OPTIONS": {"hostaddr": "127.0.0.1", "sslmode": "disable"},
    "TEST": {"NAME": "test_cc_0a1b2c3d_default"},
}


def test_a_postgresql_is_the_runs_under_a_name_of_its_own() -> None:
    """Nothing of the subject's own address survives, and the name is the test database's before there is one."""
    assert overlay._database("default", dict(THEIRS), ON_POSTGRES) == OURS


def test_a_postgresql_keeps_what_is_no_address() -> None:
    """Options that say where, how and as whom to connect go; every other setting and option stays."""
    kept = {"isolation_level": 3, "pool": {"min_size": 2}, "connect_timeout": 5, "options": "-c statement_timeout=9"}
    addresses = {
        "service": "shop",
        "passfile": ".pgpass",
        "sslmode": "verify-full",
        "sslrootcert": "ca.pem",
        "hostaddr": "10.1.2.3",
        "target_session_attrs": "standby",
        "assume_role": "owner",
        "gssencmode": "require",
        "application_name": "shop",
        "channel_binding": "require",
    }
    settings = {"CONN_MAX_AGE": 60, "ATOMIC_REQUESTS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
    test = {"NAME": "t", "TEMPLATE": "their_template", "CHARSET": "UTF8"}

    done = overlay._database("default", {**THEIRS, **settings, "OPTIONS": kept | addresses, "TEST": test}, ON_POSTGRES)

    expected = {**OURS, **settings, "OPTIONS": kept | OURS["OPTIONS"], "TEST": {**OURS["TEST"], "CHARSET": "UTF8"}}
    assert done == expected


@pytest.mark.parametrize("alias", ["Read Replica", "a" * 60, "ünïcode", 'a"b'])
def test_any_alias_gives_a_name_that_postgresql_keeps_whole(alias: str) -> None:
    """Names are short and plain, begin with the run's prefix, and differ where the aliases do."""
    name = overlay._database(alias, dict(THEIRS), ON_POSTGRES)["NAME"]

    assert re.fullmatch("test_cc_0a1b2c3d_[a-z0-9_]{1,40}", name)
    assert name != overlay._database(f"{alias} ", dict(THEIRS), ON_POSTGRES)["NAME"]


@pytest.mark.parametrize("database", [SQLITE, THEIRS])
def test_a_mirror_is_the_database_that_it_mirrors(database: dict[str, Any]) -> None:
    """What Django makes of a mirror in one process, every process of the run has."""
    replica = overlay._database("replica", {**database, "TEST": {"MIRROR": "default"}}, ON_POSTGRES)

    assert replica["NAME"] == overlay._database("default", dict(database), ON_POSTGRES)["NAME"]
    assert replica["TEST"] == {"MIRROR": "default", "NAME": replica["NAME"]}


def test_a_postgresql_of_which_the_run_does_not_know_is_never_connected_to() -> None:
    """Settings that ask for PostgreSQL in one process only are refused."""
    with pytest.raises(OverlayError, match="DATABASES named no PostgreSQL when read first"):
        overlay._database("default", dict(THEIRS), PLAN)


@pytest.mark.parametrize(
    ("databases", "needed"),
    [
        ({"default": SQLITE}, False),
        ({"default": SQLITE, "other": THEIRS}, True),
        ({"default": {"ENGINE": "django_prometheus.db.backends.postgresql"}}, True),
        ({"default": {}}, False),
    ],
)
def test_a_run_knows_from_the_settings_whether_it_needs_a_postgresql(
    databases: dict[str, Any], needed: object, subject_settings: ModuleType
) -> None:
    """One database of several is enough, and one with no engine is none."""
    vars(subject_settings).update(DATABASES=databases)

    assert needs_postgres(PLAN) is needed


def test_every_worker_is_known_to_postgresql_by_its_name() -> None:
    """A connection tells whose it is, and the one that judges is no worker."""
    assert ON_POSTGRES.environment(worker="daphne-1")["PGAPPNAME"] == "test_cc_0a1b2c3d daphne-1"
    assert ON_POSTGRES.environment()["PGAPPNAME"] == "test_cc_0a1b2c3d judge"
