"""Children that are forked to work: each is heard, and nothing of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.forks import Answer, ChildError, forked
from tests.processes import ENDS_SHOW, gone

WORKS = r"""
import os, signal
from tests.mutants.forks import forked

def tell(work, path):
    os.write(OUT, f"{path.parent} {os.getpid()}\n".encode())
    signal.pause()

list(forked(["one"], tell, jobs=1, deadline=60))
"""


def test_each_child_is_heard_and_its_folder_goes() -> None:
    """What it prints, and its answer."""

    def work(number: int, folder: Path) -> Answer:
        folder.mkdir()
        os.write(1, b"here\n")
        return {"number": number, "folder": str(folder)}

    heard = dict(forked(range(3), work, jobs=2, deadline=60))

    answers = {number: ended.answer for number, ended in heard.items() if ended.answer}
    assert {number: answer["number"] for number, answer in answers.items()} == {0: 0, 1: 1, 2: 2}
    assert {ended.said for ended in heard.values()} == {"here\n"}
    folders = [Path(answer["folder"]) for answer in answers.values()]
    assert not any(folder.exists() or folder.parent.exists() for folder in folders)


def test_a_child_that_takes_too_long_has_no_answer() -> None:
    """The kernel ends it at its deadline."""

    def work(_: int, __: Path) -> Answer:
        signal.pause()
        return {}

    [(_, ended)] = forked([1], work, jobs=1, deadline=1)

    assert ended.answer is None


def test_a_child_that_fails_is_told_with_all_that_it_said(capfd: pytest.CaptureFixture[str]) -> None:
    """A mistake of the driver's is none of the mutant's."""

    def work(_: int, __: Path) -> Answer:
        raise LookupError("nothing there")

    with capfd.disabled(), pytest.raises(ChildError, match="LookupError: nothing there"):
        list(forked([1], work, jobs=1, deadline=60))


@ENDS_SHOW
def test_nothing_is_left_of_what_is_killed() -> None:
    """The folder that the children write into goes with the driver; a child, at its deadline."""
    ours, theirs = os.pipe()
    driver = subprocess.Popen(
        [sys.executable, "-c", WORKS.replace("OUT", str(theirs))], pass_fds=[theirs], cwd=Path(__file__).parents[2]
    )
    os.close(theirs)
    with os.fdopen(ours) as told:
        place, child = told.readline().split()
    folder = Path(place)
    children = [int(pid) for pid in Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text().split()]
    assert folder.is_dir()
    assert len(children) == 2  # the guard as well

    driver.kill()
    driver.wait()
    os.kill(int(child), signal.SIGKILL)  # as its deadline would

    assert [pid for pid in children if not gone(pid, 60)] == []
    assert not folder.exists()
