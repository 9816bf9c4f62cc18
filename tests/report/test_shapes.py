"""The same run in the shapes that other programs take, and two runs held against each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from referencing import Registry, Resource

from channels_conformance.claims import Catalogue
from channels_conformance.names import FORMATS
from channels_conformance.report import files, shapes
from channels_conformance.report.json_report import SCHEMA_ID, data, schema
from channels_conformance.report.verdicts import Facts, Summary, Verdict
from tests.report.conftest import Make

TRACEBACK = """Traceback (most recent call last):
  File "/usr/lib/python3/channels/consumer.py", line 74, in dispatch
  File "/srv/tearoom/pots/consumers.py", line 12, in receive
    pot = self.pots[text]
  File "/usr/lib/python3/json/decoder.py", line 355, in raw_decode
KeyError: 'green'"""
EVENT = {
    "at": 0.5,
    "kind": "received",
    "connection": "bob#1",
    "client": "bob",
    "worker": "uvicorn-2",
    "fence": False,
    "what": "receives 'green'",
    "evidence": True,
}
CTRF = json.loads((Path(__file__).parent / "ctrf" / "ctrf-schema-0.0.json").read_text(encoding="utf-8"))
FINDING = {"anomaly": "crashed", "sentence": "it | crashed <b>", "connection": "bob#1", "blame": "app"}


@pytest.fixture
def summary(catalogue: Catalogue, facts: Facts, make: type[Make]) -> Summary:
    """Return a run in which one claim of each verdict that matters stands."""
    outcomes = [
        make.outcome(
            "tea/is-hot",
            Verdict.VIOLATED,
            findings=(FINDING,),
            server_traceback=TRACEBACK,
            events=(EVENT, {"gap": 3}),
            seconds=1.5,
        ),
        make.outcome("tea/is-sweet", Verdict.KNOWN, reason="the sugar is out"),
        make.outcome("ale/is-cold", Verdict.HOLDS),
    ]
    return Summary.of(outcomes, catalogue, facts)


@pytest.fixture
def report(summary: Summary) -> dict[str, Any]:
    """Return its report."""
    return data(summary)


def test_a_job_summary_says_it_in_a_sentence_and_a_table(report: dict[str, Any]) -> None:
    """What is violated is named, and foreign text cannot mark anything up."""
    told = shapes.markdown(report)

    assert "**1 of 3 claims are violated.**" in told
    assert "| tea | 2 | 0 | 1 | 1 | 0 |" in told
    assert "| **all** | 3 | 1 | 1 | 1 | 0 |" in told
    assert "it \\| crashed &lt;b&gt;" in told


def test_ctrf_has_a_test_for_each_spec(report: dict[str, Any]) -> None:
    """The counts are those of the tests, and the time is that of the specs."""
    results = json.loads(shapes.ctrf(report))["results"]

    assert {test["tags"][0]: test["status"] for test in results["tests"]} == {
        "tea/is-hot": "failed",
        "tea/is-sweet": "passed",
        "ale/is-cold": "passed",
    }
    summary = results["summary"]
    assert summary["tests"] == summary["passed"] + summary["failed"] == 3
    assert summary["stop"] - summary["start"] == 1500


def test_ctrf_keeps_its_own_schema(summary: Summary, catalogue: Catalogue, facts: Facts, make: type[Make]) -> None:
    """A test of each status, with a traceback, a reason and findings among them, is what other tools take."""
    jsonschema.Draft7Validator.check_schema(CTRF)
    more = [make.outcome("ale/is-cold", verdict) for verdict in (Verdict.NOT_APPLICABLE, Verdict.UNPROVEN)]
    told = json.loads(shapes.ctrf(data(Summary.of([*summary.outcomes, *more], catalogue, facts))))

    jsonschema.Draft7Validator(CTRF, format_checker=jsonschema.FormatChecker()).validate(told)
    assert told["specVersion"].startswith("0.0.")  # the version that this schema is of
    assert {test["status"] for test in told["results"]["tests"]} == {"failed", "passed", "pending", "skipped"}


def test_a_badge_is_svg_and_says_the_number(report: dict[str, Any]) -> None:
    """Its words are in its title too, for whoever cannot see it."""
    badge = ET.fromstring(shapes.badge(report))

    assert badge.tag == "{http://www.w3.org/2000/svg}svg"
    assert badge.findtext("{http://www.w3.org/2000/svg}title") == "channels conformance: 1 violated"


def test_histories_are_a_line_of_json_each(report: dict[str, Any]) -> None:
    """Only specs that kept one have a line, and each line keeps the schema that is published for it."""
    (line,) = shapes.histories(report).splitlines()
    published = json.loads((Path(shapes.__file__).parent / "history.schema.json").read_text(encoding="utf-8"))
    registry = Registry().with_resource(SCHEMA_ID, Resource.from_contents(schema()))

    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.Draft202012Validator(published, registry=registry).validate(json.loads(line))
    assert json.loads(line)["schema"] == published["$id"] == shapes.HISTORY_ID
    assert json.loads(line)["events"] == [EVENT, {"gap": 3}]


def test_an_annotation_stands_on_the_subjects_own_line(report: dict[str, Any]) -> None:
    """The last frame of the traceback that is the subject's own, not the one of a library."""
    assert list(shapes.remarks(report)) == ["::error file=pots/consumers.py,line=12,title=tea/is-hot::it | crashed <b>"]


def test_files_are_written_where_options_name_them(
    summary: Summary, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each format into its file, folders made; and the job summary is added to what stands there."""
    job = tmp_path / "job.md"
    job.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(job))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    files.write(summary, catalogue, {name: str(tmp_path / "reports" / name) for name in FORMATS})

    assert {path.name for path in (tmp_path / "reports").iterdir()} == set(FORMATS)
    assert job.read_text(encoding="utf-8").startswith("before\n## channels-conformance: tearoom")
    assert len(files.remarks(summary)) == 1


def test_nothing_is_written_unasked(
    summary: Summary, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of GitHub there is no job summary and no annotation."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.chdir(tmp_path)

    files.write(summary, catalogue, {})

    assert list(tmp_path.iterdir()) == []
    assert files.remarks(summary) == []


def _verdicts(**verdicts: str) -> dict[str, Any]:
    claims = [{"id": name, "verdict": verdict.replace("_", " ")} for name, verdict in verdicts.items()]
    return {"chapters": [{"claims": claims}]}


def test_what_was_lost_and_gained_is_told() -> None:
    """A claim that is violated now is lost, however it stood; one that holds now is gained."""
    old = _verdicts(a="holds", b="violated", c="unproven", d="holds", e="known", f="not_applicable", g="holds")
    new = _verdicts(a="violated", b="holds", c="violated", d="unproven", e="holds", f="unproven", h="holds")

    changes = {claim: change for change, claim, *_ in shapes.compare(old, new)}

    assert changes == {
        "a": "lost",
        "b": "gained",
        "c": "lost",
        "d": "lost",
        "e": "changed",
        "f": "changed",
        "g": "lost",
        "h": "gained",
    }
    told = shapes.compared(shapes.compare(old, new))
    assert told[0] == "x lost     a: holds before, violated now"
    assert told[-1] == "4 lost, 2 gained, 2 changed otherwise."


def test_two_reports_that_are_the_same_differ_in_nothing(report: dict[str, Any]) -> None:
    """Nothing is told but that."""
    assert shapes.compared(shapes.compare(report, report)) == ["0 lost, 0 gained, 0 changed otherwise."]
