"""How outcomes are weighed, and when a green run is refused."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from channels_conformance.claims import CatalogueError
from channels_conformance.report.verdicts import Outcome, Summary, Verdict, worst

if TYPE_CHECKING:
    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import Facts

V = Verdict


@pytest.mark.parametrize(
    ("heavy", "light"),
    list(itertools.combinations([V.VIOLATED, V.UNPROVEN, V.KNOWN, V.HOLDS, V.NOT_APPLICABLE], 2)),
)
def test_the_worst_verdict_on_a_claim_stands(
    make: Any, catalogue: Catalogue, facts: Facts, heavy: Verdict, light: Verdict
) -> None:
    """Where two specs judge one claim, the heavier verdict counts, whichever came first."""
    outcomes = [make.outcome("tea/is-hot", light, spec="a"), make.outcome("tea/is-hot", heavy, spec="b")]

    for order in (outcomes, outcomes[::-1]):
        summary = Summary.of(order, catalogue, facts, claims=["tea/is-hot"])
        assert [result.verdict for result in summary.results] == [heavy]
    assert worst([light, heavy]) is heavy


@pytest.mark.parametrize(("verdict", "code"), [(V.HOLDS, 0), (V.KNOWN, 0), (V.VIOLATED, 1), (V.UNPROVEN, 6)])
def test_the_exit_code_tells_the_verdict(
    make: Any, catalogue: Catalogue, facts: Facts, verdict: Verdict, code: int
) -> None:
    """0 is well, 1 is violated, 6 is unproven and nothing worse."""
    outcomes = [make.outcome("ale/is-cold", verdict)]

    assert Summary.of(outcomes, catalogue, facts, ["ale"]).exit_code == code


@pytest.mark.parametrize(
    ("level", "fail_on", "code"), [("must", "must", 1), ("should", "must", 0), ("info", "should", 0)]
)
def test_a_violation_of_a_lesser_level_fails_nothing(
    make: Any, catalogue: Catalogue, facts: Facts, level: Any, fail_on: str, code: int
) -> None:
    """Only what is violated of the level that fails a run, or a weightier one, does; the rest is told."""
    (chapter,) = (chapter for chapter in catalogue.chapters if chapter.id == "ale")
    lesser = replace(chapter, claims=(replace(chapter.claims[0], level=level),))
    outcomes = [make.outcome("ale/is-cold", V.VIOLATED)]

    summary = Summary.of(outcomes, replace(catalogue, chapters=(lesser,)), facts, ["ale"], fail_on=fail_on)

    assert (summary.exit_code, summary.forgiven, summary.count(V.VIOLATED)) == (code, code == 0, 1)


def test_violated_outweighs_unproven_in_the_exit_code(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """A run with both is a failed run."""
    outcomes = [make.outcome("tea/is-hot", V.VIOLATED), make.outcome("tea/is-sweet", V.UNPROVEN)]

    assert Summary.of(outcomes, catalogue, facts, ["tea"]).exit_code == 1


def test_a_claim_that_no_spec_took_up_is_unproven(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """What was not judged does not hold."""
    summary = Summary.of([make.outcome("tea/is-hot", V.HOLDS)], catalogue, facts, ["tea"])

    assert {result.claim.id: result.verdict for result in summary.results} == {
        "tea/is-hot": V.HOLDS,
        "tea/is-sweet": V.UNPROVEN,
    }
    assert summary.results[1].reasons == ("no spec of this run judged it",)
    assert summary.exit_code == 6


def test_claims_are_counted_by_chapter(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """A spec of two claims counts for both, its seconds once."""
    outcomes = [
        make.outcome("tea/is-hot tea/is-sweet", V.HOLDS, seconds=2.0),
        make.outcome("ale/is-cold", V.NOT_APPLICABLE, seconds=0.5),
    ]

    summary = Summary.of(outcomes, catalogue, facts, claimed=["tea"])

    tea, ale = summary.chapters
    assert (tea.applicable, tea.count(V.HOLDS), tea.seconds) == (2, 2, 2.0)
    assert (ale.applicable, ale.count(V.NOT_APPLICABLE)) == (0, 1)
    assert (summary.applicable, summary.seconds, summary.exit_code) == (2, 2.5, 0)


@pytest.mark.parametrize("verdicts", [[], [V.NOT_APPLICABLE]])
def test_a_claimed_chapter_that_ran_no_spec_is_vacuous(
    make: Any, catalogue: Catalogue, facts: Facts, verdicts: list[Verdict]
) -> None:
    """A chapter cannot be green by not being judged."""
    outcomes = [make.outcome("ale/is-cold", verdict) for verdict in verdicts]

    summary = Summary.of(outcomes, catalogue, facts, ["ale"])

    assert summary.vacuous == ("The chapter ale is claimed, but none of its specs ran.",)
    assert summary.exit_code == 1


def test_a_chapter_whose_services_are_missing_is_unproven_and_not_vacuous(
    make: Any, catalogue: Catalogue, facts: Facts
) -> None:
    """Where there is no Redis the run says so, and does not pretend that a spec was forgotten."""
    summary = Summary.of([make.outcome("ale/is-cold", V.UNPROVEN)], catalogue, facts, ["ale"], floor={"ale": 9})

    assert summary.vacuous == ()
    assert summary.exit_code == 6


def test_fewer_specs_than_recorded_are_vacuous(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """A run that shrank does not pass unnoticed."""
    summary = Summary.of([make.outcome("ale/is-cold", V.HOLDS)], catalogue, facts, ["ale"], floor={"ale": 2})

    assert summary.vacuous == ("Only 1 of at least 2 specs of ale ran, the number recorded for this subject.",)
    assert summary.exit_code == 1


def test_an_exclusion_that_matches_nothing_is_vacuous(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """Stale exclusions are an error, lest they hide tomorrow's defect."""
    outcomes = [make.outcome("ale/is-cold", V.HOLDS)]

    summary = Summary.of(outcomes, catalogue, facts, ["ale"], stale_exclusions=["ale/is-warm"])

    assert summary.vacuous == ("The exclusion 'ale/is-warm' matched nothing; remove it.",)
    assert summary.exit_code == 1


def test_an_outcome_survives_the_way_between_processes(make: Any) -> None:
    """Outcomes are plain data, through JSON and back."""
    outcome = make.outcome(
        "tea/is-hot tea/is-sweet",
        V.VIOLATED,
        findings=({"anomaly": "lost", "sentence": "bob never received 'm1'"},),
        transcript=("a", "b"),
        script=("alice says m1",),
        accepted=2,
        delivered=1,
        examples=5,
    )

    assert Outcome.from_data(json.loads(json.dumps(outcome.to_data()))) == outcome


def test_an_outcome_names_a_claim_and_gives_its_reason() -> None:
    """What could be counted nowhere, or explained by nothing, cannot be made."""
    with pytest.raises(ValueError, match=re.escape("specs/a names no claim, so that its verdict")):
        Outcome(spec="specs/a", claims=(), verdict=V.HOLDS)
    with pytest.raises(ValueError, match=re.escape("specs/a is not applicable without a reason.")):
        Outcome(spec="specs/a", claims=("tea/is-hot",), verdict=V.NOT_APPLICABLE)


def test_an_outcome_for_an_unknown_claim_is_refused(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """A spec whose claim was renamed is not silently dropped."""
    with pytest.raises(CatalogueError, match=re.escape("There is no claim 'tea/is-hott'; did you mean 'tea/is-hot'.")):
        Summary.of([make.outcome("tea/is-hott", V.HOLDS)], catalogue, facts)
