"""Judging one exercise: only the claims that its fault breaks, in a run of its own."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels_conformance.names import IMPORTED
from channels_conformance.report.verdicts import Outcome, Verdict
from channels_conformance.services.guard import guarded_folder
from channels_conformance.specfiles import command
from channels_conformance.subject.importing import Import
from channels_conformance.subject.profile import ProfileError

if TYPE_CHECKING:
    from channels_conformance.study.exercise import Exercise

AGAIN = "channels-conformance study check"

DEADLINE = "1.1"
"""Seconds for which a run in one process waits for an answer: what comes there at all comes at once.

Daphne looks each second whether an application has raised, and only then answers.
"""

SHRINKING = "1"
"""Seconds for which a smaller stream is looked for, while whoever edits looks on."""


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
    """Judge the project at ``root`` by the claims that the exercise is about, as far as the first that is violated.

    One defect is to be mended, and one card says enough of it; where nothing answers, each claim would wait anew.
    """
    with ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)
        report = folder / "report.json"
        words = ["-q", "-x", "--shrinking", SHRINKING, "--exercise", str(root), "--json", str(report)]
        if exercise.lesson.server:
            words += ["--server", exercise.lesson.server]
        for claim_id in exercise.fault.breaks:
            words += ["--claim", claim_id]
        if not exercise.several:
            words += ["--redis-source", "none", "--deadline", DEADLINE]
        try:
            # The import is watched over from here, so that the run, which takes a while to begin, need not wait for it.
            importing = Import.begin(root, folder=folder, guard=guard)
            said = _run(words, importing)
        except ProfileError as error:
            return Checked(unusable=str(error))
        if not report.is_file():
            lines = [line for line in said.splitlines() if line.strip()]
            wrong = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
            return Checked(unusable=(wrong or lines[-1:] or ["the run said nothing"])[0])
        return _read(json.loads(report.read_text(encoding="utf-8")))


def _run(words: list[str], importing: Import) -> str:
    """Judge, and return what was said; raise ``ProfileError`` where the project's import waits or ends its process."""
    env = os.environ | {IMPORTED: str(os.getpid())}
    with subprocess.Popen(  # noqa: S603 -- a command of ours
        command(words), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as judging:
        try:
            importing.answer()
        except ProfileError:
            judging.terminate()
            raise
        return judging.communicate()[0]


def _read(report: dict[str, Any]) -> Checked:
    outcomes = [Outcome.from_data(data) for data in report["specs"]]
    unproven = (outcome.reason for outcome in outcomes if outcome.verdict is Verdict.UNPROVEN)
    return Checked(
        violated=tuple(replace(one, repeat=AGAIN) for one in outcomes if one.verdict is Verdict.VIOLATED),
        unproven=tuple(dict.fromkeys(unproven)),
    )
