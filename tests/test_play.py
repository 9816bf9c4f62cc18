"""Whole runs that are played beside each other end where whoever asked for them gives up or is killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event

from tests import play
from tests.processes import ENDS_SHOW, gone

SERVES = """
import signal
from tests import play

with play.services() as services:
    print(services.folder, flush=True)
    signal.pause()
"""


def test_giving_up_begins_nothing_more() -> None:
    """What runs is waited for, and what has not begun is let be."""
    let_be = Event()

    with play.at_once(1) as pool:
        running = pool.submit(let_be.wait, 30)
        to_come = pool.submit(int)
        to_come.add_done_callback(lambda _: let_be.set())

    assert to_come.cancelled()
    assert running.result()


@ENDS_SHOW
def test_nothing_is_left_of_what_is_killed() -> None:
    """The services, the folder in which runs write, and the guard that ends both."""
    root = Path(__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", SERVES], stdout=subprocess.PIPE, text=True, cwd=root) as driver:
        try:
            assert driver.stdout is not None
            folder = Path(driver.stdout.readline().strip())
            told = Path(f"/proc/{driver.pid}/task/{driver.pid}/children").read_text()
            children = [int(pid) for pid in told.split()]
            assert folder.is_dir()
            assert children
        finally:
            driver.kill()

    assert [pid for pid in children if not gone(pid, 60)] == []
    assert not folder.exists()
