"""What was judged, and on what it ran."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from channels_conformance.report.verdicts import Facts

if TYPE_CHECKING:
    from channels_conformance.subject.run import Run

PACKAGES = (
    "django",
    "channels",
    "channels-redis",
    "redis",
    "psycopg",
    "psycopg2",
    "daphne",
    "uvicorn",
    "hypercorn",
    "granian",
    "celery",
    "asgiref",
    "pytest",
    "hypothesis",
)


def facts(run: Run) -> Facts:
    """Return the facts of a run, as the report gives them."""
    from django.conf import settings

    layers = {layer["BACKEND"] for layer in settings.CHANNEL_LAYERS.values()}
    return Facts(
        subject=run.profile.root.name,
        root=str(run.profile.root),
        redis=f"{run.redis.version}, {run.redis.source}" if run.redis else "",
        layer=", ".join(sorted(layers)),
        servers=tuple(f"{server} {_version(server)}" for server in run.profile.servers),
        database=databases(run),
        versions={"python": platform.python_version(), **{name: _version(name) for name in PACKAGES if _version(name)}},
    )


def databases(run: Run) -> str:
    """Return which databases the subject was judged on: the engines, and of a server its version and whose it is."""
    from django.conf import settings

    told = {database["ENGINE"].rpartition(".")[2] for database in settings.DATABASES.values()}
    if run.postgres:
        told = {engine for engine in told if "postgresql" not in engine}
        told.add(f"postgresql {run.postgres.version}, {run.postgres.source}")
    return ", ".join(sorted(told)) or "none"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
