"""What a run may leave behind, looked for from outside."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.processes import gone
from tests.whole.conftest import COMMAND, DEADLINE


def run_to_kill(
    arguments: Sequence[str], *, cwd: Path, temporary: Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start a run, whose temporary folder this is, and return it once three of its specs have passed."""
    run = subprocess.Popen(
        [str(COMMAND), "run", "-v", *arguments],
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"} | dict(env or {}),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.stdout is not None
    passed = (line for line in run.stdout if "PASSED" in line)
    assert len(list(itertools.islice(passed, 3))) == 3
    return run


def kill(run: subprocess.Popen[str], end: signal.Signals, temporary: Path) -> None:
    """Kill a run, and make sure that it ends with every process that works for it, the newest included."""
    processes = processes_of(temporary) | {run.pid}

    run.send_signal(end)

    assert [pid for pid in processes if not gone(pid, DEADLINE / 4)] == []
    assert run.stdout is not None
    run.stdout.close()
    run.wait()
    assert processes_of(temporary) == set()


def processes_of(folder: Path) -> set[int]:
    """Return the processes that work in or for a run whose temporary folder this is."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            mine = str(folder).encode() in (entry / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and mine:
            found.add(int(entry.name))
    return found


def nothing_runs(tmp_path: Path) -> None:
    """Make sure that no process is left that works for a run of the test whose folder this is."""
    if Path("/proc/self/environ").exists():
        assert processes_of(tmp_path / "t") == set()


def data_of(pid: int) -> list[Path]:
    """Return the folder that a PostgreSQL server's data lies in; nothing for any other process."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return [Path(os.fsdecode(command[2]))] if command[0].endswith(b"/postgres") and command[1] == b"-D" else []


def listening(pids: set[int]) -> set[int]:
    """Return the TCP ports of the loopback interface that these processes listen on."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink()) if descriptor.is_symlink() else ""
            inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(line[1].partition(":")[2], 16) for line in lines if line[3] == "0A" and line[9] in inodes}
