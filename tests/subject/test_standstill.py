"""Whoever looks where a loop's thread is keeps nobody waiting."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest

from channels_conformance.subject import standstill

LOOKS = """
import gc, threading, time
from channels_conformance.subject.standstill import _frame_of

class Garbage:
    def __init__(self):
        self.me = self

    def __del__(self):
        time.sleep(0.0001)  # another thread goes on

def begin_threads():
    while looking:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

looking = True
for _ in range(3):
    threading.Thread(target=begin_threads).start()
gc.set_threshold(5)
for _ in range(2000):
    Garbage()
    _frame_of(threading.get_ident())
looking = False
"""


class Frames:
    """Stands in for ``sys``: notes whether garbage might be collected while frames are looked up."""

    def __init__(self) -> None:
        self.collected: list[bool] = []

    def _current_frames(self) -> dict[int, object]:
        self.collected.append(gc.isenabled())
        return {threading.get_ident(): "here"}


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Frames:
    """Put a stand-in in the place of ``sys``."""
    frames = Frames()
    monkeypatch.setattr(standstill, "sys", frames)
    return frames


def test_no_garbage_is_collected_while_frames_are_looked_up(frames: Frames) -> None:
    """python/cpython#106883: neither thread would go on any more."""
    assert gc.isenabled()

    assert str(standstill._frame_of(threading.get_ident())) == "here"
    assert standstill._frame_of(0) is None

    assert frames.collected == [False, False]
    assert gc.isenabled()


def test_a_project_that_collects_none_is_left_so(frames: Frames) -> None:
    """Some switch it off for good."""
    gc.disable()
    try:
        standstill._frame_of(threading.get_ident())

        assert not gc.isenabled()
    finally:
        gc.enable()


def test_two_threads_do_not_wait_for_each_other() -> None:
    """Up to Python 3.11 they would soon, where one begins threads and the other collects garbage while it looks."""
    subprocess.run([sys.executable, "-c", LOOKS], timeout=120, check=True)
