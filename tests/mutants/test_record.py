"""What is on record of mutants is of those that there are, and is what the README tells."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.mutants.__main__ import app_files, mutants_of
from tests.mutants.mutate import Mutant
from tests.mutants.record import read
from tests.mutants.scores import Judged, accepted, problems, scores, table, weak

README = Path(__file__).parents[2] / "README.md"
HELD = ("consumers", "routing", "asgi", "tasks")
"""The modules of which enough mutants must be killed, each by itself."""


@cache
def present() -> list[Mutant]:
    """Return all mutants of the reference app."""
    return [mutant for file in app_files() for mutant in mutants_of(file)]


def kept() -> list[Judged]:
    """Return what became of them, in their order; one that was never judged is left out."""
    found = read()
    return [found[mutant] for mutant in present() if mutant in found]


def test_no_survivor_is_without_a_reason() -> None:
    """And no reason is without a survivor."""
    assert problems(kept(), accepted(), present=present()) == []


@pytest.mark.parametrize("file", sorted({one.file for one in present() if Path(one.file).stem in HELD}))
def test_nine_in_ten_are_killed(file: str) -> None:
    """One that was never judged has survived, for all that is known."""
    found = read()
    all_of_it = [found.get(one, Judged(mutant=one, fate="survived")) for one in present() if one.file == file]

    assert weak(scores(all_of_it, accepted()), [file]) == []


def test_the_readme_tells_what_is_on_record() -> None:
    """The table, file by file."""
    assert "\n".join(table(scores(kept(), accepted()))) in README.read_text(encoding="utf-8")
