"""What is on record of mutants is of those that there are, and is what the README tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.__main__ import app_files, check_files, mutants_of
from tests.mutants.mutate import Mutant
from tests.mutants.record import read
from tests.mutants.scores import Judged, accepted, problems, scores, table, weak

README = Path(__file__).parents[2] / "README.md"
HELD = ("consumers", "routing", "asgi", "tasks")
"""The modules of the reference app of which enough mutants must be killed, each by itself."""


@cache
def of_the_app() -> list[Mutant]:
    """Return all mutants of the reference app."""
    return [mutant for file in app_files() for mutant in mutants_of(file)]


@cache
def of_the_checks() -> list[Mutant]:
    """Return all mutants of the checks."""
    return [mutant for file in check_files() for mutant in mutants_of(file)]


def kept(present: Iterable[Mutant]) -> list[Judged]:
    """Return what became of these, in their order; one that was never judged is left out."""
    found = read()
    return [found[mutant] for mutant in present if mutant in found]


def as_far_as_is_known(present: Iterable[Mutant]) -> list[Judged]:
    """Return what became of these; one that was never judged has survived, for all that is known."""
    found = read()
    return [found.get(one, Judged(mutant=one, fate="survived")) for one in present]


def test_no_survivor_is_without_a_reason() -> None:
    """And no reason is without a survivor."""
    present = [*of_the_app(), *of_the_checks()]

    assert problems(kept(present), accepted(), present=present) == []


@pytest.mark.parametrize("file", sorted({one.file for one in of_the_app() if Path(one.file).stem in HELD}))
def test_nine_in_ten_are_killed(file: str) -> None:
    """Of each module of the reference app that decides what a client sees."""
    judged = as_far_as_is_known(one for one in of_the_app() if one.file == file)

    assert weak(scores(judged, accepted()), [file]) == []


def test_nine_in_ten_of_the_checks_are_killed() -> None:
    """Of all of them together."""
    assert weak(scores(as_far_as_is_known(of_the_checks()), accepted()), ["all"]) == []


@pytest.mark.parametrize("present", [of_the_app, of_the_checks])
def test_the_readme_tells_what_is_on_record(present: Callable[[], list[Mutant]]) -> None:
    """The table, file by file."""
    assert "\n".join(table(scores(kept(present()), accepted()))) in README.read_text(encoding="utf-8")
