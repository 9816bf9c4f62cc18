import json
import os
import select
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

import pytest

from channels_conformance.services import forking
from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import Process, python_env, start, start_fork_server, start_python
from channels_conformance.subject.libraries import LIBRARIES

TELLS = """
import json, os, signal, sys
print(json.dumps({
    "argv": sys.argv[1:], "name": __name__, "path": sys.path[0], "said": os.environ["SAID"], "cwd": os.getcwd(),
    "loaded": "colorsys" in sys.modules, "leads": os.getsid(0) == os.getpid() == os.getpgrp(), "hash": hash("room"),
    "files": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
    "signals": [str(signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGCHLD)],
    "only there": os.environ.get("ONLY_THERE"),
}))
"""

ASKS = """
import json, os, socket, sys
address, folder, pipe = sys.argv[1:]
asked = socket.socket(socket.AF_UNIX)
asked.connect(address)
wanted = {"arguments": ["-m", "waits"], "env": dict(os.environ), "cwd": folder, "places": [1, int(pipe)]}
socket.send_fds(asked, [json.dumps(wanted).encode() + b"\\n"], [1, int(pipe)])
"""

WAITS = "import signal; print('up', flush=True); signal.pause()"

LOADED = """
import importlib, sys, threading
from django.conf import settings
for name in sys.argv[1:]:
    importlib.import_module(name)
print(settings.configured, threading.active_count(), [name for name in REFUSED if name in sys.modules])
""".replace("REFUSED", '("twisted.internet.reactor", "daphne.server", "django.contrib.auth.models", "pytest")')

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there are processes forked")


@pytest.fixture
def server(guard: Guard, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Process]:
    """Start a fork server that has imported one module, and have it be asked."""
    (folder / "tells.py").write_text(TELLS)
    (folder / "waits.py").write_text(WAITS)
    monkeypatch.delenv(forking.ADDRESS, raising=False)
    monkeypatch.setenv("ONLY_THERE", "1")
    with ExitStack() as stack:
        modules = ["colorsys", "no.such.module"]
        process = start_fork_server(modules, folder=folder, guard=guard, cleanups=stack.callback)
        assert process
        monkeypatch.delenv("ONLY_THERE")
        yield process
    assert forking.ADDRESS not in os.environ
    assert process.log_text() == ""


def run(
    guard: Guard, folder: Path, *arguments: str, cold: bool = False, env: Mapping[str, str] = MappingProxyType({})
) -> tuple[Process, dict[str, object]]:
    """Run a program of the folder to its end, and return what it told."""
    log = folder / f"{len(list(folder.iterdir()))}.log"
    process = start_python(
        arguments, env={**os.environ, "SAID": "this", **env}, cwd=folder, log=log, guard=guard, cold=cold
    )
    assert process.wait(20) == 0, process.log_text()
    return process, json.loads(process.log_text())


def waiting(guard: Guard, folder: Path) -> Process:
    """Start a program that waits until it is ended, and return when it does."""
    process = start_python(["-m", "waits"], cwd=folder, log=folder / "waits.log", guard=guard)
    while process.log_text() != "up\n":
        assert process.wait(0.02) is None
    return process


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("arguments", [["-m", "tells", "one", "-x"], ["tells.py", "one", "-x"]])
def test_a_forked_process_is_as_one_that_was_started_cold(guard: Guard, folder: Path, arguments: list[str]) -> None:
    """Arguments, environment, folder, import path, open files, signals and session are the same; imports are there."""
    _, forked = run(guard, folder, *arguments)
    _, cold = run(guard, folder, *arguments, cold=True)

    assert (forked.pop("loaded"), cold.pop("loaded")) == (True, False)
    assert forked.pop("hash") != cold.pop("hash")
    assert forked == cold
    assert forked["argv"] == ["one", "-x"]
    assert forked["only there"] is None


