"""Correct apps that differ from the reference app in whatever a spec might wrongly rely on: no spec may accuse any.

Each variant is a file beside this one: a change of the reference app, in the form of a planted fault that breaks
nothing. ``python -m tests.variants`` judges them, and the correct projects of ``tests/plugged``; ``nox -s variants``
does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from channels_conformance import exercises

HERE = Path(__file__).parent
PLUGGED = HERE.parent / "plugged"

ENOUGH = 114
"""Claims that hold for a variant; 117 do for most, fewer where what it declares makes some of them not applicable."""

ENOUGH_OF_OTHERS = 25
"""Claims that hold for a project that is plugged in, which may have one endpoint only and no task."""

ON_POSTGRES = ("ledger",)
"""The projects that cannot be judged without a PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app that is right, and how many claims must be seen to hold for it, so that no run is green by judging few."""

    name: str
    enough: int
    on_postgres: bool = False
    plugged: bool = False  # a project of tests/plugged

    def put(self, folder: Path) -> Path:
        """Return the folder to judge: the project's own, or one in ``folder`` that a variant is planted in."""
        if self.plugged:
            return PLUGGED / self.name
        return exercises.plant(exercises.load(self.name, faults=HERE), folder / self.name)


def names() -> list[str]:
    """Return the names of all variants."""
    return exercises.names(faults=HERE)


def apps() -> list[App]:
    """Return all correct apps: the variants, and the projects that are plugged in."""
    plugged = sorted(profile.parent.name for profile in PLUGGED.glob("*/conformance.toml"))
    return [
        *(App(name=name, enough=ENOUGH) for name in names()),
        *(App(name=name, enough=ENOUGH_OF_OTHERS, plugged=True, on_postgres=name in ON_POSTGRES) for name in plugged),
    ]
