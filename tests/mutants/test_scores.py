"""Survivors are told, and what is on record of them must be of use."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.mutants.__main__ import CHECKS, KIT, REFERENCE
from tests.mutants.mutate import Mutant, mutants
from tests.mutants.record import read, write
from tests.mutants.scores import Accepted, Fate, Judged, Score, accepted, problems, scores, table, weak


def mutant(before: str, file: str = "a.py") -> Mutant:
    """Return a mutant that takes a line away."""
    return Mutant(file=file, within="f", operator="statement", before=before, after="pass", line=7)


def judged(before: str, fate: Fate, file: str = "a.py", by: str = "tea/is-hot") -> Judged:
    """Return what became of it."""
    return Judged(mutant=mutant(before, file), fate=fate, by=by)


def on_record(before: str) -> Accepted:
    """Return its entry."""
    return Accepted(
        file="a.py", within="f", operator="statement", before=before, after="pass", reason="it is said twice anyway"
    )


def test_a_survivor_is_told_unless_it_is_on_record() -> None:
    """And it counts against the file."""
    found = [judged("a()", "killed"), judged("b()", "survived"), judged("c()", "survived")]

    assert problems(found, [on_record("c()")], present=[one.mutant for one in found]) == [
        "a.py:7 statement: b() -> pass survives."
    ]
    assert scores(found, [on_record("c()")])[0] == Score(file="a.py", mutants=3, killed=1, equivalent=1, survived=1)


def test_an_entry_that_matches_nothing_or_what_is_killed_must_go() -> None:
    """Unless its file was not looked at."""
    found = [judged("a()", "killed")]
    entry = "a.py f statement: {} -> pass. Remove it."

    assert problems(found, [on_record("a()"), on_record("z()")], present=[mutant("a()")]) == [
        "On record is a survivor that is killed: " + entry.format("a()"),
        "On record is a survivor that is no mutant any more: " + entry.format("z()"),
    ]
    assert problems([], [on_record("z()")]) == []


def test_what_does_not_start_counts_for_nobody() -> None:
    """What hangs is noticed by whoever waits."""
    found = [judged("a()", "killed"), judged("b()", "does not start"), judged("c()", "hangs")]

    (score, whole) = scores(found)

    assert (score.killed, score.idle, score.share) == (2, 1, 1.0)
    assert whole.file == "all"


def test_too_low_a_share_is_told_by_file() -> None:
    """And the table tells all of them."""
    tested = judged("c()", "killed", "b.py", by="tests/test_b.py::test_c")
    found = scores([judged("a()", "killed"), judged("b()", "survived"), tested])

    assert weak(found, ["a.py", "b.py"]) == ["Of the mutants of a.py, 50% are killed, and must be 90%."]
    assert table(found)[2:] == [
        "| a.py | 2 | 1 | 0 | 0 | 1 | 0 | 50% |",
        "| b.py | 1 | 0 | 1 | 0 | 0 | 0 | 100% |",
        "| all | 3 | 1 | 1 | 0 | 1 | 0 | 67% |",
    ]


def test_what_was_judged_is_kept_and_read_again(tmp_path: Path) -> None:
    """In whatever order it came, and wherever its line stands by now."""
    path = tmp_path / "record.json"
    found = [judged("b()", "survived"), judged("a()", "killed")]

    write(path, found)
    moved = replace(mutant("a()"), line=70)

    assert read(path) == {one.mutant: one for one in found}
    assert read(path)[moved].fate == "killed"
    assert read(tmp_path / "none.json") == read(None) == {}


@pytest.mark.parametrize("file", sorted({one.file for one in accepted()}))
def test_a_survivor_on_record_is_a_mutant_and_has_a_reason(file: str) -> None:
    """One that the source has left behind is of no use."""
    path = (KIT if file.startswith(f"{CHECKS.name}/") else REFERENCE) / file
    present = set(mutants(path.read_text(encoding="utf-8"), file))

    for one in accepted():
        if one.file == file:
            assert one.key() in present, asdict(one)
            assert len(one.reason.split()) > 3


def test_the_record_is_read_strictly(tmp_path: Path) -> None:
    """A misspelt key is an error."""
    path = tmp_path / "survivors.toml"
    path.write_text('[[survivor]]\nfile = "a.py"\nreson = "c"\n', encoding="utf-8")

    with pytest.raises(TypeError, match="reson"):
        accepted(path)
