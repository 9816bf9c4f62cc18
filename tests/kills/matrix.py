"""What the kill matrix must show: each declared claim is violated, no other is, and each run says the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.play import Verdicts

LIMITS = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One fault: the claims that it says it breaks, and what each run found."""

    fault: str
    breaks: tuple[str, ...]
    runs: tuple[Verdicts, ...]
    seconds: float = 0.0  # that the runs took together; 0: not known
    astray: tuple[str, ...] = ()  # what was found of claims that it does not say it breaks

    def violated(self) -> set[str]:
        """Return the claims that any of the runs found violated."""
        return {claim for run in self.runs for claim, verdict in run.items() if verdict == "violated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One square of the matrix that is not as it should be, and why that is so."""

    fault: str
    claim: str
    reason: str


def limits(path: Path = LIMITS) -> list[Limit]:
    """Return the known limits on record."""
    return [Limit(**one) for one in tomllib.loads(path.read_text(encoding="utf-8")).get("limit", ())]


def read(path: Path) -> list[Played]:
    """Return the faults that a part of the matrix has written as JSON."""
    faults = json.loads(path.read_text(encoding="utf-8"))["faults"]
    return [Played(**one | {key: tuple(one[key]) for key in ("breaks", "runs", "astray")}) for one in faults]


def problems(
    played: Sequence[Played], *, breakable: Collection[str], known: Sequence[Limit] = (), whole: bool = True
) -> list[str]:
    """Return what is wrong with a matrix, a sentence each; nothing where all is as it should be.

    ``breakable`` are the claims that a subject can break. With ``whole``, every one of them must be broken by a fault,
    and every limit on record must still be one.
    """
    excused = {(limit.fault, limit.claim) for limit in known}
    found, used = [], set()
    for one in played:
        for number, run in enumerate(one.runs, start=1):
            for claim in one.breaks:
                verdict = run.get(claim, "not judged")
                if verdict != "violated":
                    used.add((one.fault, claim))
                    if (one.fault, claim) not in excused:
                        found.append(f"{one.fault} says that it breaks {claim}, which is {verdict} in run {number}.")
        for claim in sorted(one.violated() - {*one.breaks}):
            used.add((one.fault, claim))
            if (one.fault, claim) not in excused:
                count = sum(run.get(claim) == "violated" for run in one.runs)
                found.append(
                    f"{one.fault} accuses {claim}, which it does not break, in {count} of {len(one.runs)} runs."
                )
    if whole:
        broken = {claim for one in played for claim in one.breaks}
        found += [
            f"No fault breaks {claim}." for claim in sorted(set(breakable) - broken - {one[1] for one in excused})
        ]
        found += [
            f"The limit {fault} × {claim} is none any more: remove it." for fault, claim in sorted(excused - used)
        ]
    return found


def table(played: Sequence[Played]) -> list[str]:
    """Return the matrix as a Markdown table: for each claim, the faults that kill its specs."""
    killers: dict[str, list[str]] = {}
    for one in played:
        for claim in one.breaks:
            if all(run.get(claim) == "violated" for run in one.runs):
                killers.setdefault(claim, []).append(one.fault)
    rows = [f"| `{claim}` | {len(faults)} | {', '.join(faults)} |" for claim, faults in sorted(killers.items())]
    return ["| claim | kills | by |", "|---|--:|---|", *rows]


def summary(played: Sequence[Played], wrong: Sequence[str]) -> str:
    """Return the matrix in a sentence."""
    claims = {claim for one in played for claim in one.breaks}
    kills = sum(run.get(claim) == "violated" for one in played for run in one.runs[:1] for claim in one.breaks)
    accusations = sum(len(one.violated() - {*one.breaks}) for one in played)
    runs = sorted({len(one.runs) for one in played}) or [0]
    each = _count(runs[-1], "run") if len(runs) == 1 else f"{runs[0]} to {runs[-1]} runs"
    return (
        f"{len(claims)} claims, {len(played)} faults, {kills} kills, {_count(accusations, 'accusation')}, "
        f"in {each} each: {_count(len(wrong), 'problem')}."
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
