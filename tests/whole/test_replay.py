"""A failure is played again from the report alone: on the app as it was, as it was mended, and where it is no more."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from channels_conformance import exercises
from channels_conformance.services.redis import Redis
from tests.whole.conftest import COMMAND, DEADLINE, Run

CLAIM = "fanout/payload-arrives-as-sent"
FILE = "chat/consumers.py"


def replayed(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Return how a replay ended, and what it said."""
    command = [str(COMMAND), "replay", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_what_was_violated_is_played_again(run: Run, redis: Redis, tmp_path: Path) -> None:
    """It is violated still, until the app is mended; a report of another machine is played on the app that is here."""
    root = exercises.plant(exercises.load("cuts_long_texts"), tmp_path / "app")
    found = run("--claim", CLAIM, "--redis-url", redis.url, cwd=root)
    report = tmp_path / "kept.json"
    there = found.report | {"facts": found.report["facts"] | {"root": "/srv/elsewhere"}}
    report.write_text(json.dumps(there), encoding="utf-8")

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
