"""The verdicts on several endpoints, servers or layers, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from channels_conformance.report.comparison import table
from channels_conformance.report.json_report import data
from channels_conformance.report.verdicts import Summary, Verdict

if TYPE_CHECKING:
    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import Facts


def report(
    make: Any, catalogue: Catalogue, facts: Facts, *found: tuple[str, Verdict, dict[str, str]]
) -> dict[str, Any]:
    """Return the report of a run that left these outcomes behind."""
    outcomes = [
        make.outcome(claim, verdict, spec=f"spec-{number}", parameters=parameters)
        for number, (claim, verdict, parameters) in enumerate(found)
    ]
    return data(Summary.of(outcomes, catalogue, facts))


def test_a_row_is_a_claim_and_a_column_a_value(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """The claims come in the catalogue's order, and a column is headed by the end of its dotted path."""
    told = report(
        make,
        catalogue,
        facts,
        ("ale/is-cold", Verdict.HOLDS, {"layer": "pots.Blue"}),
        ("tea/is-hot", Verdict.KNOWN, {"layer": "pots.Blue"}),
        ("tea/is-hot", Verdict.HOLDS, {"layer": "pots.Red"}),
        ("tea/is-sweet", Verdict.HOLDS, {"server": "daphne"}),
    )

    assert table(told, "layer") == [
        "| Claim | Blue | Red |",
        "| --- | --- | --- |",
        "| tea/is-hot is so | known (1) | holds |",
        "| ale/is-cold is so | holds |  |",
        "| hold, of those that apply | 1 of 2 | 1 of 1 |",
        "",
        "1. it is known",
    ]


def test_the_heaviest_verdict_stands(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """One spec that is violated outweighs another that holds, and what does not apply is a dash and not counted."""
    told = report(
        make,
        catalogue,
        facts,
        ("tea/is-hot", Verdict.HOLDS, {"server": "daphne"}),
        ("tea/is-hot", Verdict.VIOLATED, {"server": "daphne"}),
        ("tea/is-sweet", Verdict.NOT_APPLICABLE, {"server": "daphne"}),
    )

    assert table(told, "server")[2:] == [
        "| tea/is-hot is so | **violated** |",
        "| tea/is-sweet is so | – |",
        "| hold, of those that apply | 0 of 1 |",
    ]


def test_values_that_end_alike_are_told_in_full(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """Two layers of one name are told apart by their packages."""
    told = report(
        make,
        catalogue,
        facts,
        ("tea/is-hot", Verdict.HOLDS, {"layer": "pots.Layer"}),
        ("tea/is-hot", Verdict.HOLDS, {"layer": "cups.Layer"}),
    )

    assert table(told, "layer")[0] == "| Claim | cups.Layer | pots.Layer |"


def test_where_nothing_was_judged_by_it_there_is_no_table(make: Any, catalogue: Catalogue, facts: Facts) -> None:
    """A report of servers holds no table of layers."""
    assert table(report(make, catalogue, facts, ("tea/is-hot", Verdict.HOLDS, {"server": "daphne"})), "layer") == []
