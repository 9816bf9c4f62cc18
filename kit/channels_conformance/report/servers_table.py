"""The table of servers by claim, as Markdown, from the report of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from channels_conformance.report.verdicts import Verdict, worst
from channels_conformance.report.words import word

_WORDS = {Verdict.HOLDS: "yes", Verdict.KNOWN: "no"}


def table(report: Mapping[str, Any], language: str = "en") -> list[str]:
    """Return the lines of a table, a row a claim and a column a server, and below it why each "no" is one.

    ``report`` is what ``--json`` wrote. It holds claims that were judged on each kind of server by itself, and nothing
    where there are none.
    """
    cells: dict[str, dict[str, Verdict]] = {}
    told: dict[tuple[str, str], str] = {}
    for spec in report["specs"]:
        for claim in spec["claims"] if spec["server"] else ():
            row = cells.setdefault(claim, {})
            row[spec["server"]] = worst([Verdict(spec["verdict"]), row.get(spec["server"], Verdict.NOT_APPLICABLE)])
            if spec["verdict"] == Verdict.KNOWN:
                told[claim, spec["server"]] = spec["reason"]
    kinds = list(dict.fromkeys(kind for row in cells.values() for kind in row))
    if not kinds:
        return []
    versions = report["facts"]["versions"]
    lines = [_row([word("claim", language), *(f"{kind} {versions.get(kind, '')}".strip() for kind in kinds)])]
    lines.append(_row(["---"] * (len(kinds) + 1)))
    numbers: dict[str, int] = {}
    for claim in (claim for chapter in report["chapters"] for claim in chapter["claims"] if claim["id"] in cells):
        verdicts = cells[claim["id"]]
        line = [claim["statement"][language].rstrip(".。")]
        for kind in kinds:
            reason = told.get((claim["id"], kind), "")
            number = numbers.setdefault(reason, len(numbers) + 1) if reason else None
            line.append(_cell(verdicts.get(kind), number, language))
        lines.append(_row(line))
    return [*lines, "", *(f"{number}. {reason}" for reason, number in numbers.items())]


def _cell(verdict: Verdict | None, number: int | None, language: str) -> str:
    if verdict is None:
        return ""
    mark = word(_WORDS[verdict], language) if verdict in _WORDS else verdict.value
    return f"{mark} ({number})" if number else mark


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
