"""The matrix on record is read and kept as it was played, and is the one that the README tells of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from channels_conformance import exercises
from tests.kills import record
from tests.kills.matrix import Played, limits, problems, summary

FAULT = exercises.load("forgets_group_discard")
PLAYED = Played(
    fault=FAULT.name,
    breaks=FAULT.breaks,
    runs=({**dict.fromkeys(FAULT.breaks, "violated"), "auth/user-in-scope": "holds", "orm/x": "unproven"},) * 2,
)
README = Path(__file__).parents[2] / "README.md"


def test_what_was_played_is_read_as_it_was_kept(tmp_path: Path) -> None:
    """With the claims that were violated, and the number of those that were judged."""
    entry = record.entry(FAULT, PLAYED)
    record.write({FAULT.name: entry}, tmp_path / "record.json")

    assert record.read(tmp_path / "record.json") == {FAULT.name: entry}
    assert entry.judged == len(FAULT.breaks) + 1
    assert [one.violated() for one in record.rows({FAULT.name: entry}, [FAULT])] == [{*FAULT.breaks}]
    assert record.read(tmp_path / "none.json") == {}


def test_what_has_changed_since_is_to_be_played_anew() -> None:
    """While what it declares may change: the record tells what was violated."""
    entry = record.entry(FAULT, PLAYED)
    changed = replace(FAULT, changes=(*FAULT.changes, exercises.Change(file="chat/rooms.py", after="")))
    declared = replace(FAULT, breaks=FAULT.breaks[:1])

    assert record.rows({FAULT.name: entry}, [changed]) == []
    [row] = record.rows({FAULT.name: entry}, [declared])
    assert problems([row], breakable=(), whole=False)


def test_the_runs_of_several_days_come_together(tmp_path: Path) -> None:
    """The last three of them; those of a fault that was another one then are forgotten."""
    path = tmp_path / "record.json"
    first, other, last = (replace(PLAYED, runs=({claim: "violated"},)) for claim in ("a/first", "a/other", "a/last"))

    for played in (first, first, other, last):
        record.keep(played, path)

    [entry] = record.read(path).values()
    assert entry.runs == (("a/first",), ("a/other",), ("a/last",))
    assert record.added(replace(entry, change="another"), record.entry(FAULT, last)).runs == (("a/last",),)


def test_what_has_been_played_least_comes_first(tmp_path: Path) -> None:
    """And what has been played often enough does not come at all."""
    path = tmp_path / "record.json"
    names = [FAULT.name, "accepts_before_it_refuses", "allows_async_unsafe"]
    for name, times in zip(names, (2, 1, 3), strict=True):
        fault = exercises.load(name)
        record.keep(Played(fault=name, breaks=fault.breaks, runs=({"a/claim": "violated"},) * times), path)

    assert record.lacking([*names, "answers_binary_as_text"], 3, path) == [
        "answers_binary_as_text",
        "accepts_before_it_refuses",
        FAULT.name,
    ]


def test_a_chapter_is_told_with_its_kills_and_its_accusations() -> None:
    """What was not violated in each run is no kill."""
    weak = replace(PLAYED, fault="weak", breaks=("auth/user-in-scope",), runs=({"auth/user-in-scope": "violated"}, {}))
    wild = replace(PLAYED, fault="wild", runs=({**PLAYED.runs[0], "orm/x": "violated"},))

    assert record.by_chapter([PLAYED, weak, wild])[2:] == [
        "| celery | 1 | 2 | 2 | 0 |",
        "| fanout | 1 | 2 | 2 | 0 |",
        "| orm | 0 | 0 | 0 | 1 |",
    ]


def test_the_record_is_of_faults_that_there_are_and_holds() -> None:
    """A declaration that says otherwise than what was seen is a mistake on one side or the other."""
    entries = record.read()

    assert entries.keys() <= {*exercises.names()}
    rows = record.rows(entries, map(exercises.load, exercises.names()))
    assert problems(rows, breakable=(), known=limits(), whole=False) == []


def test_the_readme_tells_what_is_on_record() -> None:
    """The table by chapter, and the sentence."""
    rows = record.rows(record.read(), map(exercises.load, exercises.names()))
    text = README.read_text(encoding="utf-8")

    assert "\n".join(record.by_chapter(rows)) in text
    assert summary(rows, []) in " ".join(text.split())
