"""The report for people: one HTML file that opens from disk, asks nothing of any network, and needs no script to read.

It is made from the JSON of one run, or of several that are to be compared: each is a column.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from channels_conformance.report import card, picture
from channels_conformance.report.json_report import SCHEMA_ID
from channels_conformance.report.terminal import SIGNS
from channels_conformance.report.verdicts import Verdict, worst
from channels_conformance.report.words import both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from channels_conformance.claims import Catalogue

_TEMPLATES = Path(__file__).parent / "templates"
_SENTENCES = {"violated": "some_violated", "unproven": "some_unproven", "holds": "all_well"}
_COUNTS = (Verdict.HOLDS, Verdict.VIOLATED, Verdict.KNOWN, Verdict.UNPROVEN, Verdict.NOT_APPLICABLE)


class ReportError(Exception):
    """A report cannot be read; the message says which, and why."""


def page(reports: Sequence[Mapping[str, Any]], catalogue: Catalogue, language: str = "en") -> str:
    """Return the page for one report, or for several side by side; ``language`` is the one that is shown first.

    Raises :class:`ReportError` where there is none.
    """
    if not reports:
        raise ReportError("There is no report to show: name at least one JSON file of a run.")
    engine = Engine(dirs=[str(_TEMPLATES)], autoescape=True)
    names = labels(reports)
    chapters = _chapters(reports, names, catalogue)
    rows = [row for chapter in chapters for row in chapter["rows"]]
    context = {
        "language": language,
        "word": _Words(),
        "runs": [_run(report, name) for report, name in zip(reports, names, strict=True)],
        "chapters": chapters,
        "columns": names,
        "violated": sum(row["verdict"] == "violated" for row in rows),
        "verdicts": [{"name": verdict.value, "sign": SIGNS[verdict], "key": _key(verdict)} for verdict in _COUNTS],
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
        "verdict": worst_of,
        "sentence": {
            language: text.format(judged=judged, **totals)
            for language, text in both("little_judged" if report["vacuous"] else _SENTENCES[worst_of]).items()
        },
        "sign": SIGNS[Verdict(worst_of)],
        "facts": [(both(key), value) for key, value in told.items() if value],
        "counts": [
            {"key": _key(verdict), "word": both(_key(verdict)), "sign": SIGNS[verdict], "number": totals[_key(verdict)]}
            for verdict in _COUNTS
        ],
        "applicable": totals["applicable"],
        "judged": judged,
        "vacuous": report["vacuous"],
    }


def _chapters(reports: Sequence[Mapping[str, Any]], names: Sequence[str], catalogue: Catalogue) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for place, report in enumerate(reports):
        specs = {spec["spec"]: spec for spec in report["specs"]}
        for chapter in report["chapters"]:
            into = found.setdefault(
                chapter["id"], {"id": chapter["id"], "words": _words(chapter["title"]), "by_claim": {}}
            )
            for claim in chapter["claims"]:
                row = into["by_claim"].setdefault(claim["id"], _row(claim, len(reports), catalogue))
                row["cells"][place] = _cell(claim["verdict"])
                told = [_evidence(specs[name]) for name in claim["specs"] if name in specs]
                shown = [one for one in told if one["findings"] or one["reason"]]
                if shown or claim["reasons"]:
                    run = {"name": names[place], "reasons": claim["reasons"], "specs": shown}
                    row["runs"].append(run)
    order = {chapter.id: chapter.order for chapter in catalogue.chapters}
    chapters = sorted(found.values(), key=lambda one: order.get(one["id"], len(order)))
    for chapter in chapters:
        chapter["rows"] = list(chapter.pop("by_claim").values())
        for row in chapter["rows"]:
            there = [Verdict(cell["verdict"]) for cell in row["cells"] if cell["verdict"]]
            row["verdict"], row["sign"] = worst(there).value, SIGNS[worst(there)]
    return chapters


def _row(claim: Mapping[str, Any], columns: int, catalogue: Catalogue) -> dict[str, Any]:
    """Return what is told of a claim: its card is the catalogue's, where that still holds it."""
    known = next((one for one in catalogue if one.id == claim["id"]), None)
    sections = []
    if known is not None:
        english, chinese = (card.sections(known, catalogue, language) for language in ("en", "zh-Hant"))
        sections = [
            {"en": title, "zh": title_zh, "told": told, "told_zh": told_zh}
            for (title, told), (title_zh, told_zh) in zip(english, chinese, strict=True)
        ]
    return {
        "id": claim["id"],
        "anchor": claim["id"].replace("/", "-"),
        "level": claim["level"],
        "scope": claim["scope"],
        "en": claim["statement"]["en"],
        "zh": claim["statement"]["zh-Hant"],
        "cells": [_cell("")] * columns,
        "runs": [],
        "card": sections,
    }


def _cell(verdict: str) -> dict[str, str]:
    if not verdict:
        return {"verdict": "", "sign": "", "key": "absent"}
    return {"verdict": verdict, "sign": SIGNS[Verdict(verdict)], "key": _key(Verdict(verdict))}


def _evidence(spec: Mapping[str, Any]) -> dict[str, Any]:
    rows = spec.get("events", ())
    drawn = picture.svg(rows, spec["findings"], title=spec["spec"].rpartition("::")[2])
    return {
        "name": spec["spec"].rpartition("::")[2],
        "findings": spec["findings"],
        "reason": spec["reason"],
        # Built element by element from the rows, so that what an application sent cannot be markup in it.
        "picture": mark_safe(drawn),  # noqa: S308
        "transcript": spec["transcript"],
        "script": "\n".join(spec["script"]),
        "traceback": spec["server_traceback"],
        "repeat": spec["repeat"],
    }


def _words(text: Mapping[str, str]) -> dict[str, str]:
    return {"en": text["en"], "zh": text["zh-Hant"]}


def _key(verdict: Verdict) -> str:
    return verdict.value.replace(" ", "_")


class _Words:
    """Words in both languages, looked up by a template as ``word.KEY``."""

    def __getitem__(self, key: str) -> dict[str, str]:
        return both(key)
