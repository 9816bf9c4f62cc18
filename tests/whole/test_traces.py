"""A run leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import redis as client

from channels_conformance.services.redis import Redis
from tests.whole.conftest import COMMAND, DEADLINE

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def _processes(folder: Path) -> set[int]:
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


def _listening(pids: set[int]) -> set[int]:
    """Return the TCP ports of the loopback interface that these processes listen on."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink()) if descriptor.is_symlink() else ""
            inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(line[1].partition(":")[2], 16) for line in lines if line[3] == "0A" and line[9] in inodes}


def _gone(pid: int, seconds: float) -> bool:
    """Wait until a process has ended; return whether it did in time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda end: end.name)
def test_a_run_that_is_killed_leaves_nothing(
    end: signal.Signals, parallel: tuple[str, ...], tmp_path: Path, redis: Redis
) -> None:
    """Killed in the middle, a run leaves no process, no port, no folder, no database and no Redis key."""
    temporary = tmp_path / "t"
    temporary.mkdir()
    killed = subprocess.Popen(
        [
            str(COMMAND),
            "run",
            "--subject",
            "reference",
            "--redis-url",
            redis.url,
            "-v",
            "--chapter",
            "fanout",
            *parallel,
        ],
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert killed.stdout is not None
    passed = 0
    for line in killed.stdout:
        passed += "PASSED" in line
        if passed == 3:
            break
    processes = _processes(temporary)
    ports = _listening(processes)
    assert len(processes) > 3
    assert ports

    killed.send_signal(end)

    assert all(_gone(pid, DEADLINE / 4) for pid in processes | {killed.pid})
    killed.stdout.close()
    killed.wait()
    assert list(temporary.iterdir()) == []
    assert list(client.from_url(redis.url).scan_iter()) == []
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
