import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from channels_conformance.services import guard as guard_module
from channels_conformance.services.guard import FOLDER_PREFIX, MEMORY, Guard, clean, new_folder
from channels_conformance.services.processes import ServiceError, python_env
from channels_conformance.services.redis import Redis, Source
from tests.processes import ENDS_SHOW

RUN = """
import json, pathlib, signal, sys, tempfile
import redis
from channels_conformance.services.guard import Guard
from channels_conformance.services.redis import find
url, source = sys.argv[1:]
guard = Guard().start()
folder = pathlib.Path(tempfile.mkdtemp(prefix="channels-conformance-"))
guard.folder(folder)
own = find(source=source, guard=guard, folder=folder)
given = find(url, guard=guard, folder=folder)
with redis.Redis.from_url(url) as client:
    client.set(given.prefix + ":group:room", "x")
print(json.dumps([guard.pid, own.process.pid, own.port, str(folder), given.prefix]), flush=True)
signal.pause()
"""

STUBBORN = "trap '' TERM; echo up; exec sleep 1000"


def group(leader: int) -> bytes:
    """Return what the guard is told of a process."""
    return json.dumps({"register": 1, "group": {"leader": leader, "end": signal.SIGTERM}}).encode()


@contextlib.contextmanager
def ending(pid: int) -> Iterator[int]:
    """Open a descriptor that becomes readable when the process ends."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def ended(descriptor: int, deadline: float = 15) -> bool:
    """Whether the process has ended by the deadline."""
    return bool(select.select([descriptor], [], [], deadline)[0])


@ENDS_SHOW
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_everything_goes_when_the_run_is_killed(running: Redis, local_source: Source, end: signal.Signals) -> None:
    """Processes, ports, folders and keys are gone after the process that started them was killed."""
    arguments = [sys.executable, "-c", RUN, running.url, local_source]
    run = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=python_env())
    assert run.stdout is not None
    guard_pid, redis_pid, port, folder, prefix = json.loads(run.stdout.readline())

    with redis.Redis.from_url(running.url) as client, ending(guard_pid) as guard_end, ending(redis_pid) as redis_end:
        client.set("someone:else", "stays")
        assert client.exists(f"{prefix}:group:room")
        assert Path(folder).is_dir()
        run.send_signal(end)
        run.communicate()

        assert ended(guard_end)

        assert ended(redis_end, 0)
        assert not Path(folder).exists()
        assert not client.exists(f"{prefix}:group:room")
        assert client.getdel("someone:else") == b"stays"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_guard_cannot_be_interrupted(guard: Guard, folder: Path) -> None:
    """The signals that end other programs do not keep it from its work; it is in a session of its own."""
    assert os.getsid(guard.pid) == guard.pid
    # A clean-up command sends the signals: by the time it runs, the guard has certainly set up what it does with them.
    stubborn = subprocess.Popen(
        [sys.executable, "-P", "-m", "channels_conformance.services.guard"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=python_env(),
    )
    assert stubborn.stdin is not None
    signals = ["/bin/sh", "-c", f"kill -INT {stubborn.pid}; kill -TERM {stubborn.pid}; kill -HUP {stubborn.pid}"]
    lines = [
        {"register": 1, "folder": str(folder)},
        {"register": 2, "command": {"arguments": signals, "env": {}}},
    ]

    output, _ = stubborn.communicate(b"".join(json.dumps(line).encode() + b"\n" for line in lines), timeout=10)

    assert (stubborn.returncode, output) == (0, b"")
    assert not folder.exists()


@pytest.mark.parametrize("mark", ["environment", "working folder"])
def test_what_nobody_was_told_of_goes_too(mark: str, guard: Guard, folder: Path) -> None:
    """A process that a run was killed over, before it could register it, is known by the run's folder."""
    env = os.environ | ({"PLAN": json.dumps({"folder": str(folder)})} if mark == "environment" else {})
    cwd = folder if mark == "working folder" else Path.cwd()
    stray = subprocess.Popen(["sleep", "1000"], env=env, cwd=cwd, start_new_session=True)
    other = subprocess.Popen(["sleep", "1000"], env=os.environ | {"PLAN": "another run's"}, start_new_session=True)
    with pytest.MonkeyPatch.context() as inherited:
        inherited.setenv("PLAN", str(folder))
        within = Guard().start()
    try:
        assert guard.close() == []

        assert stray.wait(timeout=15) == -signal.SIGKILL
        assert other.poll() is None
        assert not folder.exists()
        assert within.close() == [], "the guard of a run within the run has work of its own to do"
    finally:
        other.kill()
        other.wait()


def test_the_latest_goes_first() -> None:
    """Things are undone in the reverse order of their registration, as each may stand on those before it."""
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "order"
        lines = [
            json.dumps({"register": n, "command": {"arguments": ["/bin/sh", "-c", f"echo {n} >> {log}"], "env": {}}})
            for n in (1, 2, 3)
        ]

        assert clean(line.encode() for line in [*lines, '{"forget": 2}', '{"register": 4, "fol']) == []

        assert log.read_text() == "3\n1\n"


