"""Play every spec on every planted fault, and say whether the matrix is as it should be.

``python -m tests.kills [FAULT...] [--examples N] [--times N] [--jobs N] [--json FILE] [--markdown FILE]``
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from channels_conformance import claims, exercises
from channels_conformance.services import postgres as postgres_service
from channels_conformance.services import redis as redis_service
from channels_conformance.services.guard import Guard, new_folder
from channels_conformance.services.processes import ServiceError
from tests.kills.matrix import Played, Verdicts, limits, problems, summary, table

BREAKABLE = ("app", "layer")
"""The scopes of claims that a subject can break, and so must have a fault each."""

APART = ("servers", "frontend")
"""Chapters that are played only on the faults that break one of their claims: nothing else changes what they judge."""

DEADLINE = 900  # seconds after which a run has hung


def main() -> int:
    """Play the matrix, print it, and return 1 where it is not as it should be."""
    asked = _arguments()
    names = asked.faults or exercises.names()
    began = time.monotonic()
    with _services() as services, ThreadPoolExecutor(asked.jobs) as pool:
        played = []
        for one in pool.map(lambda name: _play(name, services, asked), names):
            played.append(one)
            wrong = problems([one], breakable=(), known=limits(), whole=False)
            print(f"{'x' if wrong else '+'} {one.fault}", *wrong, sep="\n    ", flush=True)  # noqa: T201
    breakable = {claim.id for claim in claims.load() if claim.scope in BREAKABLE}
    wrong = problems(played, breakable=breakable, known=limits(), whole=not asked.faults)
    for line in (*wrong, f"{summary(played, wrong)} {time.monotonic() - began:.0f} s."):
        print(line)  # noqa: T201
    if asked.json:
        data = {"faults": [asdict(one) for one in played], "problems": wrong}
        asked.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    if asked.markdown:
        asked.markdown.write_text("\n".join([*table(played), "", summary(played, wrong), ""]), encoding="utf-8")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="only these; all that are planted")
    parser.add_argument("--examples", type=int, default=8, help="streams to play for each generated spec")
    parser.add_argument("--times", type=int, default=3, help="how often each fault is judged")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="faults that are judged at once")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    return parser.parse_args()


def _play(name: str, services: list[str], asked: argparse.Namespace) -> Played:
    fault = exercises.load(name)
    command = [sys.executable, "-m", "channels_conformance.cli", "run", "--subject", "reference", "--fault", name, "-q"]
    command += [*services[:2], "--examples", str(asked.examples)]
    if any("backends.postgresql" in change.after for change in fault.changes):
        command += services[2:]
    for chapter in {chapter.id for chapter in claims.load().chapters} & {*APART}:
        if not any(claim.startswith(f"{chapter}/") for claim in fault.breaks):
            command += ["--without", chapter]
    return Played(fault=name, breaks=fault.breaks, runs=tuple(_run(command) for _ in range(asked.times)))


def _run(command: list[str]) -> Verdicts:
    with tempfile.TemporaryDirectory(prefix="channels-kills-") as folder:
        report = Path(folder) / "report.json"
        subprocess.run([*command, "--json", str(report)], capture_output=True, timeout=DEADLINE, check=False)
        if not report.is_file():
            return {}
        chapters = json.loads(report.read_text(encoding="utf-8"))["chapters"]
    return {claim["id"]: claim["verdict"] for chapter in chapters for claim in chapter["claims"]}


@contextmanager
def _services() -> Iterator[list[str]]:
    """Give the options that name one Redis, and one PostgreSQL where that can be had, for all runs."""
    folder = new_folder()
    guard = Guard().start()
    guard.folder(folder)
    try:
        options = ["--redis-url", redis_service.find(guard=guard, folder=folder).url]
        try:
            options += ["--database-url", postgres_service.find(guard=guard, folder=folder).url]
        except ServiceError as reason:
            print(f"? {reason}")  # noqa: T201
        yield options
    finally:
        guard.close()


if __name__ == "__main__":
    sys.exit(main())
