"""A fork server: Python processes that begin with libraries imported, where each would take a second to import them.

One process imports them and waits. Who wants another Python connects to its Unix socket, and hands over what the
process is to run, its environment and its open files; the server forks, and tells how the process ended over the same
connection. :func:`channels_conformance.services.processes.start_python` asks it, and starts a process cold where there
is none to ask, or where it declines.

``multiprocessing`` has a fork server too. Its children are functions of the program that asks for them, whose main
module they import; what is wanted here is ``python -m daphne`` as it would be by itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

MOST_FILES = 16
"""Open files that can be handed over at once."""

FIXED = ("PYTHON", "LANG", "LC_", "LD_")
"""How the names of variables begin that a process reads when it begins: one that was forked has read them already."""

_READ = 1 << 16


class Wanted(TypedDict):
    """What a process is to be."""

    arguments: list[str]
    env: dict[str, str]
    cwd: str
    places: list[int]  # the numbers that its open files are to have, in the order in which they are handed over


@dataclass(frozen=True, slots=True, kw_only=True)
class _Birth:
    """What a process finds that was just forked: what it is to be, and the files that were handed over."""

    wanted: Wanted
    files: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What the fork server began with, and what every Python begins with here."""

    path: list[str]
    fixed: dict[str, str]


def _serve(listener: socket.socket, base: _Base) -> _Birth:
    """Fork what is asked for, and tell how it ended; return in a process that was forked, and only there."""
    children: dict[int, socket.socket] = {}
    with contextlib.ExitStack() as open_files:
        open_files.enter_context(listener)
        woken, waker = map(open_files.enter_context, socket.socketpair())
        woken.settimeout(0)
        waker.settimeout(0)
        selector = open_files.enter_context(selectors.DefaultSelector())
        selector.register(listener, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        signal.set_wakeup_fd(waker.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(_READ)
                    _tell_ended(children)
                    continue
                connection, _ = listener.accept()
                wanted, files = _read(connection)
                fits = wanted is not None and _fixed(wanted["env"]) == base.fixed
                pid = os.fork() if fits else None
                if pid == 0 and wanted:
                    for other in (connection, *children.values()):
                        other.close()
                    return _Birth(wanted=wanted, files=files)
                for file in files:
                    os.close(file)
                try:
                    connection.sendall(b"%d\n" % pid if pid else b"\n")
                except OSError:  # whoever asked is gone, and nobody else knows of the process
                    if pid:
                        os.kill(pid, signal.SIGKILL)
                if pid:
                    children[pid] = connection
                else:
                    connection.close()


def _read(connection: socket.socket) -> tuple[Wanted | None, list[int]]:
    """Read what is wanted, and the files that come with it; nothing from whoever is gone before all is said."""
    try:
        said, files, _, _ = socket.recv_fds(connection, _READ, MOST_FILES)
        while said and not said.endswith(b"\n"):
            more = connection.recv(_READ)
            said = said + more if more else b""
    except OSError:
        return None, []
    return (json.loads(said) if said else None), files


def _fixed(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(FIXED) and name != "PYTHONPATH"}


def _tell_ended(children: dict[int, socket.socket]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            if connection := children.pop(pid, None):
                with contextlib.suppress(OSError), connection:
                    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(birth: _Birth, base: _Base) -> None:
    """Be the process that is wanted: do what Python does before the first line of a program, and run the program."""
    wanted = birth.wanted
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    above = max([*wanted["places"], *birth.files]) + 1  # none is put where another one still is
    held = [fcntl.fcntl(file, fcntl.F_DUPFD, above) for file in birth.files]
    for file in birth.files:
        os.close(file)
    for file, place in zip(held, wanted["places"], strict=True):
        os.dup2(file, place)
        os.close(file)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    first, *rest = wanted["arguments"]
    is_module = first == "-m"
    own = wanted["cwd"] if is_module else str(Path(first).absolute().parent)
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [*([] if sys.flags.safe_path else [own]), *paths, *base.path]
    sys.argv[:] = rest if is_module else [first, *rest]
    if is_module:
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(first, run_name="__main__")


def _end(server: int) -> None:
    """Wait, where this is the server, for the children to have ended: whoever ends them all can only ask it to wait."""
    while os.getpid() == server:
        try:
            os.wait()
        except ChildProcessError:
            return


def main(listener: int, *modules: str) -> None:
    """Be the fork server, or a process that it has forked."""
    paths = os.environ.pop("PYTHONPATH", "").split(os.pathsep)
    own = 0 if sys.flags.safe_path else 1  # the folder that it was started in comes first
    base = _Base(path=[path for path in sys.path[own:] if path not in paths], fixed=_fixed(os.environ))
    for name in modules:
        # What keeps a library from being imported is told by the process that needs it, if any does.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = os.getpid()
    try:
        birth = _serve(socket.socket(fileno=listener), base)
    finally:
        signal.set_wakeup_fd(-1)
        _end(server)
    _become(birth, base)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
