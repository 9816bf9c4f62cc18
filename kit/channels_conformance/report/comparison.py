"""What one report says of several endpoints, servers or layers, side by side: a row a claim, a column each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from channels_conformance.report.verdicts import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARAMETERS = ("endpoint", "server", "layer")
"""What a spec may be run once for each of."""

_VIOLATED = "**violated**"


def table(report: Mapping[str, Any], parameter: str) -> list[str]:
    """Return the lines of a Markdown table: the claims judged by ``parameter``, and the verdict on each of its values.

    ``report`` is what :func:`~channels_conformance.report.json_report.data` made. The values come in the order of
    their names, each claim in the report's. Where several specs judge a claim the heaviest verdict stands; a claim that
    was judged by no such spec has no row. No line where there is none.
    """
    found: dict[str, dict[str, list[Verdict]]] = {}
    for spec in report["specs"]:
        value = spec["parameters"].get(parameter)
        for claim in spec["claims"] if value else ():
            found.setdefault(claim, {}).setdefault(value, []).append(Verdict(spec["verdict"]))
    if not found:
        return []
    values = sorted({value for row in found.values() for value in row})
    order = [claim["id"] for chapter in report["chapters"] for claim in chapter["claims"]]
    rows = [["claim", *_heads(values)], ["---"] * (len(values) + 1)]
    rows += [[claim, *(_cell(found[claim].get(value, [])) for value in values)] for claim in order if claim in found]
    counts = [[worst(row[value]) for row in found.values() if value in row] for value in values]
    rows.append(["holds, of those that apply", *(_count(verdicts) for verdicts in counts)])
    return [f"| {' | '.join(row)} |" for row in rows]


def _heads(values: Sequence[str]) -> list[str]:
    """Return the last part of each dotted path, or all of it where two would be the same."""
    short = [value.rpartition(".")[2] for value in values]
    return [one if short.count(one) == 1 else value for one, value in zip(short, values, strict=True)]


def _cell(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return ""
    found = worst(verdicts)
    return {Verdict.VIOLATED: _VIOLATED, Verdict.KNOWN: "known", Verdict.NOT_APPLICABLE: "–"}.get(found, found.value)


def _count(verdicts: Sequence[Verdict]) -> str:
    applicable = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    return f"{applicable.count(Verdict.HOLDS)} of {len(applicable)}"
