"""Play every spec on every planted fault, and say whether the matrix is as it should be.

``python -m tests.kills [FAULT...] [--part K/N] [--examples N] [--times N] [--jobs N] [--json FILE] [--markdown FILE]``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from channels_conformance import claims, exercises
from tests import play
from tests.kills.matrix import Played, limits, problems, summary, table

BREAKABLE = ("app", "layer")
"""The scopes of claims that a subject can break, and so must have a fault each."""

APART = ("servers", "frontend")
"""Chapters that are played only on the faults that break one of their claims: nothing else changes what they judge."""


def main() -> int:
    """Play the matrix, print it, and return 1 where it is not as it should be."""
    asked = _arguments()
    part, parts = asked.part
    names = (asked.faults or exercises.names())[part - 1 :: parts]
    began = time.monotonic()
    with play.services() as services, ThreadPoolExecutor(asked.jobs) as pool:
        played = []
        for one in pool.map(lambda name: _play(name, services, asked), names):
            played.append(one)
            wrong = problems([one], breakable=(), known=limits(), whole=False)
            print(f"{'x' if wrong else '+'} {one.fault}", *wrong, sep="\n    ", flush=True)  # noqa: T201
    breakable = {claim.id for claim in claims.load() if claim.scope in BREAKABLE}
    wrong = problems(played, breakable=breakable, known=limits(), whole=not asked.faults and parts == 1)
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
    parser.add_argument(
        "--part",
        type=part_of,
        default=(1, 1),
        metavar="K/N",
        help="every Nth fault from the Kth on: a share",
    )
    parser.add_argument("--examples", type=int, default=8, help="streams to play for each generated spec")
    parser.add_argument("--times", type=int, default=3, help="how often each fault is judged")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="faults that are judged at once")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    return parser.parse_args()


def part_of(text: str) -> tuple[int, int]:
    """Return the two numbers of ``K/N``."""
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f'"{text}" is no part: write 2/4 for the second of four.')
    return int(part), int(parts)


def _play(name: str, services: play.Services, asked: argparse.Namespace) -> Played:
    fault = exercises.load(name)
    options = ["--subject", "reference", "--fault", name, "-q", *services.redis, "--examples", str(asked.examples)]
    if any("backends.postgresql" in change.after for change in fault.changes):
        options += services.postgres
    for chapter in {chapter.id for chapter in claims.load().chapters} & {*APART}:
        if not any(claim.startswith(f"{chapter}/") for claim in fault.breaks):
            options += ["--without", chapter]
    runs = tuple(play.run(options).verdicts for _ in range(asked.times))
    return Played(fault=name, breaks=fault.breaks, runs=runs)


if __name__ == "__main__":
    sys.exit(main())
