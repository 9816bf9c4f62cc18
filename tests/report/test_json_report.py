"""The report for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from channels_conformance.report.json_report import SCHEMA_ID, data, schema, write
from channels_conformance.report.verdicts import Summary, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from channels_conformance.claims import Catalogue
    from channels_conformance.report.verdicts import Facts


@pytest.fixture
def summary(make: Any, catalogue: Catalogue, facts: Facts) -> Summary:
    """Return a run with a violated, a known and an unproven claim, which is vacuous too."""
    outcomes = [
        make.outcome(
            "tea/is-hot",
            Verdict.VIOLATED,
            findings=({"anomaly": "lost", "sentence": "lost \ud800", "connection": "bob#1", "blame": "app"},),
            server_traceback="Cookie: sessionid=abc",
            transcript=("你好",),
        ),
        make.outcome("tea/is-sweet", Verdict.KNOWN),
    ]
    return Summary.of(outcomes, catalogue, facts)


def test_a_report_keeps_the_published_schema(summary: Summary) -> None:
    """Every field is described, and none is undeclared."""
    jsonschema.Draft202012Validator(schema()).validate(data(summary))


def test_the_schema_is_a_schema_and_describes_every_field() -> None:
    """A reader of the report needs nothing but its schema."""
    jsonschema.Draft202012Validator.check_schema(schema())

    def fields(node: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(node, dict):
            yield from node.get("properties", {}).items()
            for value in node.values():
                yield from fields(value)

    assert schema()["$id"] == SCHEMA_ID
    for name, field in fields(schema()):
        assert "description" in field or "$ref" in field, name


def test_the_schema_refuses_what_it_does_not_know(summary: Summary) -> None:
    """A field that is added without being declared is noticed."""
    with pytest.raises(jsonschema.ValidationError, match="'extra' was unexpected"):
        jsonschema.Draft202012Validator(schema()).validate(data(summary) | {"extra": 1})


def test_the_totals_agree_with_the_claims(summary: Summary) -> None:
    """Numbers and rows tell the same."""
    report = data(summary)

    assert report["exit_code"] == 1
    assert report["totals"]["applicable"] == 3
    assert report["totals"]["violated"] == report["totals"]["known"] == report["totals"]["unproven"] == 1
    assert [claim["verdict"] for chapter in report["chapters"] for claim in chapter["claims"]] == [
        "violated",
        "known",
        "unproven",
    ]


def test_a_report_is_written_as_utf_8_and_holds_no_secret(summary: Summary, tmp_path: Path) -> None:
    """Any payload can be written, a lone surrogate too, and no cookie or password is."""
    path = tmp_path / "a new folder" / "report.json"

    write(summary, path)

    text = path.read_text(encoding="utf-8")
    assert "你好" in text
    assert "hunter2" not in text
    assert "sessionid=abc" not in text
    assert json.loads(text) == data(summary)
