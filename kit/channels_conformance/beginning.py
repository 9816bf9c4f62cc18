"""How a session begins: its folder, its guard, and the subject's import in a process of its own.

That import takes as long as the one of what judges, and one after the other they would leave a processor idle: it is
begun before, and so this module imports nothing that is heavy.
"""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from channels_conformance import exercises
from channels_conformance.claims import CatalogueError
from channels_conformance.services import forking
from channels_conformance.services.guard import Cleanups, Guard, guarded_folder
from channels_conformance.services.processes import ServiceError, start_python
from channels_conformance.subject.importing import Import
from channels_conformance.subject.libraries import LIBRARIES
from channels_conformance.subject.profile import ProfileError

if TYPE_CHECKING:
    from channels_conformance.session import Session

IMPORTED = "CHANNELS_CONFORMANCE_IMPORTED"
"""The variable with the number of the process that has seen the subject imported."""


def begin(options: Namespace, cleanups: Cleanups) -> Session:
    """Begin a session that judges a subject, to be ended by what is handed to ``cleanups``.

    Raises ``pytest.UsageError`` with one sentence where the profile, an option or the subject's settings are wrong.
    """
    try:
        folder, guard = guarded_folder(cleanups)
        if forking.ADDRESS not in os.environ:  # with pytest-xdist, one serves all
            _start_fork_server(folder, guard, cleanups)
        importing = Import.begin(
            _root(options, folder),
            folder=folder,
            guard=guard,
            deadline=options.import_deadline,
            imported=os.environ.get(IMPORTED) == str(os.getppid()),  # with pytest-xdist, by who started this process
        )
    except (CatalogueError, exercises.FaultError, ProfileError, ServiceError) as error:
        raise pytest.UsageError(str(error)) from None

    from channels_conformance.session import Session

    session = Session.begin(options, importing, guard, cleanups)
    os.environ[IMPORTED] = str(os.getpid())
    return session


def _start_fork_server(folder: Path, guard: Guard, cleanups: Cleanups) -> None:
    listening = forking.Listening.at(folder / "forks")
    if listening is None:
        return
    with listening.listener as socket:
        start_python(
            listening.command(LIBRARIES),
            # Nothing of the project's is to be imported there; the folder has a stray one found.
            env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
            | {"CHANNELS_CONFORMANCE_FOLDER": str(folder)},
            cwd=folder,
            log=folder / "forks.log",
            guard=guard,
            pass_fds=(socket.fileno(),),
            cold=True,
        )
    os.environ[forking.ADDRESS] = str(listening.path)

    def forget() -> None:
        os.environ.pop(forking.ADDRESS, None)

    cleanups(forget)


def _root(options: Namespace, folder: Path) -> Path:
    """Return the folder of what is judged; that of a fault is made in ``folder``."""
    if options.exercise:
        return Path(options.exercise)
    if options.fault:
        return exercises.plant(exercises.load(options.fault), folder)
    return exercises.REFERENCE if options.subject == "reference" else Path(options.subject or ".")
