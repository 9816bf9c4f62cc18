"""The pieces of a page: chapters with their claims, and for each claim its cells, its card and what was found."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.utils.safestring import mark_safe

from channels_conformance.report import card, picture
from channels_conformance.report.columns import Matrix
from channels_conformance.report.terminal import SIGNS
from channels_conformance.report.verdicts import Verdict, worst
from channels_conformance.report.words import both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from channels_conformance.claims import Catalogue, Claim
    from channels_conformance.report.columns import Cell

    Report = Mapping[str, Any]

FIRST = 5  # findings that are told at once; fifty of one kind hide what follows them

_FIT = 4  # columns that a narrow screen shows without scrolling, so that their heads can stay in sight

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a head of a column may be broken: within RedisPubSubChannelLayer, say."""


def look(verdict: Verdict) -> dict[str, Any]:
    """Return how a verdict looks: its sign, its class, and its word in both languages."""
    key = verdict.value.replace(" ", "_")
    return {"name": verdict.value, "sign": SIGNS[verdict], "key": key, "word": both(f"is_{key}"), "many": both(key)}


LOOKS = {verdict: look(verdict) for verdict in Verdict}
ORDER = (Verdict.HOLDS, Verdict.VIOLATED, Verdict.KNOWN, Verdict.UNPROVEN, Verdict.NOT_APPLICABLE)
"""The order in which verdicts are counted."""


def chapters(reports: Sequence[Report], names: Sequence[str], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the chapters of one or more reports, in the catalogue's order."""
    titles = {one["id"]: one["title"] for report in reports for one in report["chapters"]}
    order = {chapter.id: chapter.order for chapter in catalogue.chapters}
    known = {claim.id: claim for claim in catalogue}
    found = []
    for name in sorted(titles, key=lambda one: order.get(one, len(order))):
        matrix = Matrix(reports, names, name)
        rows = _rows(reports, names, name, matrix, catalogue, known)
        found.append(
            {
                "id": name,
                "words": {"en": titles[name]["en"], "zh": titles[name]["zh-Hant"]},
                "columns": [_HUMP.split(column.head) if column.head else [] for column in matrix.columns],
                "many": len(matrix.columns) > 2,
                "fits": len(matrix.columns) <= _FIT,
                "rows": rows,
                **_overview([row["verdict"] for row in rows]),
            }
        )
    return found


def _overview(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return how a chapter stands: its heaviest verdict, how many of those that apply hold, and a share for each."""
    count = Counter(verdicts)
    applicable = len(verdicts) - count[Verdict.NOT_APPLICABLE]
    good = count[Verdict.HOLDS] + count[Verdict.KNOWN]
    shares = [{"key": LOOKS[one]["key"], "number": count[one]} for one in ORDER if count[one]]
    return {"look": LOOKS[worst(verdicts)], "good": good, "applicable": applicable, "shares": shares}


def _rows(
    reports: Sequence[Report],
    names: Sequence[str],
    chapter: str,
    matrix: Matrix,
    catalogue: Catalogue,
    known: Mapping[str, Claim],
) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for report, name in zip(reports, names, strict=True):
        specs = {spec["spec"]: spec for spec in report["specs"]}
        for claim in (claim for one in report["chapters"] if one["id"] == chapter for claim in one["claims"]):
            row = rows.setdefault(claim["id"], _row(claim, catalogue, known.get(claim["id"])))
            row["verdicts"].append(Verdict(claim["verdict"]))
            told = [_evidence(specs[one]) for one in claim["specs"] if one in specs]
            shown = [one for one in told if one["findings"] or one["reason"]]
            if shown or claim["reasons"]:
                row["runs"].append({"name": name, "reasons": claim["reasons"], "specs": shown})
    for claim_id, row in rows.items():
        row["cells"] = [_cell(cell) for cell in matrix.cells(claim_id)]
        row["verdict"] = worst(row["verdicts"])
        row["look"] = LOOKS[row["verdict"]]
        row["found"] = [finding for run in row["runs"] for spec in run["specs"] for finding in spec["findings"]]
    return list(rows.values())


def _row(claim: Mapping[str, Any], catalogue: Catalogue, known: Claim | None) -> dict[str, Any]:
    """Return what is told of a claim: its card is the catalogue's, where that still holds it."""
    sections = []
    if known is not None:
        english, chinese = (
            card.sections(known, catalogue, language, without=("level", "scope")) for language in ("en", "zh-Hant")
        )
        sections = [
            {"en": title, "zh": title_zh, "told": told, "told_zh": [] if told == told_zh else told_zh}
            for (title, told), (title_zh, told_zh) in zip(english, chinese, strict=True)
        ]
    return {
        "id": claim["id"],
        "anchor": claim["id"].replace("/", "-"),
        "level": claim["level"],
        "scope": claim["scope"],
        "en": claim["statement"]["en"],
        "zh": claim["statement"]["zh-Hant"],
        "verdicts": [],
        "runs": [],
        "card": sections,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    shown = LOOKS[cell.verdict] if cell.verdict else {"key": "absent"}
    return {**shown, "span": cell.span}


def _evidence(spec: Mapping[str, Any]) -> dict[str, Any]:
    rows, findings = spec["events"], spec["findings"]
    name = spec["spec"].rpartition("::")[2]
    return {
        "name": name,
        "findings": findings[:FIRST],
        "more": findings[FIRST:],
        "reason": spec["reason"],
        # Built element by element from the rows, so that what an application sent cannot be markup in it.
        "picture": mark_safe(picture.svg(rows, findings, title=name)),  # noqa: S308
        "transcript": spec["transcript"],
        "all": every(rows) if len(rows) > len(spec["transcript"]) else [],
        "script": "\n".join(spec["script"]),
        "traceback": spec["server_traceback"],
        "raised": spec["server_traceback"].rstrip().rpartition("\n")[2],
        "repeat": spec["repeat"],
    }


def every(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return all the rows that a report has, as lines."""
    return [
        f"… {row['gap']} more events, which the report does not hold …"
        if "gap" in row
        else f"{row['at']:8.3f} s  {row['connection'] or '-'} ({row['worker'] or '-'})  {row['what']}"
        for row in rows
    ]
