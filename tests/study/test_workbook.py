"""What a student has begun is kept in the student's folder, and each wrong step is told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from channels_conformance import claims
from channels_conformance.exercises import HINTS, REFERENCE, names
from channels_conformance.specfiles import specs_folder
from channels_conformance.study import Exercise, StudyError, Workbook, exercises
from channels_conformance.study.workbook import FILE, find

NAME = "knows_text_frames_only"


@pytest.fixture(scope="module")
def known() -> list[Exercise]:
    """Return all exercises."""
    return exercises(claims.load(), specs_folder())


def test_every_fault_is_an_exercise(known: list[Exercise]) -> None:
    """Each planted fault of the reference app has a lesson, so that a student meets them all."""
    assert sorted(one.name for one in known) == names()


def test_exercises_come_by_chapter_and_the_easier_first(known: list[Exercise]) -> None:
    """A student who does one after another goes through the catalogue, and is not thrown in at the deep end."""
    order = {chapter.id: chapter.order for chapter in claims.load().chapters}
    places = [(order[one.fault.chapter], one.lesson.difficulty) for one in known]

    assert places == sorted(places)


def test_what_an_exercise_takes_is_told(known: list[Exercise]) -> None:
    """What its specs say of themselves decides: nothing, several processes, a PostgreSQL."""
    takes = {name: find(name, known) for name in (NAME, "forgets_group_discard", "keeps_sixteen_writers")}

    assert [(one.several, one.postgresql) for one in takes.values()] == [(False, False), (True, False), (False, True)]


def test_what_is_begun_is_a_project_with_one_thing_wrong(tmp_path: Path, known: list[Exercise]) -> None:
    """The copy differs from the reference app where the fault is, and the diff mends it."""
    exercise = find(NAME, known)

    root = Workbook.open(tmp_path).start(exercise)

    files = [path.relative_to(REFERENCE) for path in REFERENCE.rglob("*.py")]
    changed = [str(file) for file in files if (root / file).read_bytes() != (REFERENCE / file).read_bytes()]
    assert changed == ["notifications/consumers.py"]
    solution = list(exercise.solution(root))
    assert [line for line in solution if line.startswith("+    async def receive(")]
    assert solution[:2] == ["--- yours/notifications/consumers.py", "+++ mended/notifications/consumers.py"]


def test_progress_is_found_again_from_the_folder_and_from_within(tmp_path: Path, known: list[Exercise]) -> None:
    """Whoever comes back, or stands inside an exercise, need not name it."""
    exercise = find(NAME, known)
    root = Workbook.open(tmp_path).start(exercise)

    for here in (tmp_path, root, root / "chat"):
        workbook = Workbook.open(here)
        assert workbook.chosen(None, known) is exercise
        assert workbook.folder == tmp_path
    workbook.note(exercise, done=True)
    assert Workbook.open(tmp_path).begun[NAME].done


def test_hints_come_one_step_at_a_time(tmp_path: Path, known: list[Exercise]) -> None:
    """The first, the second, the third; and the third again."""
    exercise = find(NAME, known)
    Workbook.open(tmp_path).start(exercise)

    assert [Workbook.open(tmp_path).hint(exercise) for _ in range(HINTS + 1)] == [0, 1, 2, 2]


def test_nothing_of_a_student_is_overwritten(tmp_path: Path, known: list[Exercise]) -> None:
    """An exercise that was begun is not begun again over what was done."""
    workbook = Workbook.open(tmp_path)
    root = workbook.start(find(NAME, known))
    (root / "manage.py").write_text("mine", encoding="utf-8")

    with pytest.raises(StudyError, match=r"is there already: go on with it by .*study check knows_text_frames_only"):
        workbook.start(find(NAME, known))
    assert (root / "manage.py").read_text(encoding="utf-8") == "mine"


def test_wrong_steps_are_told_in_a_sentence(tmp_path: Path, known: list[Exercise]) -> None:
    """A misspelt name, one that was not begun, none at all, and a file that somebody edited."""
    workbook = Workbook.open(tmp_path)

    with pytest.raises(StudyError, match="did you mean forgets_group_discard"):
        find("forget_group_discard", known)
    with pytest.raises(StudyError, match="There is no exercise 'xyz': `channels-conformance study` lists them"):
        find("xyz", known)
    with pytest.raises(StudyError, match="No exercise is begun here"):
        workbook.chosen(None, known)
    with pytest.raises(StudyError, match=rf"{NAME} is not begun in .*study start {NAME}"):
        workbook.chosen(NAME, known)
    for wrong in ("{", "[]", json.dumps({"begun": {NAME: {"hintz": 1}}, "current": ""})):
        (tmp_path / FILE).write_text(wrong, encoding="utf-8")
        with pytest.raises(StudyError, match=r"channels-study\.json cannot be read"):
            Workbook.open(tmp_path)