def test_a_stubborn_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process group that does not end on SIGTERM is killed when its grace is over."""
    monkeypatch.setattr(guard_module, "GRACE", 0.05)
    with subprocess.Popen(["/bin/sh", "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True) as stubborn:
        assert stubborn.stdout is not None
        assert stubborn.stdout.readline() == b"up\n"

        assert clean([group(stubborn.pid)]) == []

        assert stubborn.wait(10) == -signal.SIGKILL


def test_what_the_leader_leaves_behind_is_killed() -> None:
    """The children of a process that has ended already are still in its group, and go with it."""
    leader = ["/bin/sh", "-c", "sleep 1000 & echo up"]
    with subprocess.Popen(leader, stdout=subprocess.PIPE, start_new_session=True) as gone:
        assert gone.stdout is not None
        assert gone.wait(10) == 0

        assert clean([group(gone.pid)]) == []

        assert gone.stdout.read() == b"up\n"  # to its end: the child held the other end of the pipe


def test_the_folder_of_a_run_is_made_in_memory_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in memory need not wait for a disk; without enough room, the disk it is."""
    monkeypatch.delenv("TMPDIR", raising=False)
    with tempfile.TemporaryDirectory() as memory:
        monkeypatch.setattr(guard_module, "MEMORY", Path(memory))
        assert new_folder().parent == Path(memory)

        monkeypatch.setattr(guard_module, "ROOM", 1 << 80)
        elsewhere = new_folder()
        assert elsewhere.parent == Path(tempfile.gettempdir())
        elsewhere.rmdir()


def test_tmpdir_has_its_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who says where temporary files go is obeyed."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert new_folder().parent == tmp_path


OTHERS = [
    f"{place}{name}" for place in (tempfile.gettempdir(), MEMORY) for name in ("", "/other", f"/other/{FOLDER_PREFIX}x")
]


@pytest.mark.parametrize("path", ["/", "/etc", *OTHERS])
def test_foreign_folders_are_refused(guard: Guard, path: str) -> None:
    """A folder that does not bear the name of a run is never removed, whoever asks."""
    with pytest.raises(ServiceError, match="is not a folder that a run may remove"):
        guard.folder(Path(path))
    assert clean([json.dumps({"register": 1, "folder": path}).encode()]) == [
        f"folder {path} could not be cleaned up: PermissionError: {path} is not a run's own"
    ]


def test_a_way_out_of_the_folder_is_refused(guard: Guard, folder: Path, tmp_path: Path) -> None:
    """Neither dots nor a link that bears the name of a run lead to another folder."""
    (tmp_path / "precious").touch()
    link = Path(f"{folder}-link")
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(ServiceError):
            guard.folder(link)
        with pytest.raises(ServiceError):
            guard.folder(folder / ".." / "other")
        with pytest.raises(ServiceError):
            guard.folder(tmp_path / f"{FOLDER_PREFIX}elsewhere")
        assert clean([json.dumps({"register": 1, "folder": str(link)}).encode()]) != []
    finally:
        link.unlink()
    assert (tmp_path / "precious").exists()


def test_what_could_not_be_cleaned_up_is_told() -> None:
    """Closing says what is left behind, without the password of a URL, and cleans up the rest."""
    guard = Guard().start()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard.folder(folder)
    guard.keys("redis://:secret@127.0.0.1:1/0", "cc-00000000")

    [told] = guard.close()

    assert told.startswith("keys cc-00000000 could not be cleaned up: ConnectionError")
    assert "secret" not in told
    assert not folder.exists()


def test_a_kept_folder_stays(tmp_path: Path) -> None:
    """What is forgotten is not cleaned up."""
    guard = Guard().start()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard.forget(guard.folder(folder))

    assert guard.close() == []

    folder.rmdir()


def test_a_forked_child_does_not_hold_the_guard_back() -> None:
    """A child made by fork alone gives up the pipe, so the guard does not wait for it."""
    guard = Guard().start()
    asleep, wake = os.pipe()
    child = os.fork()
    if not child:
        os.read(asleep, 1)
        os._exit(0)
    try:
        assert guard.close(deadline=10) == []
    finally:
        os.write(wake, b".")
        os.waitpid(child, 0)
        os.close(asleep)
        os.close(wake)


def test_a_closed_guard_takes_nothing() -> None:
    """Registering after the end is an error, closing twice is not."""
    guard = Guard().start()
    guard.close()

    assert guard.close() == []
    with pytest.raises(ServiceError, match="The guard is not running"):
        guard.keys("redis://127.0.0.1", "cc-00000000")


def test_a_guard_that_was_killed_is_noticed() -> None:
    """Without its guard a run must not go on starting things."""
    guard = Guard().start()
    with ending(guard.pid) as end:
        os.kill(guard.pid, signal.SIGKILL)
        assert ended(end)

    with pytest.raises(ServiceError, match="The guard has ended before its time"):
        guard.keys("redis://127.0.0.1", "cc-00000000")
    guard.close()
