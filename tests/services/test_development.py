"""The development server: a process that chooses its port, and tells it."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from channels_conformance.services.development import start_runserver
from channels_conformance.services.guard import Guard
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.servers import ServerEnded

LISTENING = """
import channels_conformance.services.listening
import signal
import socket
import sys

address, _, port = sys.argv[-1].partition(":")
first, second = socket.create_server((address, int(port))), socket.create_server((address, 0))
print("up", sys.argv[1:-1], flush=True)
signal.pause()
"""


def manage(folder: Path, program: str) -> Path:
    """Write a manage.py into a folder, and return the folder."""
    folder.joinpath("manage.py").write_text(program, encoding="utf-8")
    return folder


def test_the_port_is_the_one_that_the_kernel_chose(guard: Guard, folder: Path) -> None:
    """The first socket that listens is told of, and somebody answers there."""
    root = manage(folder, LISTENING)

    server = start_runserver(env=os.environ, cwd=root, folder=folder, guard=guard, name="development")

    with socket.create_connection(("127.0.0.1", server.port), timeout=10):
        pass
    server.process.kill()
    assert not server.process.alive


def test_two_at_once_have_a_port_each(guard: Guard, folder: Path) -> None:
    """No port is guessed, so that none can be taken twice."""
    root = manage(folder, LISTENING)

    ports = {
        start_runserver(env=os.environ, cwd=root, folder=folder, guard=guard, name=f"development-{number}").port
        for number in (1, 2)
    }

    assert len(ports) == 2


def test_one_that_ends_before_it_listens_is_told_with_its_log(guard: Guard, folder: Path) -> None:
    """The error holds the last words, and all of the log."""
    root = manage(folder, "print('one'); raise SystemExit('CommandError: no')")

    with pytest.raises(ServerEnded, match=re.escape("development ended with status 1 before it listened")) as told:
        start_runserver(env=os.environ, cwd=root, folder=folder, guard=guard, name="development")

    assert told.value.traceback == "one\nCommandError: no\n"


def test_one_that_neither_listens_nor_ends_is_given_up(guard: Guard, folder: Path) -> None:
    """It is killed at the deadline."""
    root = manage(folder, "import signal; signal.pause()")

    with pytest.raises(ServiceError, match=re.escape("development did not listen within 0.5 s")):
        start_runserver(env=os.environ, cwd=root, folder=folder, guard=guard, name="development", deadline=0.5)
