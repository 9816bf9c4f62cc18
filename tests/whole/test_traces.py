"""A run leaves nothing behind, however it ends."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest
import redis as client

from channels_conformance.services.redis import Redis
from tests.whole.traces import kill, listening, processes_of, run_to_kill

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda end: end.name)
def test_a_run_that_is_killed_leaves_nothing(
    end: signal.Signals, parallel: tuple[str, ...], tmp_path: Path, redis: Redis
) -> None:
    """Killed in the middle, a run leaves no process, no port, no folder, no database and no Redis key."""
    temporary = tmp_path / "t"
    temporary.mkdir()
    arguments = ("--subject", "reference", "--redis-url", redis.url, "--chapter", "fanout", *parallel)
    run = run_to_kill(arguments, cwd=tmp_path, temporary=temporary)
    processes = processes_of(temporary)
    ports = listening(processes)
    assert len(processes) > 3
    assert ports

    kill(run, end, temporary)

    assert list(temporary.iterdir()) == []
    assert list(client.from_url(redis.url).scan_iter()) == []
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
