"""What a student has begun and done, kept as one small file in the student's own folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Self

from channels_conformance import exercises as faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from channels_conformance.study.exercise import Exercise

FILE = "channels-study.json"


class StudyError(Exception):
    """What was asked for cannot be done; the message says why, and what to type instead."""


@dataclass(slots=True)
class Progress:
    """How far one exercise is."""

    hints: int = 0  # how many were shown
    done: bool = False


@dataclass(slots=True, kw_only=True)
class Workbook:
    """A student's folder: each exercise that was begun has a folder of its own in it."""

    folder: Path
    current: str = ""  # the exercise that was touched last
    begun: dict[str, Progress] = field(default_factory=dict)

    @classmethod
    def open(cls, here: Path) -> Self:
        """Return the workbook of a folder, or of one above it, from within an exercise; a new one where there is none.

        Raises :class:`StudyError` where the file cannot be understood.
        """
        for folder in (here, *here.parents):
            path = folder / FILE
            if path.is_file():
                return cls._read(path, here)
        return cls(folder=here)

    @classmethod
    def _read(cls, path: Path, here: Path) -> Self:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            begun = {str(name): Progress(**one) for name, one in data["begun"].items()}
            current = str(data["current"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            raise StudyError(
                f"{path} cannot be read as what `study` keeps of your progress: mend it, or remove it to begin anew."
            ) from None
        within = here.relative_to(path.parent).parts[:1]
        return cls(folder=path.parent, current=within[0] if within and within[0] in begun else current, begun=begun)

    def save(self) -> None:
        """Write the progress down."""
        data = {"current": self.current, "begun": {name: asdict(one) for name, one in self.begun.items()}}
        (self.folder / FILE).write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")

    def root(self, name: str) -> Path:
        """Return where an exercise's project is."""
        return self.folder / name

    def start(self, exercise: Exercise) -> Path:
        """Copy an exercise into a folder of its own and return it; raise :class:`StudyError` where one is there."""
        root = self.root(exercise.name)
        if root.exists():
            raise StudyError(
                f"{root} is there already: go on with it by `channels-conformance study check {exercise.name}`, or "
                "rename it, and start again."
            )
        with tempfile.TemporaryDirectory(prefix="channels-study-") as elsewhere:
            shutil.move(faults.plant(exercise.fault, Path(elsewhere)), root)
        self.begun[exercise.name] = Progress()
        self.current = exercise.name
        self.save()
        return root

    def chosen(self, name: str | None, exercises: Sequence[Exercise]) -> Exercise:
        """Return the exercise of a name, or the one that was touched last; it must have been begun."""
        if name is None and not self.current:
            raise StudyError(
                "No exercise is begun here: `channels-conformance study` lists them, `study start NAME` begins."
            )
        exercise = find(name or self.current, exercises)
        if exercise.name not in self.begun or not self.root(exercise.name).is_dir():
            raise StudyError(
                f"{exercise.name} is not begun in {self.folder}: "
                f"type `channels-conformance study start {exercise.name}`."
            )
        self.current = exercise.name
        return exercise

    def hint(self, exercise: Exercise) -> int:
        """Return the number of the next hint, from 0, and note that it was shown; the last is given again and again."""
        progress = self.begun[exercise.name]
        progress.hints = min(progress.hints + 1, len(exercise.lesson.hints))
        self.save()
        return progress.hints - 1

    def note(self, exercise: Exercise, *, done: bool) -> None:
        """Note whether an exercise is done."""
        self.begun[exercise.name].done = done
        self.save()


def find(name: str, exercises: Sequence[Exercise]) -> Exercise:
    """Return the exercise of a name; raise :class:`StudyError`, with the nearest name, where there is none."""
    for one in exercises:
        if one.name == name:
            return one
    near = get_close_matches(name, [one.name for one in exercises], n=1)
    suggestion = f": did you mean {near[0]}?" if near else ": `channels-conformance study` lists them."
    raise StudyError(f"There is no exercise {name!r}{suggestion}")
