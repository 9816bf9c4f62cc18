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
from channels_conformance.names import IMPORTED
from channels_conformance.services.guard import Cleanups, guarded_folder
from channels_conformance.services.processes import ServiceError
from channels_conformance.subject.importing import Import
from channels_conformance.subject.profile import ProfileError

if TYPE_CHECKING:
    from channels_conformance.session import Session


def begin(options: Namespace, cleanups: Cleanups) -> Session:
    """Begin a session that judges a subject, to be ended by what is handed to ``cleanups``.

    Raises ``pytest.UsageError`` with one sentence where the profile, an option or the subject's settings are wrong.
    """
    try:
        folder, guard = guarded_folder(cleanups)
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


def _root(options: Namespace, folder: Path) -> Path:
    """Return the folder of what is judged; that of a fault is made in ``folder``."""
    if options.exercise:
        return Path(options.exercise)
    if options.fault:
        return exercises.plant(exercises.load(options.fault), folder)
    return exercises.REFERENCE if options.subject == "reference" else Path(options.subject or ".")
