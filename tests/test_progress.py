"""What is told while specs run, on a terminal and elsewhere."""

from __future__ import annotations

from collections import Counter

from channels_conformance.progress import CLEAR, Progress
from channels_conformance.report.verdicts import Verdict


def make(*, live: bool) -> tuple[Progress, list[str]]:
    """Return one that is told of three specs in two chapters, and where it writes."""
    told: list[str] = []
    seconds = iter(range(100))
    progress = Progress(write=told.append, live=live, clock=lambda: next(seconds))
    progress.expect(Counter(tea=2, ale=1))
    return progress, told


def test_a_terminal_has_one_line_that_changes() -> None:
    """Chapter, specs done and in all, what was found, and about how long it takes yet; gone in the end."""
    progress, told = make(live=True)

    progress.ran("tea", Verdict.HOLDS)
    progress.ran("tea", Verdict.VIOLATED)
    progress.waits("the kettle")
    progress.end()

    assert told == [
        f"{CLEAR}tea · 1 of 3 specs · about 2 s left",
        f"{CLEAR}tea · 2 of 3 specs · 1 violated · about 1 s left",
        f"{CLEAR}waiting for the kettle · 2 of 3 specs · 1 violated · about 2 s left",
        CLEAR,
    ]


def test_elsewhere_a_chapter_has_a_line_when_it_is_done() -> None:
    """And what takes long is said before."""
    progress, told = make(live=False)

    progress.ran("tea", Verdict.HOLDS)
    progress.waits("the kettle")
    progress.ran("ale", Verdict.KNOWN)
    progress.ran("tea", Verdict.VIOLATED)
    progress.end()

    assert told == ["waiting for the kettle\n", "ale: 1 spec, 0 violated\n", "tea: 2 specs, 1 violated\n"]


def test_specs_of_other_processes_are_counted_by_their_files() -> None:
    """The first process to have collected says how many there are."""
    told: list[str] = []
    progress = Progress(write=told.append, live=False)

    for _ in range(2):
        progress.pytest_xdist_node_collection_finished(
            ["specs/test_tea.py::test_a[x]", "specs/test_tea_leaves.py::test_b", "specs/test_ale.py::test_c"]
        )
    for chapter in ("tea", "ale", "tea"):
        progress.ran(chapter, Verdict.HOLDS)

    assert told == ["ale: 1 spec, 0 violated\n", "tea: 2 specs, 0 violated\n"]


def test_more_specs_than_were_expected_are_counted() -> None:
    """Where specs run in other processes, nobody says beforehand how many they are."""
    progress = Progress(write=lambda text: None, live=False)

    progress.ran("tea", Verdict.HOLDS)

    assert progress.line("tea") == "tea · 1 of 1 specs"
