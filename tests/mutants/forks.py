"""Work in forked children: each begins with all that its parent has imported, and changes nothing for the next."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from channels_conformance.services.guard import guarded_folder

T = TypeVar("T")

Answer = dict[str, Any]
"""What a child has to say."""


class ChildError(Exception):
    """A child failed at its own work; the message is all that it said."""


class Ended(NamedTuple):
    """How one child ended: what it said, and how long it took."""

    answer: Answer | None  # None: it was killed before it said anything, for it took too long or too much
    seconds: float
    cpu: float = 0.0  # seconds as well, of the child and of what it waited for
    said: str = ""  # all that it printed


def forked(
    works: Iterable[T], do: Callable[[T, Path], Answer], *, jobs: int, deadline: int, memory: int = 0
) -> Iterator[tuple[T, Ended]]:
    """Do each of the works in a child of its own, several at once, and give each with how it ended.

    A child is given a path for what it wants to write, a folder say, which is removed when it has ended. The kernel
    ends a child after ``deadline`` seconds, or when it asks for more than ``memory`` bytes.
    """
    running: dict[int, tuple[T, float, Path]] = {}
    with ExitStack() as stack:
        folder, _ = guarded_folder(stack.callback)
        for number, work in enumerate(works):
            while len(running) >= jobs:
                yield _ended(running)
            path = folder / f"{number}.json"
            running[_fork(work, do, path, deadline, memory)] = (work, time.monotonic(), path)
        while running:
            yield _ended(running)


def _ended(running: dict[int, tuple[T, float, Path]]) -> tuple[T, Ended]:
    pid, status, used = os.wait3(0)
    while pid not in running:  # a child of somebody else
        pid, status, used = os.wait3(0)
    work, began, path = running.pop(pid)
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
    said = path.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise ChildError(said)
    answer = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return work, Ended(answer, time.monotonic() - began, used.ru_utime + used.ru_stime, said)


def leave(folder: Path, answer: Answer) -> NoReturn:
    """End the child that was given ``folder`` at once, from however deep in it: this is its answer."""
    _write(folder.with_suffix(".json"), answer)
    os._exit(0)


def _write(path: Path, answer: Answer) -> None:
    written = path.with_suffix(".part")
    written.write_text(json.dumps(answer), encoding="utf-8")
    written.rename(path)


def _fork(work: T, do: Callable[[T, Path], Answer], path: Path, deadline: int, memory: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.setpgid(0, 0)  # whatever ends this child ends no other
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(deadline)
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        with path.with_suffix(".log").open("wb") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        _write(path, do(work, path.with_suffix("")))
        code = 0
    except BaseException:  # noqa: BLE001 -- told to the parent
        traceback.print_exc()
    finally:
        os._exit(code)
