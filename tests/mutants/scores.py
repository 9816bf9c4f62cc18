"""What became of mutants, and what is to be said of it: the score of each file, and the survivors on record."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.mutants.mutate import Mutant

SURVIVORS = Path(__file__).with_name("survivors.toml")

Fate = Literal["killed", "survived", "does not start", "hangs"]
"""What a mutant came to. One that does not start is told, and counts for nobody: no spec had to look at it."""

ENOUGH = 0.9
"""The share of mutants that must be killed, of those that start and are not equivalent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One mutant, and what became of it."""

    mutant: Mutant
    fate: Fate
    by: str = ""  # the claim that is violated, or the test that failed
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One survivor on record, and why nobody need kill it."""

    file: str
    within: str
    operator: str
    before: str
    after: str
    reason: str
    nth: int = 1

    def key(self) -> Mutant:
        """Return the mutant that it is about, without its source."""
        return Mutant(
            file=self.file,
            within=self.within,
            operator=self.operator,
            before=self.before,
            after=self.after,
            nth=self.nth,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The mutants of one file, counted."""

    file: str
    mutants: int = 0
    killed: int = 0  # by whatever is to notice them: specs or tests
    by_tests: int = 0  # of these, those that no spec noticed
    idle: int = 0  # those that do not start
    equivalent: int = 0
    survived: int = 0

    @property
    def share(self) -> float:
        """The killed of those that start and are not equivalent."""
        counted = self.killed + self.survived
        return self.killed / counted if counted else 1.0


def accepted(path: Path = SURVIVORS) -> list[Accepted]:
    """Return the survivors on record."""
    return [Accepted(**one) for one in tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", ())]


def scores(judged: Iterable[Judged], known: Sequence[Accepted] = ()) -> list[Score]:
    """Return the score of each file, in the order in which they come, and at the end that of all."""
    excused = {one.key() for one in known}
    counted: dict[str, dict[str, int]] = {}
    for one in judged:
        word = _word(one, excused)
        for file in (one.mutant.file, "all"):
            counts = counted.setdefault(file, {})
            counts[word] = counts.get(word, 0) + 1
            by_tests = "::" in one.by or one.mutant.file.startswith("checks/")  # which no spec is asked of
            counts["by_tests"] = counts.get("by_tests", 0) + (word == "killed" and by_tests)
            counts["mutants"] = counts.get("mutants", 0) + 1
    if "all" in counted:
        counted["all"] = counted.pop("all")
    return [Score(file=file, **counts) for file, counts in counted.items()]


def _word(one: Judged, excused: set[Mutant]) -> str:
    if one.fate == "does not start":
        return "idle"
    if one.fate == "survived" and one.mutant in excused:
        return "equivalent"
    return "killed" if one.fate in ("killed", "hangs") else "survived"


def problems(judged: Sequence[Judged], known: Sequence[Accepted] = (), *, present: Iterable[Mutant] = ()) -> list[str]:
    """Return what is wrong, a sentence each: survivors that are not on record, and entries that are of no use.

    ``present`` are all mutants of the files that were judged: what is on record of them must be one, and survive.
    """
    fates = {one.mutant: one.fate for one in judged}
    excused = {one.key() for one in known}
    found = [f"{one.mutant.name} survives." for one in judged if one.fate == "survived" and one.mutant not in excused]
    there = set(present)
    files = {mutant.file for mutant in there}
    for one in known:
        key = one.key()
        if key.file in files and key not in there:
            found.append(f"On record is a survivor that is no mutant any more: {_named(key)}. Remove it.")
        elif fates.get(key, "survived") != "survived":
            found.append(f"On record is a survivor that {_did(fates[key])}: {_named(key)}. Remove it.")
    return found


def _did(fate: Fate) -> str:
    return {"killed": "is killed", "hangs": "hangs", "does not start": "does not start"}.get(fate, fate)


def _named(mutant: Mutant) -> str:
    return f"{mutant.file} {mutant.within} {mutant.operator}: {mutant.before} -> {mutant.after or '(nothing)'}"


def table(found: Sequence[Score]) -> list[str]:
    """Return the scores as a Markdown table."""
    rows = [
        f"| {one.file} | {one.mutants} | {one.killed - one.by_tests} | {one.by_tests} | {one.equivalent} | "
        f"{one.survived} | {one.idle} | {one.share:.0%} |"
        for one in found
    ]
    head = "| file | mutants | killed by specs | by tests | out of scope | survived | does not start | killed |"
    return [head, "|---|--:|--:|--:|--:|--:|--:|--:|", *rows]


def weak(found: Sequence[Score], files: Iterable[str], *, enough: float = ENOUGH) -> list[str]:
    """Return a sentence for each of these files of which too few mutants are killed."""
    named: Mapping[str, Score] = {one.file: one for one in found}
    return [
        f"Of the mutants of {file}, {named[file].share:.0%} are killed, and must be {enough:.0%}."
        for file in files
        if file in named and named[file].share < enough
    ]
