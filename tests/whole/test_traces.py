"""A run leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import redis as client

from channels_conformance.services.redis import Redis
from tests.whole.conftest import COMMAND, DEADLINE
from tests.whole.traces import gone, listening, processes_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


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
    processes = processes_of(temporary)
    ports = listening(processes)
    assert len(processes) > 3
    assert ports

    killed.send_signal(end)

    assert all(gone(pid, DEADLINE / 4) for pid in processes | {killed.pid})
    killed.stdout.close()
    killed.wait()
    assert list(temporary.iterdir()) == []
    assert list(client.from_url(redis.url).scan_iter()) == []
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
