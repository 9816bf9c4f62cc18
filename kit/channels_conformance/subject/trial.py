"""A subject to try things on, in this process and without pytest: no server, no Redis, a test database."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator

from django.test.utils import setup_databases, setup_test_environment

from channels_conformance.services.guard import new_folder
from channels_conformance.subject.profile import Profile
from channels_conformance.subject.run import Run
from channels_conformance.subject.subject import Subject


def _registering(stack: contextlib.ExitStack) -> Callable[[Callable[[], None]], None]:
    def register(cleanup: Callable[[], None]) -> None:
        stack.callback(cleanup)

    return register


@contextlib.contextmanager
def trial(profile: Profile, *, database_url: str | None = None) -> Iterator[Subject]:
    """Give the subject of a profile; whatever was made for it ends with the block.

    The channel layer is in memory. Raises what :class:`Run` raises where the project cannot be loaded.
    """
    with contextlib.ExitStack() as stack:
        folder = new_folder()
        stack.callback(lambda: shutil.rmtree(folder, ignore_errors=True))
        run = Run(profile, folder, _registering(stack), redis_source="none", database_url=database_url)
        run.enter()
        setup_test_environment()
        setup_databases(verbosity=0, interactive=False)
        yield Subject(run)
