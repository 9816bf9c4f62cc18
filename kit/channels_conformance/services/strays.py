"""Processes of a run that nobody was told of.

A process is registered with the guard once it is there. A run that is killed in between leaves one that no list names;
but whatever a run starts carries the run's folder in its environment, or works in it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 3.0
"""Seconds after which a process that outlives SIGKILL, on a stuck disk say, is left to the kernel."""

GUARD = b"channels_conformance.services.guard"
"""The program that is spared: the guards of runs within the run, as pytest-xdist has them, have work to do yet."""

PROCESSES = Path("/proc")  # Linux's; elsewhere there is nothing to look through


def end_strays(folder: Path) -> None:
    """Kill every process that works for the run of this folder, and whatever those start meanwhile."""
    until = time.monotonic() + PATIENCE
    while (strays := list(_strays(folder))) and time.monotonic() < until:
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _strays(folder: Path) -> Iterator[int]:
    for entry in PROCESSES.glob("[0-9]*"):
        pid = int(entry.name)
        with contextlib.suppress(OSError):  # it has ended, or belongs to somebody else
            environment = (entry / "environ").read_bytes()  # empty once it is dead, though not yet waited for
            theirs = os.fsencode(folder) in environment or (entry / "cwd").readlink() == folder
            if theirs and GUARD not in (entry / "cmdline").read_bytes().split(b"\0"):
                yield pid
