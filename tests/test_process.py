"""The process that judges ends, whatever threads have been begun in it."""

from __future__ import annotations

import subprocess
import sys

STUCK = """
import sys, threading
from channels_conformance import process

process.GRACE = 0.01
threading.Thread(target=threading.Event().wait).start()
print("told")
process.leave(3)
sys.exit(3)
"""


def test_a_thread_that_never_ends_keeps_nobody() -> None:
    """What was told is told, and the exit code is the one that was meant."""
    done = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (3, "told\n", "")
