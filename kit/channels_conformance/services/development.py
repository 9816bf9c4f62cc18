"""Django's development server, as ``manage.py runserver`` starts it: a process of its own, on a port of the kernel's.

It takes no listening socket from us, as other servers do. It is given port 0 and tells through a pipe which port it was
given, so no port is guessed, and none can be taken by somebody else meanwhile.
"""

from __future__ import annotations

import os
import select
from dataclasses import dataclass
from typing import TYPE_CHECKING

from channels_conformance.services.listening import DESCRIPTOR
from channels_conformance.services.processes import Process, ServiceError, killed_on_error, start_python
from channels_conformance.services.servers import HOST, ServerEnded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from channels_conformance.services.guard import Guard


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentServer:
    """A development server that listens."""

    port: int
    process: Process


def start_runserver(
    *,
    env: Mapping[str, str],
    cwd: Path,
    folder: Path,
    guard: Guard,
    name: str,
    deadline: float = 30.0,
) -> DevelopmentServer:
    """Start ``manage.py runserver`` in ``cwd`` and return when it listens; its log is ``folder/NAME.log``.

    The settings named in ``env`` must import :mod:`channels_conformance.services.listening`. Raises
    :class:`~channels_conformance.services.servers.ServerEnded`, with its log, where it ends before it listens, and
    :class:`ServiceError` where it does neither within ``deadline`` seconds.
    """
    ours, theirs = os.pipe()
    try:
        try:
            process = start_python(
                ["manage.py", "runserver", "--noreload", f"{HOST}:0"],
                env={**env, DESCRIPTOR: str(theirs)},
                cwd=cwd,
                log=folder / f"{name}.log",
                guard=guard,
                name=name,
                pass_fds=(theirs,),
            )
        finally:
            os.close(theirs)
        with killed_on_error(process):
            return DevelopmentServer(port=_port(process, ours, deadline=deadline), process=process)
    finally:
        os.close(ours)


def _port(process: Process, descriptor: int, *, deadline: float) -> int:
    readable, _, _ = select.select([descriptor], [], [], deadline)
    if not readable:
        raise ServiceError(
            f"{process.name} did not listen within {deadline:g} s: {process.last_words()}. See {process.log}."
        )
    if told := os.read(descriptor, 16):
        return int(told)
    # The pipe ends with the process.
    status = process.wait(5)
    raise ServerEnded(
        f"{process.name} ended with status {status} before it listened: {process.last_words()}. See {process.log}.",
        process.log_text(),
    )
