"""A run on a correct app that is not as it should be is told so; and each variant is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance import exercises
from tests.play import HUNG, Run, Verdicts
from tests.variants import HERE, apps, names
from tests.variants.accusations import Judged, problems, summary, wrong

GOOD: dict[str, str] = {
    "tea/is-hot": "holds",
    "tea/is-sweet": "holds",
    "ale/is-cold": "known",
    "ale/is-old": "not applicable",
}


def ended(verdicts: Verdicts = GOOD, *, code: int = 0) -> Run:
    """Return a run that told these verdicts."""
    return Run(code=code, verdicts=verdicts, output="", seconds=1.0)


def test_a_correct_app_that_nobody_accuses_is_no_problem() -> None:
    """In as many runs as there are."""
    judged = [Judged(app="cup", enough=2, runs=(ended(), ended())), Judged(app="mug", enough=1, runs=(ended(),))]

    assert problems(judged) == []
    assert summary(judged) == "2 correct apps, 3 runs, 0 accusations, 2 claims or more hold in each: 0 problems."


def test_an_accusation_is_a_problem_in_whichever_run_it_comes() -> None:
    """Also where it fails no run, as that of a claim which is for information alone."""
    accused = GOOD | {"ale/is-cold": "violated"}
    judged = [Judged(app="cup", enough=2, runs=(ended(), ended(accused)))]

    assert problems(judged) == ["cup: run 2 accuses ale/is-cold."]
    assert "1 accusations" in summary(judged)
    assert summary(judged).endswith("1 problem.")


@pytest.mark.parametrize(
    ("run", "clauses"),
    [
        (ended(GOOD | {"ale/is-cold": "unproven"}, code=6), ["leaves ale/is-cold unproven", "ends with exit code 6"]),
        (ended(code=1), ["ends with exit code 1"]),
        (ended({}, code=HUNG), ["hangs", "finds that 0 claims hold, which should be 2 or more"]),
        (ended({"tea/is-hot": "holds"}), ["finds that 1 claims hold, which should be 2 or more"]),
    ],
    ids=["unproven", "another exit code", "hung", "little judged"],
)
def test_what_proves_nothing_is_a_problem(run: Run, clauses: list[str]) -> None:
    """A run that judged little, or did not end well, says nothing about false alarms."""
    assert wrong(run, enough=2) == clauses


def test_there_are_enough_correct_apps() -> None:
    """Fifteen variants or more, and ten other projects."""
    assert len(names()) >= 15
    assert sum(app.plugged for app in apps()) >= 10


@pytest.mark.parametrize("name", names())
def test_a_variant_is_a_change_that_breaks_nothing(name: str, tmp_path: Path) -> None:
    """It still fits the reference app, and says what differs, and what a spec could wrongly have relied on."""
    variant = exercises.load(name, faults=HERE)

    assert variant.breaks == ()
    assert len(variant.title.split()) > 5
    assert len(variant.differs.split()) > 5
    assert exercises.plant(variant, tmp_path).is_dir()
