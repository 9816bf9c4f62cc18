"""The report for people: one HTML file that opens from disk, asks nothing of any network, and needs no script to read.

It is made from the JSON of one run, or of several that are to be compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from channels_conformance.report import pieces
from channels_conformance.report.json_report import SCHEMA_ID
from channels_conformance.report.verdicts import Verdict
from channels_conformance.report.words import both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from channels_conformance.claims import Catalogue

_TEMPLATES = Path(__file__).parent / "templates"
_SENTENCES = {"violated": "some_violated", "unproven": "some_unproven", "holds": "all_well"}
_MOST_OPEN = 5  # violated claims whose pages are open from the first; more would bury each other


class ReportError(Exception):
    """A report cannot be read; the message says which, and why."""


def page(reports: Sequence[Mapping[str, Any]], catalogue: Catalogue, language: str = "en") -> str:
    """Return the page for one report, or for several side by side; ``language`` is the one that is shown first.

    Raises :class:`ReportError` where there is none.
    """
    if not reports:
        raise ReportError("There is no report to show: name at least one JSON file of a run.")
    from django.template import Context, Engine  # imported late: whoever reads a report makes no page

    engine = Engine(dirs=[str(_TEMPLATES)], autoescape=True)
    names = labels(reports)
    chapters = pieces.chapters(reports, names, catalogue)
    violated = [row for chapter in chapters for row in chapter["rows"] if row["verdict"] is Verdict.VIOLATED]
    context = {
        "language": language,
        "word": _Words(),
        "runs": [_run(report, name) for report, name in zip(reports, names, strict=True)],
        "chapters": chapters,
        "violated": violated,
        "open": len(violated) <= _MOST_OPEN,
        "verdicts": [pieces.LOOKS[verdict] for verdict in pieces.ORDER],
        "levels": ("must", "should", "info"),
    }
    return engine.get_template("report.html").render(Context(context, use_l10n=False, use_tz=False))


def read(path: Path) -> Mapping[str, Any]:
    """Return the report that a file holds; raise :class:`ReportError` where it holds none of this version."""
    try:
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}. Name what `run --json FILE` wrote.") from None
    except ValueError:
        raise ReportError(f"{path} is no JSON. Name a file that `run --json FILE` wrote.") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA_ID:
        raise ReportError(f"{path} is no report of this version ({SCHEMA_ID}): write it anew with `run --json FILE`.")
    return report


def write(page: str, path: Path) -> None:
    """Write a page to ``path`` as UTF-8, making its folder if need be; raise ``OSError`` where it cannot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page.encode("utf-8", errors="backslashreplace"))


def labels(reports: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for each report: what tells it from the others, or its subject where there is but one."""
    facts = [
        {
            "subject": report["facts"]["subject"],
            "servers": ", ".join(dict.fromkeys(one.split()[0] for one in report["facts"]["servers"])),
            "layer": report["facts"]["layer"].rpartition(".")[2],
            "redis": report["facts"]["redis"],
            "database": report["facts"]["database"],
            **report["facts"]["versions"],
        }
        for report in reports
    ]
    differing = [key for key in facts[0] if len({one.get(key, "") for one in facts}) > 1]
    named = [", ".join(_said(key, one) for key in differing[:3] if one.get(key)) or one["subject"] for one in facts]
    chapters = [", ".join(chapter["id"] for chapter in report["chapters"][:3]) for report in reports]
    if len(set(named)) < len(named) and len(set(chapters)) > 1:  # the same project, of which each run judged a part
        named = [f"{name}: {part}" if part else name for name, part in zip(named, chapters, strict=True)]
    return [name if named.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(named, start=1)]


def _said(key: str, facts: Mapping[str, str]) -> str:
    return facts[key] if key in ("subject", "servers", "layer", "redis", "database") else f"{key} {facts[key]}"


def _run(report: Mapping[str, Any], name: str) -> dict[str, Any]:
    facts, totals = report["facts"], report["totals"]
    judged = totals["holds"] + totals["violated"] + totals["known"]
    told = {
        "subject": f"{facts['subject']} ({facts['root']})",
        "servers": ", ".join(facts["servers"]),
        "redis": facts["redis"],
        "layer": facts["layer"],
        "database": facts["database"],
        "versions": ", ".join(f"{package} {version}" for package, version in facts["versions"].items()),
        "duration": f"{totals['seconds']:.1f} s",
    }
    worst_of = "violated" if totals["violated"] or report["vacuous"] else "unproven" if totals["unproven"] else "holds"
    return {
        "name": name,
        "look": pieces.LOOKS[Verdict(worst_of)],
        "sentence": {
            language: text.format(judged=judged, **totals)
            for language, text in both("little_judged" if report["vacuous"] else _SENTENCES[worst_of]).items()
        },
        "facts": [(both(key), value) for key, value in told.items() if value],
        "counts": [
            {"look": pieces.LOOKS[verdict], "number": totals[pieces.LOOKS[verdict]["key"]]} for verdict in pieces.ORDER
        ],
        "vacuous": report["vacuous"],
    }


class _Words:
    """Words in both languages, looked up by a template as ``word.KEY``."""

    def __getitem__(self, key: str) -> dict[str, str]:
        return both(key)
