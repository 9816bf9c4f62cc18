"""The page opens from disk, holds what was found, and shows foreign text as text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from channels_conformance import claims
from channels_conformance.claims import Catalogue
from channels_conformance.report import html, picture
from channels_conformance.report.json_report import data
from channels_conformance.report.verdicts import Facts, Outcome, Summary, Verdict
from tests.report.conftest import Make

EVIL = "<img src=x onerror=alert(1)>"


def row(kind: str, client: str = "bob", worker: str = "uvicorn-2", **more: Any) -> dict[str, Any]:
    """Return one row of a history, as a report holds it."""
    who = {"connection": f"{client}#1" if client else "", "client": client, "worker": worker}
    return {"at": 0.5, "kind": kind, **who, "fence": False, "what": f"{kind} it", "evidence": False} | more


ROWS = [
    row("connect", "alice", "daphne-1"),
    row("said", "alice", "daphne-1", what="says '~m1~'"),
    {"gap": 12},
    row("received", what=f"receives '~m1~{EVIL}'"),
    row("received", what="receives '~m1~'", evidence=True),
    row("crashed", what="application raises KeyError"),
    row("task started", "", "celery"),
]
FINDINGS = [
    {"anomaly": "duplicated", "sentence": "bob received '~m1~' twice", "connection": "bob#1", "blame": "app"},
    {"anomaly": "lost", "sentence": "alice never received '~m1~'", "connection": "alice#1", "blame": "app"},
]


class Seen(HTMLParser):
    """What a browser would see: the elements, the attributes that load or run something, and the ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        self.tags.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in ("src", "href") and not str(value).startswith(("#", "data:,"))):
                self.loads.append(f"{tag} {name}={value}")
            if name == "id":
                self.ids.append(str(value))


@pytest.fixture
def report(catalogue: Catalogue, facts: Facts, make: type[Make]) -> dict[str, Any]:
    """Return the report of a run in which a claim is violated and one is not applicable."""
    evidence: dict[str, Any] = {"findings": tuple(FINDINGS), "events": tuple(ROWS), "script": ("alice says '~m1~'",)}
    outcomes: list[Outcome] = [
        make.outcome("tea/is-hot", Verdict.VIOLATED, transcript=(f"bob receives {EVIL}",), repeat="run it", **evidence),
        make.outcome("tea/is-sweet", Verdict.HOLDS),
        make.outcome("ale/is-cold", Verdict.NOT_APPLICABLE, reason=f"no ale {EVIL}"),
    ]
    return data(Summary.of(outcomes, catalogue, facts, claimed={"tea"}))


def test_the_page_says_where_the_subject_stands(report: dict[str, Any], catalogue: Catalogue) -> None:
    """The verdict is a sentence, in both languages, and the five numbers stand beside it."""
    page = html.page([report], catalogue)

    assert "1 of 2 claims are violated." in page
    assert "2 項主張中有 1 項被違反。" in page
    assert re.findall(r"<b>(\d)</b>", page)[:5] == ["1", "1", "0", "0", "1"]
    assert "tea/is-hot is so." in page
    assert "tea/is-hot 成立。" in page
    assert "hunter2" not in page


def test_the_page_asks_nothing_of_anybody(report: dict[str, Any], catalogue: Catalogue) -> None:
    """It loads nothing, and every link leads to a place in it."""
    page = html.page([report], catalogue)
    seen = Seen(page)

    assert seen.loads == []
    assert "default-src 'none'" in page
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets
    assert targets <= set(seen.ids)
    assert len(seen.ids) == len(set(seen.ids))


def test_what_an_application_sent_is_text(report: dict[str, Any], catalogue: Catalogue) -> None:
    """In the picture, the transcript and the reasons, markup of the subject's is shown, not obeyed."""
    page = html.page([report], catalogue)

    assert "img" not in Seen(page).tags
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3


def test_reports_stand_side_by_side_under_what_tells_them_apart(report: dict[str, Any], catalogue: Catalogue) -> None:
    """A column is named by the facts that differ, and a claim that a run did not judge has an empty cell."""
    other = json.loads(json.dumps(report))
    other["facts"] |= {"servers": ["hypercorn 0.18.0"], "versions": {"django": "6.0"}}
    other["chapters"] = other["chapters"][:1]
    del other["chapters"][0]["claims"][0]

    page = html.page([report, other], catalogue)

    assert html.labels([report, other]) == ["daphne-1, uvicorn-2, django 5.2", "hypercorn, django 6.0"]
    assert html.labels([report, report]) == ["tearoom (1)", "tearoom (2)"]
    assert page.count('<th scope="col">daphne-1, uvicorn-2, django 5.2</th>') == 2
    assert page.count('<th scope="col">hypercorn, django 6.0</th>') == 1  # it judged nothing of the other chapter
    assert page.count('class="cell absent"') == 1


def test_runs_that_judged_parts_of_a_project_are_named_by_these(report: dict[str, Any]) -> None:
    """Where nothing else tells them apart."""
    other = json.loads(json.dumps(report))
    other["chapters"] = other["chapters"][:1]

    assert html.labels([report, other]) == ["tearoom: tea, ale", "tearoom: tea"]


def test_the_real_catalogue_stays_small(facts: Facts, make: type[Make]) -> None:
    """Every claim with its card in two languages takes less than a megabyte."""
    catalogue = claims.load()
    outcomes = [make.outcome(claim.id, Verdict.HOLDS, spec=f"specs/x::{claim.id}") for claim in catalogue]

    page = html.page([data(Summary.of(outcomes, catalogue, facts))], catalogue)

    assert len(page.encode()) < 1_000_000
    assert {claim.id.replace("/", "-") for claim in catalogue} <= set(Seen(page).ids)


def test_a_picture_has_a_lane_for_each_who_takes_part() -> None:
    """Clients, workers, Redis where something crossed it, Celery where a task ran."""
    drawn = picture.svg(ROWS, FINDINGS)

    heads = re.findall(r'class="head \w+ \w+"><title>([^<]+)<', drawn)
    assert heads == ["alice", "bob", "daphne-1", "uvicorn-2", "Redis", "Celery"]
    assert "… 12 more events …" in drawn
    assert EVIL not in drawn


def test_a_picture_names_what_is_wrong_where_it_is_wrong() -> None:
    """The evidence is marked with its anomaly's name, a crash as such, and what never came by an arrow that ends."""
    drawn = picture.svg(ROWS, FINDINGS)

    assert re.findall(r'class="name">(\w+)<', drawn) == ["DUPLICATED", "LOST"]
    assert drawn.count('class="label wrong"') == 2  # what came twice, and the crash
    assert drawn.count('class="lost cross"') == 2
    assert drawn.count('class="band"') == 3
    assert "LOST: alice never received" in drawn


def test_nothing_is_drawn_of_nothing() -> None:
    """A spec that has no history has no picture."""
    assert picture.svg([]) == ""


@pytest.mark.parametrize(
    ("text", "told"), [("{", "is no JSON"), ("[]", "is no report of this version"), (None, "cannot be read")]
)
def test_what_is_no_report_is_told_in_a_sentence(tmp_path: Path, text: str | None, told: str) -> None:
    """Which file, and what writes one."""
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(html.ReportError, match=rf"report\.json {told}.*run --json FILE"):
        html.read(path)


def test_no_report_is_no_page(catalogue: Catalogue) -> None:
    """There is nothing to show of nothing."""
    with pytest.raises(html.ReportError, match="name at least one JSON file"):
        html.page([], catalogue)
