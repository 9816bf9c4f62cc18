"""What stands side by side in a chapter: runs, and the servers or layers that they judged one by one."""

from __future__ import annotations

from typing import Any

from channels_conformance.claims import Catalogue
from channels_conformance.report.columns import Cell, Matrix
from channels_conformance.report.json_report import data
from channels_conformance.report.verdicts import Facts, Summary, Verdict
from tests.report.conftest import Make

DAPHNE, UVICORN = {"server": "daphne"}, {"server": "uvicorn"}
HOLDS, KNOWN, VIOLATED = (Cell(verdict=one) for one in (Verdict.HOLDS, Verdict.KNOWN, Verdict.VIOLATED))


def report(
    make: type[Make], catalogue: Catalogue, facts: Facts, *found: tuple[str, Verdict, dict[str, str]]
) -> dict[str, Any]:
    """Return the report of a run that left these outcomes behind."""
    outcomes = [
        make.outcome(claim, verdict, spec=f"spec-{number}", parameters=parameters)
        for number, (claim, verdict, parameters) in enumerate(found)
    ]
    return data(Summary.of(outcomes, catalogue, facts, set(), claimed=set()))


def test_a_chapter_that_was_judged_by_server_has_a_column_for_each(
    make: type[Make], catalogue: Catalogue, facts: Facts
) -> None:
    """With its version; what was judged without regard to them spans all of them, and weighs in each."""
    versions = {"daphne": "4.2.3"}
    told = report(
        make,
        catalogue,
        facts,
        ("tea/is-hot", Verdict.HOLDS, UVICORN),
        ("tea/is-hot", Verdict.KNOWN, DAPHNE),
        ("tea/is-sweet", Verdict.HOLDS, DAPHNE),
        ("tea/is-sweet", Verdict.VIOLATED, UVICORN),
        ("tea/is-sweet", Verdict.KNOWN, {}),
        ("ale/is-cold", Verdict.HOLDS, {}),
    )
    told["facts"]["versions"] = versions

    tea, ale = Matrix([told], ["x"], "tea"), Matrix([told], ["x"], "ale")

    assert [column.head for column in tea.columns] == ["daphne 4.2.3", "uvicorn"]
    assert tea.cells("tea/is-hot") == [KNOWN, HOLDS]
    assert tea.cells("tea/is-sweet") == [KNOWN, VIOLATED]
    assert ([column.head for column in ale.columns], ale.cells("ale/is-cold")) == ([""], [HOLDS])


def test_a_parameter_of_few_claims_makes_no_columns(make: type[Make], catalogue: Catalogue, facts: Facts) -> None:
    """Half of the claims and less: most cells would say the same twice."""
    told = report(
        make,
        catalogue,
        facts,
        ("tea/is-hot", Verdict.HOLDS, UVICORN),
        ("tea/is-hot", Verdict.KNOWN, DAPHNE),
        ("tea/is-sweet", Verdict.HOLDS, {}),
    )

    matrix = Matrix([told], ["x"], "tea")

    assert len(matrix.columns) == 1
    assert matrix.cells("tea/is-hot") == [KNOWN]


def test_runs_stand_side_by_side_each_with_its_own_columns(
    make: type[Make], catalogue: Catalogue, facts: Facts
) -> None:
    """The columns of a run are named by it, and a claim that it did not judge is one empty cell across them."""
    hot = ("tea/is-hot", Verdict.HOLDS, DAPHNE), ("tea/is-hot", Verdict.HOLDS, UVICORN)
    both = report(make, catalogue, facts, *hot)
    one = report(make, catalogue, facts, ("tea/is-hot", Verdict.HOLDS, {}), ("tea/is-sweet", Verdict.HOLDS, {}))

    matrix = Matrix([both, one], ["old", "new"], "tea")

    assert [column.head for column in matrix.columns] == ["old: daphne", "old: uvicorn", "new"]
    assert matrix.cells("tea/is-hot") == [HOLDS, HOLDS, HOLDS]
    assert matrix.cells("tea/is-sweet") == [Cell(verdict=None, span=2), HOLDS]


def test_the_layer_of_the_subject_comes_first(make: type[Make], catalogue: Catalogue, facts: Facts) -> None:
    """Under its own name, marked as what the project itself uses."""
    layers = ("pots.BlueLayer", "default")
    told = report(make, catalogue, facts, *(("tea/is-hot", Verdict.HOLDS, {"layer": one}) for one in layers))

    matrix = Matrix([told], ["x"], "tea")

    assert [column.head for column in matrix.columns] == ["RedisChannelLayer (own)", "BlueLayer"]