@pytest.mark.usefixtures("server")
def test_open_files_keep_their_numbers(guard: Guard, folder: Path) -> None:
    """What is handed over has the number that it has here, also where one's number is the other's place."""
    (folder / "writes.py").write_text("import os, sys\nfor file in sys.argv[1:]: os.write(int(file), file.encode())\n")
    pipes = [os.pipe() for _ in range(3)]
    theirs = [writing for _, writing in reversed(pipes)]

    process = start_python(
        ["-m", "writes", *map(str, theirs)], cwd=folder, log=folder / "writes.log", guard=guard, pass_fds=theirs
    )
    for writing in theirs:
        os.close(writing)

    assert process.wait(20) == 0, process.log_text()
    for reading, writing in pipes:
        assert os.read(reading, 10) == str(writing).encode()
        os.close(reading)


@pytest.mark.usefixtures("server")
def test_how_a_forked_process_ends_is_told(guard: Guard, folder: Path) -> None:
    """Its exit status, a traceback in its log, the signal that ended it; until then, it is alive."""
    (folder / "fails.py").write_text("raise SystemExit(3)")
    (folder / "raises.py").write_text("raise ValueError('the end')")

    fails = start_python(["-m", "fails"], cwd=folder, log=folder / "fails.log", guard=guard)
    raises = start_python(["-m", "raises"], cwd=folder, log=folder / "raises.log", guard=guard)
    waits = waiting(guard, folder)

    assert fails.wait(20) == 3
    assert raises.wait(20) == 1
    assert raises.last_words().endswith("ValueError: the end")
    assert waits.alive
    assert waits.wait(0.01) is None
    assert waits.terminate() == -signal.SIGTERM
    assert waits.kill() == -signal.SIGTERM


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "LC_ALL"])
def test_what_python_reads_when_it_begins_asks_for_a_cold_start(guard: Guard, folder: Path, name: str) -> None:
    """A variable that a forked process would take no notice of is not lost."""
    _, told = run(guard, folder, "-m", "tells", env={name: "1" if name.startswith("PYTHON") else "C"})

    assert not told["loaded"]


def test_without_a_fork_server_processes_start_cold(guard: Guard, folder: Path, server: Process) -> None:
    """One that has ended, or never was there, is done without."""
    waits = waiting(guard, folder)
    server.kill()

    _, told = run(guard, folder, "-m", "tells")

    assert not told["loaded"]
    assert waits.wait(20) == -signal.SIGKILL  # nobody could say any more how it ends


def test_the_server_ends_after_its_children(guard: Guard, folder: Path, server: Process) -> None:
    """Asked to end, it waits for them: they are its to reap, and no zombie is left to whoever adopts orphans."""
    waits = waiting(guard, folder)
    os.kill(server.pid, signal.SIGTERM)
    assert server.wait(0.2) is None

    os.kill(waits.pid, signal.SIGKILL)

    assert server.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(waits.pid, 0)


def test_a_process_whose_asker_is_gone_is_ended(guard: Guard, folder: Path, server: Process) -> None:
    """A run that is killed while it starts a process leaves none behind that nobody was told of."""
    ours, theirs = os.pipe()
    os.kill(server.pid, signal.SIGSTOP)  # so that it answers when nobody listens any more
    log = folder / "asks.log"
    asks = start(
        [sys.executable, "-c", ASKS, os.environ[forking.ADDRESS], str(folder), str(theirs)],
        env=python_env(),
        log=log,
        guard=guard,
        pass_fds=[theirs],
    )
    os.close(theirs)
    assert asks.wait(20) == 0, asks.log_text()

    os.kill(server.pid, signal.SIGCONT)

    assert select.select([ours], [], [], 20)[0]
    assert os.read(ours, 1) == b""  # the process had the other end, and nobody else
    os.close(ours)


def test_a_path_that_is_too_long_is_done_without(tmp_path: Path) -> None:
    """A socket's path has a limit that a folder's has not."""
    assert forking.listen(tmp_path / ("x" * forking.LONGEST_PATH)) is None


def test_what_is_imported_beforehand_reads_no_setting(guard: Guard, folder: Path) -> None:
    """It installs no reactor, starts no thread, loads no settings, and is there to be imported."""
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    (folder / "loads.py").write_text(LOADED)

    process = start_python(["loads.py", *LIBRARIES], env=env, cwd=folder, log=folder / "l.log", guard=guard, cold=True)

    assert process.wait(60) == 0, process.log_text()
    assert process.log_text().splitlines()[-1] == "False 1 []"
