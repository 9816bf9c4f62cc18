"""Judging one exercise: only the claims that its fault breaks, in a run of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels_conformance.report.verdicts import Outcome, Verdict
from channels_conformance.specfiles import command

if TYPE_CHECKING:
    from channels_conformance.study.exercise import Exercise

AGAIN = "channels-conformance study check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found."""

    violated: tuple[Outcome, ...] = ()
    unproven: tuple[str, ...] = ()  # why a claim could not be judged
    unusable: str = ""  # why nothing could be judged: the project does not start, say

    @property
    def passed(self) -> bool:
        """Whether every claim was judged, and none is violated."""
        return not (self.violated or self.unproven or self.unusable)


def check(exercise: Exercise, root: Path) -> Checked:
    """Judge the project at ``root`` by the claims that the exercise is about."""
    with tempfile.TemporaryDirectory(prefix="channels-study-") as folder:
        report = Path(folder) / "report.json"
        words = ["-q", "--exercise", str(root), "--json", str(report)]
        for claim_id in exercise.fault.breaks:
            words += ["--claim", claim_id]
        if not exercise.several:
            words += ["--redis-source", "none"]
        judging = command(words)
        done = subprocess.run(judging, capture_output=True, text=True, check=False)  # noqa: S603 -- a command of ours
        if not report.is_file():
            said = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
            wrong = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
            return Checked(unusable=(wrong or said[-1:] or ["the run said nothing"])[0])
        return _read(json.loads(report.read_text(encoding="utf-8")))


def _read(report: dict[str, Any]) -> Checked:
    outcomes = [Outcome.from_data(data) for data in report["specs"]]
    unproven = (outcome.reason for outcome in outcomes if outcome.verdict is Verdict.UNPROVEN)
    return Checked(
        violated=tuple(replace(one, repeat=AGAIN) for one in outcomes if one.verdict is Verdict.VIOLATED),
        unproven=tuple(dict.fromkeys(unproven)),
    )
