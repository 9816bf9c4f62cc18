"""Planted faults: small deliberate defects in the reference app, each a file beside this one, named after the fault.

A fault is a change, not a copy: the lines before and the lines after, so that a reader sees the fault and nothing else.
Planting copies the app into a folder and makes the change there, so that the faulty app is a project like any other,
for specs in process and for worker processes alike. Other apps can have faults too, in a folder of their own.

The same faults are a student's exercises: what a student is told of one stands beside its change.
"""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from channels_conformance.claims import CatalogueError, Text, reading

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "reference"
HINTS = 3
"""How many hints a lesson gives, each one step nearer."""


class FaultError(Exception):
    """A fault cannot be planted; the message says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Lines of one file of an app, and what stands there instead; with no lines before, a file that was not there."""

    file: str
    after: str
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a student is told of a fault: how hard it is to find, three hints, and in the end what was wrong and why."""

    title: Text  # what users see, and nothing of where it comes from
    difficulty: int  # 1: one line says it; 2: two places must be read together; 3: it takes knowing the platform
    hints: tuple[Text, ...]  # each one step nearer
    explanation: Text
    server: str = ""  # the one kind of server that it is judged on, where the others would take too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One planted fault."""

    name: str
    title: str  # what is wrong, in a sentence
    breaks: tuple[str, ...]  # the ids of the claims it breaks; none: it is no fault, and the app is right as well
    modelled_on: str  # a real report: an issue, an advisory, a defect of the notes; of what breaks nothing, none
    changes: tuple[Change, ...]
    differs: str = ""  # of what breaks nothing: what a spec could wrongly have relied on
    lesson: Lesson | None = None  # faults of other apps teach nothing

    @property
    def chapter(self) -> str:
        """The chapter of the first claim that it breaks."""
        return self.breaks[0].partition("/")[0]


def names(*, faults: Path = HERE) -> list[str]:
    """Return the names of all faults in the folder ``faults``."""
    return sorted(path.stem for path in faults.glob("*.toml"))


def load(name: str, *, faults: Path = HERE) -> Fault:
    """Read one fault of the folder ``faults``; raise :class:`FaultError` where there is none of that name."""
    path = faults / f"{name}.toml"
    if not path.is_file():
        near = get_close_matches(name, names(faults=faults), n=1)
        raise FaultError(f'there is no fault "{name}"' + (f': did you mean "{near[0]}"?' if near else "."))
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    changes = tuple(Change(**change) for change in data["change"])
    breaks = tuple(data["breaks"])
    return Fault(
        name=name,
        title=data["title"],
        breaks=breaks,
        # A change that breaks nothing has no report that it could be modelled on, and proves something else.
        modelled_on=data["modelled_on"] if breaks else "",
        changes=changes,
        differs="" if breaks else data["differs"],
        lesson=_lesson(data["lesson"], f"{name}: lesson") if "lesson" in data else None,
    )


def _lesson(value: object, where: str) -> Lesson:
    try:
        data: dict[str, Any] = reading.table(
            value, where, required=("title", "difficulty", "hint", "explanation"), optional=("server",)
        )
        hints = tuple(reading.text(one, f"{where}.hint") for one in reading.items(data["hint"], f"{where}.hint"))
        title = reading.text(data["title"], f"{where}.title")
        explanation = reading.text(data["explanation"], f"{where}.explanation")
        server = reading.string(data["server"], f"{where}.server") if "server" in data else ""
    except CatalogueError as error:
        raise FaultError(str(error)) from None
    if data["difficulty"] not in (1, 2, 3):
        raise FaultError(f"{where}.difficulty is {data['difficulty']!r}, but must be 1, 2 or 3.")
    if len(hints) != HINTS:
        raise FaultError(f"{where}.hint holds {len(hints)} hints, but must hold {HINTS}.")
    return Lesson(title=title, difficulty=data["difficulty"], hints=hints, explanation=explanation, server=server)


def plant(fault: Fault, folder: Path, *, app: Path = REFERENCE) -> Path:
    """Copy the project ``app`` into ``folder`` with the fault in it; return where its root is.

    The numbers of specs that its profile records are left out: they are those of the app without the fault.
    Raises :class:`FaultError` where the project no longer holds the lines that the fault changes, exactly once.
    """
    root = folder / app.name
    shutil.copytree(app, root, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    for change in fault.changes:
        path = root / change.file
        if not change.before:
            if path.exists():
                raise FaultError(f"{fault.name}: {change.file} is there already: name the lines to change in it.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change.after, encoding="utf-8")
            continue
        text = path.read_text(encoding="utf-8")
        if text.count(change.before) != 1:
            raise FaultError(
                f"{fault.name}: {change.file} holds the lines to change {text.count(change.before)} times, not once: "
                f"{change.before.strip().splitlines()[0]!r}"
            )
        path.write_text(text.replace(change.before, change.after), encoding="utf-8")
    profile = root / "conformance.toml"
    if profile.is_file():
        profile.write_text(profile.read_text(encoding="utf-8").partition("\n[floor]")[0], encoding="utf-8")
    return root
