"""A student's way from an empty folder to a first exercise that is mended, by the verbs that a student types."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from channels_conformance.exercises import REFERENCE
from tests.whole.conftest import typed

NAME = "knows_text_frames_only"


def study(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Return how a verb of study mode ended, and what it said."""
    return typed("study", *arguments, cwd=cwd, env=os.environ | {"LANG": "C.UTF-8"})


def test_a_student_finds_and_mends_a_fault(tmp_path: Path) -> None:
    """Listed, begun, found, hinted at, shown, mended: and the list says that it is done."""
    assert NAME in study(cwd=tmp_path)[1]
    code, said = study("start", NAME, cwd=tmp_path)
    assert code == 0
    assert "study check" in said

    code, said = study("check", cwd=tmp_path)
    assert code == 1
    assert "x lifecycle/bad-frames-are-survived" in said
    for section in ("What happened:", "Why it matters:", "Question:", "Where to read:"):
        assert section in said
    assert "Answer:" not in said

    assert study("hint", cwd=tmp_path)[1].startswith("Hint 1/3: ")
    assert study("hint", "--lang", "zh-Hant", cwd=tmp_path)[1].startswith("提示 2/3: ")
    assert "+    async def receive(" in study("solution", "--yes", cwd=tmp_path)[1]

    file = "notifications/consumers.py"
    shutil.copy(REFERENCE / file, tmp_path / NAME / file)
    code, said = study("check", cwd=tmp_path / NAME)
    assert code == 0, said
    assert f"+ {NAME} is mended." in said
    assert f"+ *   {NAME}" in study(cwd=tmp_path)[1]


def test_a_project_that_does_not_start_is_told_in_a_sentence(tmp_path: Path) -> None:
    """What a student broke on the way is named, with its place."""
    study("start", NAME, cwd=tmp_path)
    (tmp_path / NAME / "notifications" / "consumers.py").write_text("import nothing_of_that_name\n", encoding="utf-8")

    code, said = study("check", cwd=tmp_path)

    assert code == 1
    assert "nothing_of_that_name" in said
    assert "consumers.py:1" in said


def test_a_project_that_ends_its_process_is_told_in_a_sentence(tmp_path: Path) -> None:
    """The import is seen to beside the run that waits for nothing: that one is ended, and leaves nothing behind."""
    study("start", NAME, cwd=tmp_path)
    (tmp_path / NAME / "notifications" / "consumers.py").write_text("raise SystemExit(3)\n", encoding="utf-8")

    code, said = study("check", cwd=tmp_path)

    assert code == 1
    assert f"x {tmp_path / NAME}: importing the project ended the process with status 3" in said


def test_a_wrong_name_is_told_in_a_sentence(tmp_path: Path) -> None:
    """With the nearest one that there is."""
    code, said = study("start", "knows_text_frame_only", cwd=tmp_path)

    assert code == 4
    assert "did you mean knows_text_frames_only" in said


def test_a_check_stops_at_the_first_claim_that_is_violated(tmp_path: Path) -> None:
    """The fault breaks two, and is told of with one card: what is waited for in vain is not waited for again."""
    study("start", "stays_in_the_old_room", cwd=tmp_path)

    code, said = study("check", cwd=tmp_path)

    assert code == 1
    assert len([line for line in said.splitlines() if line.startswith("x ")]) == 1, said
