"""Whole runs of the kit, many of them on the same services: what ``tests.kills`` and ``tests.variants`` share."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from channels_conformance.services import postgres as postgres_service
from channels_conformance.services import redis as redis_service
from channels_conformance.services.guard import guarded_folder
from channels_conformance.services.processes import ServiceError, start_fork_server
from channels_conformance.subject.libraries import LIBRARIES

DEADLINE = 900  # seconds after which a run has hung
GRACE = 30  # seconds in which one that hung must have told where
HUNG = -1
"""Stands for the exit code of a run that never ended."""

Verdicts = Mapping[str, str]
"""The verdict on each claim, in one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How one run ended."""

    code: int
    verdicts: Verdicts  # none: it told nothing
    output: str
    seconds: float
    findings: Mapping[str, str] = field(default_factory=dict)  # the first of each claim that has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What all runs share: a folder that a guard removes however they end, and options that name the rest."""

    folder: Path
    redis: tuple[str, ...]
    postgres: tuple[str, ...] = ()  # none: there is none to be had

    def run(self, options: Sequence[str]) -> Run:
        """Judge a subject by the command, as a user would, and return what it told."""
        command = [sys.executable, "-m", "channels_conformance.cli", "run", *options, *self.redis]
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            report = Path(folder) / "report.json"
            code, output = ended([*command, "--json", str(report)], deadline=DEADLINE)
            told = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {"chapters": (), "specs": ()}
        verdicts = {claim["id"]: claim["verdict"] for chapter in told["chapters"] for claim in chapter["claims"]}
        # The first of a claim's specs that found anything, so the last that is put in.
        findings = {
            claim: spec["findings"][0]["sentence"]
            for spec in reversed(told["specs"])
            for claim in spec["claims"]
            if spec["findings"]
        }
        return Run(code=code, verdicts=verdicts, output=output, seconds=time.monotonic() - began, findings=findings)


@contextmanager
def services() -> Iterator[Services]:
    """Give one Redis, and one PostgreSQL where that can be had, for all runs; one fork server serves them as well."""
    with ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)
        start_fork_server(LIBRARIES, folder=folder, guard=guard, cleanups=stack.callback)
        redis = _named("--redis-url", redis_service.find(guard=guard, folder=folder).url)
        try:
            postgres = _named("--database-url", postgres_service.find(guard=guard, folder=folder).url)
        except ServiceError as reason:
            print(f"? {reason}", file=sys.stderr)  # noqa: T201
            postgres = ()
        yield Services(folder=folder, redis=redis, postgres=postgres)


@contextmanager
def at_once(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads in which so many runs are played at once, and begin no more where that is interrupted."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _named(option: str, url: str) -> tuple[str, ...]:
    """Return the options that have a run use what was started for it: a container may be reached at another address."""
    return (option, url, "--allow-host", urlsplit(url).hostname or "")


def ended(
    command: Sequence[str], *, deadline: float, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command to its end, and return its exit code and what it told: where each thread stood, if it hung."""
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=deadline)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # pytest has set faulthandler up, which tells
            output, _ = process.communicate(timeout=GRACE)
            return HUNG, f"{output}\nIt had not ended after {deadline:.0f} s."
        finally:
            process.kill()  # does nothing to one that has ended
        return process.returncode, output
