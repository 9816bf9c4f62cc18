"""The matrix as it was last played, kept in the repository: each fault when it was, and what each run found violated.

The whole matrix takes hours, so it is played in parts, a fault's runs on several days, and all of them anew when it has
changed. What the README says of the matrix is said of this record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from channels_conformance import exercises
from channels_conformance.exercises import Fault
from tests.kills.matrix import Played

RECORD = Path(__file__).with_name("record.json")

KEPT = 3
"""Runs that are kept of a fault, the last ones: they must agree."""

JUDGED = ("holds", "violated", "known")
"""The verdicts of a spec that has run to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fault, as it was last played."""

    on: str  # the day of the last run, as in 2026-11-27
    change: str  # the digest of what the fault changes: played once more when that is another
    judged: int  # how many claims, in the run that judged the fewest
    runs: tuple[tuple[str, ...], ...]  # the claims that each run found violated

    def played(self, fault: str, breaks: Sequence[str]) -> Played:
        """Return it as a row of the matrix."""
        runs = tuple(dict.fromkeys(violated, "violated") for violated in self.runs)
        return Played(fault=fault, breaks=tuple(breaks), runs=runs)


def digest(fault: Fault) -> str:
    """Return a short name of what a fault changes."""
    return sha256(repr(fault.changes).encode()).hexdigest()[:12]


def entry(fault: Fault, played: Played) -> Entry:
    """Return the entry of a fault that has just been played."""
    return Entry(
        on=date.today().isoformat(),
        change=digest(fault),
        judged=min(sum(verdict in JUDGED for verdict in run.values()) for run in played.runs),
        runs=tuple(tuple(sorted(c for c, verdict in run.items() if verdict == "violated")) for run in played.runs),
    )


def added(before: Entry | None, new: Entry) -> Entry:
    """Return the entry of a fault that was played before, if it was the same one, and has been once more."""
    if before is None or before.change != new.change:
        return new
    return replace(new, judged=min(before.judged, new.judged), runs=(*before.runs, *new.runs)[-KEPT:])


def keep(played: Played, path: Path = RECORD) -> None:
    """Add to the record a fault that has just been played."""
    entries = read(path)
    new = entry(exercises.load(played.fault), played)
    write(entries | {played.fault: added(entries.get(played.fault), new)}, path)


def lacking(names: Iterable[str], runs: int, path: Path = RECORD) -> list[str]:
    """Return the faults of which fewer runs are kept than so many, those with the fewest first."""
    kept = {one.fault: len(one.runs) for one in rows(read(path), map(exercises.load, exercises.names()))}
    return sorted((name for name in names if kept.get(name, 0) < runs), key=lambda name: kept.get(name, 0))


def read(path: Path = RECORD) -> dict[str, Entry]:
    """Return the entries, by fault."""
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {fault: Entry(**(one | {"runs": tuple(map(tuple, one["runs"]))})) for fault, one in found.items()}


def write(entries: Mapping[str, Entry], path: Path = RECORD) -> None:
    """Write the entries, a line each and in the order of their names."""
    lines = [f"{json.dumps(fault)}: {json.dumps(asdict(one))}" for fault, one in sorted(entries.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def rows(entries: Mapping[str, Entry], faults: Iterable[Fault]) -> list[Played]:
    """Return the matrix on record, as the faults declare it today; what changed since it was played is left out."""
    return [
        found.played(fault.name, fault.breaks)
        for fault in faults
        if (found := entries.get(fault.name)) and found.change == digest(fault)
    ]


def by_chapter(played: Iterable[Played]) -> list[str]:
    """Return a Markdown table: of each chapter the claims that faults break, the faults, their kills, and the rest."""
    squares: list[tuple[str, str]] = []
    wrong: list[str] = []
    for one in played:
        squares += [(claim, one.fault) for claim in one.breaks if all(claim in run for run in one.runs)]
        wrong += one.violated() - {*one.breaks}
    counted = []
    for chapter in sorted({claim.partition("/")[0] for claim in [*wrong, *(claim for claim, _ in squares)]}):
        here = [(claim, fault) for claim, fault in squares if claim.partition("/")[0] == chapter]
        accusations = sum(claim.partition("/")[0] == chapter for claim in wrong)
        counted.append((chapter, len({c for c, _ in here}), len({f for _, f in here}), len(here), accusations))
    lines = [f"| {' | '.join(map(str, row))} |" for row in counted]
    return ["| chapter | claims | faults | kills | accusations |", "|---|--:|--:|--:|--:|", *lines]
