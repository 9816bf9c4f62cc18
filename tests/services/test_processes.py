import os
import sys
from pathlib import Path

import pytest

from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError, python_env, start

UNTIL_KILLED = "import signal; print('up', flush=True); signal.pause()"


def test_log_holds_both_outputs(guard: Guard, folder: Path) -> None:
    """Standard output and standard error end up in the log, in the order in which they were written."""
    program = "import sys; print('one', flush=True); print('two', file=sys.stderr)"

    process = start([sys.executable, "-c", program], log=folder / "said.log", guard=guard)

    assert process.wait(10) == 0
    assert process.log_text() == "one\ntwo\n"
    assert process.name == "said"
    assert not process.alive


def test_log_is_read_from_an_offset(guard: Guard, folder: Path) -> None:
    """What was in the log before an offset was taken is not read again."""
    log = folder / "said.log"
    log.write_text("before\n")
    offset = log.stat().st_size

    process = start([sys.executable, "-c", "print('after')"], log=log, guard=guard)

    process.wait(10)
    assert process.log_text(offset) == "after\n"
    assert process.log_offset == len("before\nafter\n")


def test_a_process_inherits_only_the_descriptors_named(guard: Guard, folder: Path) -> None:
    """The guard's pipe does not leak into children, which would keep the guard from seeing the end of the run."""
    program = "import os; print(sorted(int(d) for d in os.listdir('/proc/self/fd'))[:4])"
    if not Path("/proc/self/fd").exists():
        program = "print([0, 1, 2, 3])"

    process = start([sys.executable, "-c", program], log=folder / "said.log", guard=guard)

    process.wait(10)
    assert process.log_text() == "[0, 1, 2, 3]\n"  # 3 is the listing itself


def test_waiting_ends_at_the_deadline(guard: Guard, folder: Path) -> None:
    """A process that still runs at the deadline has no exit status yet."""
    process = start([sys.executable, "-c", UNTIL_KILLED], log=folder / "said.log", guard=guard)

    assert process.wait(0.01) is None
    assert process.alive
    assert repr(process) == f"<Process said pid={process.pid} alive>"
    assert process.terminate() == -15
    assert process.terminate() == -15


def test_kill_takes_the_whole_group(guard: Guard, folder: Path) -> None:
    """A child of the process ends with it: nobody is left to hold the other end of a pipe."""
    ours, theirs = os.pipe()
    command = ["/bin/sh", "-c", f"sleep 1000 & echo up >/dev/fd/{theirs}; wait"]
    try:
        process = start(command, log=folder / "said.log", guard=guard, pass_fds=[theirs])
        os.close(theirs)
        assert os.read(ours, 10) == b"up\n"

        assert process.kill() == -9

        assert os.read(ours, 10) == b""
    finally:
        os.close(ours)


def test_a_command_that_is_not_there(guard: Guard, folder: Path) -> None:
    """The error names what was to be started and the command that is missing."""
    with pytest.raises(ServiceError, match=r"^ghost could not be started: .*'/no/such'.* Check that /no/such is there"):
        start(["/no/such"], log=folder / "ghost.log", guard=guard)


def test_python_env_keeps_what_is_there() -> None:
    """The kit's own path comes after those that the environment names already."""
    env = python_env({"PYTHONPATH": "/first", "A": "b"})

    assert env["A"] == "b"
    assert env["PYTHONPATH"].startswith("/first:")
    assert python_env(env) == env
