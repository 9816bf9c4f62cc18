"""What runs on correct apps must show: no claim violated, none unproven, and enough that hold to mean something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.play import HUNG, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One correct app, and how each run on it ended."""

    app: str
    enough: int  # how many claims must hold
    runs: tuple[Run, ...]


def held(run: Run) -> int:
    """Return how many claims hold."""
    return sum(verdict == "holds" for verdict in run.verdicts.values())


def accusations(run: Run) -> list[str]:
    """Return the claims that a run says are violated."""
    return sorted(claim for claim, verdict in run.verdicts.items() if verdict == "violated")


def wrong(run: Run, *, enough: int) -> list[str]:
    """Return what is wrong with a run on a correct app, a clause each; nothing where all is as it should be."""
    found = [f"accuses {claim}" for claim in accusations(run)]
    unproven = sorted(claim for claim, verdict in run.verdicts.items() if verdict == "unproven")
    found += [f"leaves {claim} unproven" for claim in unproven]
    if run.code == HUNG:
        found.append("hangs")
    elif run.code != 0:
        found.append(f"ends with exit code {run.code}")
    if held(run) < enough:
        found.append(f"finds that {held(run)} claims hold, which should be {enough} or more")
    return found


def problems(judged: Sequence[Judged]) -> list[str]:
    """Return what is wrong with all runs, a sentence each; nothing where all is as it should be."""
    return [
        f"{one.app}: run {number} {clause}."
        for one in judged
        for number, run in enumerate(one.runs, start=1)
        for clause in wrong(run, enough=one.enough)
    ]


def summary(judged: Sequence[Judged]) -> str:
    """Return all runs in a sentence."""
    runs = [run for one in judged for run in one.runs]
    accused = sum(len(accusations(run)) for run in runs)
    least = min(map(held, runs), default=0)
    count = len(problems(judged))
    return (
        f"{len(judged)} correct apps, {len(runs)} runs, {accused} accusations, {least} claims or more hold in each: "
        f"{count} problem{'s' if count != 1 else ''}."
    )
