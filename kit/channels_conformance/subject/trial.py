"""A subject to try things on, in this process and without pytest: no server, no Redis, a test database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.test.utils import setup_databases, setup_test_environment

from channels_conformance.services.guard import guarded_folder
from channels_conformance.subject.profile import Profile
from channels_conformance.subject.run import Run
from channels_conformance.subject.subject import Subject


@contextlib.contextmanager
def trial(profile: Profile, *, database_url: str | None = None) -> Iterator[Subject]:
    """Give the subject of a profile; whatever was made for it ends with the block.

    The channel layer is in memory. Raises what :class:`Run` raises where the project cannot be loaded.
    """
    with contextlib.ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)
        run = Run(profile, folder, guard, stack.callback, redis_source="none", database_url=database_url)
        run.enter()
        setup_test_environment()
        setup_databases(verbosity=0, interactive=False)
        yield Subject(run)
