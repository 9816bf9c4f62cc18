"""A failure is played again from the report alone: on the app as it was, as it was mended, and where it is no more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from channels_conformance import exercises
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run, typed

CLAIM = "fanout/payload-arrives-as-sent"
FILE = "chat/consumers.py"


def replayed(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Return how a replay ended, and what it said."""
    return typed("replay", *arguments, cwd=cwd)


def of_another_machine(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report as another Python wrote it, on a machine where everything lay and ran elsewhere."""
    versions = dict.fromkeys(report["facts"]["versions"], "99.1") | {"python": "3.99.0"}
    facts = {"root": "/srv/elsewhere", "redis": "7.4.1, a container", "versions": versions}
    specs = [
        spec | {"repeat": spec["repeat"].replace("--subject .", "--subject /srv/elsewhere"), "seconds": 99.0}
        for spec in report["specs"]
    ]
    return report | {"facts": report["facts"] | facts, "specs": specs}


def test_what_was_violated_is_played_again(run: Run, redis: Redis, tmp_path: Path) -> None:
    """It is violated still, until the app is mended; a report of another machine is played on the app that is here."""
    root = exercises.plant(exercises.load("cuts_long_texts"), tmp_path / "app")
    found = run("--claim", CLAIM, "--redis-url", redis.url, cwd=root)
    report = tmp_path / "kept.json"
    report.write_text(json.dumps(of_another_machine(found.report)), encoding="utf-8")

    code, said = replayed(str(report), "--redis-url", redis.url, cwd=root)
    assert (code, said[:14]) == (1, "STILL VIOLATED"), said
    shutil.copy(exercises.REFERENCE / FILE, root / FILE)
    code, said = replayed(str(report), CLAIM, "--redis-url", redis.url, cwd=root)
    assert (code, said[:5]) == (0, "FIXED"), said

    code, said = replayed(str(report), cwd=tmp_path)
    assert (code, said[:13]) == (6, "CANNOT REPLAY"), said
    assert "holds no manage.py" in said


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({}, "is no report of this version"),
        ({"specs": []}, "holds nothing violated of auth/x: there is nothing to replay"),
    ],
)
def test_what_cannot_be_played_is_told_in_a_sentence(tmp_path: Path, report: dict[str, object], told: str) -> None:
    """No report, and nothing in it."""
    path = tmp_path / "report.json"
    head = {"schema": "urn:channels-conformance:report:1"} if report else {}
    path.write_text(json.dumps(head | report), encoding="utf-8")

    code, said = replayed(str(path), "auth/x", cwd=tmp_path)

    assert code == 4
    assert told in said
