"""The report for machines. Its form is published as ``report.schema.json``, and changes only with a new version."""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from channels_conformance.report.transcript import mask
from channels_conformance.report.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from channels_conformance.report.verdicts import ChapterResult, ClaimResult, Summary

SCHEMA_ID = "urn:channels-conformance:report:1"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every report keeps."""
    text = files(__package__).joinpath("report.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def data(summary: Summary) -> dict[str, Any]:
    """Return the summary as JSON-able data, with cookies, tokens and passwords masked."""
    facts = dataclasses.asdict(summary.facts) | {"versions": dict(summary.facts.versions)}
    return {
        "schema": SCHEMA_ID,
        "exit_code": summary.exit_code,
        "facts": _masked(facts),
        "totals": {"applicable": summary.applicable, "seconds": summary.seconds, **_counts(summary.results)},
        "vacuous": _masked(summary.vacuous),
        "chapters": [_chapter(chapter) for chapter in summary.chapters],
        # What a spec drew is nobody's secret, and must come out as it went in.
        "specs": [_masked(outcome.to_data()) | {"drawn": dict(outcome.drawn)} for outcome in summary.outcomes],
    }


def write(summary: Summary, path: Path) -> None:
    """Write the report to ``path`` as UTF-8, making its folder if need be; raise ``OSError`` where it cannot."""
    text = json.dumps(data(summary), indent=2, ensure_ascii=False, allow_nan=False)
    # A payload may hold a lone surrogate, which UTF-8 cannot; it is written as its escape.
    path.parent.mkdir(parents=True, exist_ok=True)  # a long run is not lost for want of a folder
    path.write_bytes(text.encode("utf-8", errors="backslashreplace") + b"\n")


def _chapter(chapter: ChapterResult) -> dict[str, Any]:
    return {
        "id": chapter.chapter.id,
        "title": _text(chapter.chapter.title),
        "applicable": chapter.applicable,
        "seconds": chapter.seconds,
        **_counts(chapter.results),
        "claims": [_claim(result) for result in chapter.results],
    }


def _claim(result: ClaimResult) -> dict[str, Any]:
    return {
        "id": result.claim.id,
        "level": result.claim.level,
        "scope": result.claim.scope,
        "statement": _text(result.claim.statement),
        "verdict": result.verdict.value,
        "reasons": _masked(result.reasons),
        "specs": [outcome.spec for outcome in result.outcomes],
    }


def _counts(results: tuple[ClaimResult, ...]) -> dict[str, int]:
    return {
        verdict.value.replace(" ", "_"): sum(result.verdict is verdict for result in results) for verdict in Verdict
    }


def _text(text: Any) -> dict[str, str]:
    return {"en": text.en, "zh-Hant": text.zh_hant}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return value
