"""The process that judges ends, whatever threads have been begun in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from channels_conformance.specfiles import PROCESS

STUCK = """
import sys, threading
from channels_conformance import process

process.GRACE = 0.01
threading.Thread(target=threading.Event().wait).start()
print("told", flush=True)
process.leave(3)
sys.exit(3)
"""


def test_a_thread_that_never_ends_keeps_nobody() -> None:
    """What was told is told, and the exit code is the one that was meant."""
    done = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (3, "told\n", "")


def test_it_is_pytest_and_says_nothing_of_its_own() -> None:
    """Not even a warning."""
    command = [sys.executable, "-P", str(PROCESS), "--version"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert (done.stdout, done.stderr) == (f"pytest {pytest.__version__}\n", "")


def test_who_stops_to_read_is_told_no_traceback() -> None:
    """As in ``channels-conformance run | head -1``."""
    command = [sys.executable, "-P", str(PROCESS), "--help"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()

    assert (process.returncode, said) == (1, "")
