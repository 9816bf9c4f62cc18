"""One exercise: a planted fault, seen by a student, who is not told its name's change before it is mended."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from channels_conformance import exercises as faults
from channels_conformance.report.judges import needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from channels_conformance.claims import Catalogue
    from channels_conformance.exercises import Fault, Lesson

SEVERAL = frozenset({"redis", "celery", "several workers"})
"""What a spec needs that takes more than one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """A fault with what is told of it, and what its judging takes."""

    fault: Fault
    lesson: Lesson
    several: bool  # whether it takes more processes than one, and so a Redis
    postgresql: bool  # whether it takes a PostgreSQL

    @property
    def name(self) -> str:
        """The name of the fault."""
        return self.fault.name

    def solution(self, root: Path) -> Iterator[str]:
        """Yield the lines of a diff from the student's project at ``root`` to the mended one."""
        for file in dict.fromkeys(change.file for change in self.fault.changes):
            mended, written = faults.REFERENCE / file, root / file
            yield from difflib.unified_diff(
                _lines(written), _lines(mended), f"yours/{file}", f"mended/{file}", lineterm=""
            )


def exercises(catalogue: Catalogue, specs: Path) -> list[Exercise]:
    """Return all exercises in the order in which they are best done: by chapter, and the easier first."""
    needed = needs(specs)
    found = []
    for name in faults.names():
        fault = faults.load(name)
        if fault.lesson is not None:
            takes = frozenset[str]().union(*(needed.get(claim_id, frozenset()) for claim_id in fault.breaks))
            several, postgresql = bool(SEVERAL & takes), "postgresql" in takes
            found.append(Exercise(fault=fault, lesson=fault.lesson, several=several, postgresql=postgresql))
    order = {chapter.id: chapter.order for chapter in catalogue.chapters}
    return sorted(found, key=lambda one: (order[one.fault.chapter], one.lesson.difficulty, one.several, one.name))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
