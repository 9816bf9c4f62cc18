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
    "daphne",
    "uvicorn",
    "celery",
    "asgiref",
    "pytest",
    "hypothesis",
)


def facts(run: Run) -> Facts:
    """Return the facts of a run, as the report gives them."""
    from django.conf import settings

    layers = {layer["BACKEND"] for layer in settings.CHANNEL_LAYERS.values()}
    engines = {database["ENGINE"].rpartition(".")[2] for database in settings.DATABASES.values()}
    return Facts(
        subject=run.profile.root.name,
        root=str(run.profile.root),
        redis=f"{run.redis.version}, {run.redis.source}" if run.redis else "",
        layer=", ".join(sorted(layers)),
        servers=tuple(f"{server} {_version(server)}" for server in run.profile.servers),
        database=", ".join(sorted(engines)),
        versions={"python": platform.python_version(), **{name: _version(name) for name in PACKAGES if _version(name)}},
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
