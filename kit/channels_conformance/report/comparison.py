"""What one report says of several endpoints, servers or layers, side by side: a row a claim, a column each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from channels_conformance.report.verdicts import Verdict, worst
from channels_conformance.report.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARAMETERS = ("endpoint", "server", "layer")
"""What a spec may be run once for each of."""

_VIOLATED = "**violated**"


def table(report: Mapping[str, Any], parameter: str, language: str = "en") -> list[str]:
    """Return the lines of a Markdown table: the claims judged by ``parameter``, and the verdict on each of its values.

    ``report`` is what :func:`~channels_conformance.report.json_report.data` made. The values come in the order of
    their names, each claim in the report's. Where several specs judge a claim the heaviest verdict stands; a claim that
    was judged by no such spec has no row. What is known has a number, and its reason stands under the table. No line
    where there is nothing.
    """
    found: dict[str, dict[str, list[Verdict]]] = {}
    reasons: dict[tuple[str, str], str] = {}
    for spec in report["specs"]:
        value = spec["parameters"].get(parameter)
        for claim in spec["claims"] if value else ():
            found.setdefault(claim, {}).setdefault(value, []).append(Verdict(spec["verdict"]))
            if spec["verdict"] == Verdict.KNOWN:
                reasons[claim, value] = spec["reason"]
    if not found:
        return []
    values = sorted({value for row in found.values() for value in row})
    claims = [claim for chapter in report["chapters"] for claim in chapter["claims"] if claim["id"] in found]
    numbers: dict[str, int] = {}
    rows = [[word("claim", language), *heads(values, report["facts"]["versions"])], ["---"] * (len(values) + 1)]
    for claim in claims:
        row = [claim["statement"][language].rstrip(".。").replace("|", "\\|")]
        for value in values:
            reason = reasons.get((claim["id"], value), "")
            number = numbers.setdefault(reason, len(numbers) + 1) if reason else 0
            row.append(_cell(found[claim["id"]].get(value, []), number))
        rows.append(row)
    counts = [[worst(row[value]) for row in found.values() if value in row] for value in values]
    rows.append([word("held", language), *(_count(verdicts) for verdicts in counts)])
    notes = [f"{number}. {reason}" for reason, number in numbers.items()]
    return [*(f"| {' | '.join(row)} |" for row in rows), *([""] if notes else []), *notes]


def heads(values: Sequence[str], versions: Mapping[str, str]) -> list[str]:
    """Return the last part of each dotted path, or all of it where two would be the same, with its version if known."""
    short = [value.rpartition(".")[2] for value in values]
    heads = [one if short.count(one) == 1 else value for one, value in zip(short, values, strict=True)]
    return [f"{head} {versions.get(head, '')}".rstrip() for head in heads]


def _cell(verdicts: Sequence[Verdict], number: int) -> str:
    if not verdicts:
        return ""
    found = worst(verdicts)
    words = {Verdict.VIOLATED: _VIOLATED, Verdict.KNOWN: f"known ({number})", Verdict.NOT_APPLICABLE: "–"}
    return words.get(found, found.value)


def _count(verdicts: Sequence[Verdict]) -> str:
    applicable = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
    return f"{applicable.count(Verdict.HOLDS)} of {len(applicable)}"
