"""Play every planted fault on all specs that it can reach, and say whether the matrix is as it should be.

``python -m tests.kills [FAULT...] [--part K/N] [--examples N] [--times N] [--jobs N] [--json FILE] [--markdown FILE]``
``python -m tests.kills --join FILE... [--markdown FILE]`` weighs what parts of it have written, as one matrix.
With ``--record`` each run is added to record.json, and with ``--until N`` only what has fewer than N there is played;
``--recorded`` weighs that, and plays nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import asdict
from pathlib import Path

from channels_conformance import claims, exercises
from channels_conformance.names import EXAMPLES
from tests import play
from tests.kills import record
from tests.kills.matrix import Played, limits, problems, read, summary, table
from tests.kills.reach import chapters, endpoints

BREAKABLE = ("app", "layer")
"""The scopes of claims that a subject can break, and so must have a fault each."""


def main() -> int:
    """Play the matrix, print it, and return 1 where it is not as it should be."""
    asked = _arguments()
    part, parts = asked.part
    began = time.monotonic()
    if asked.recorded:
        played = record.rows(record.read(), map(exercises.load, exercises.names()))
    elif asked.join:
        played = [one for path in asked.join for one in read(path)]
    else:
        names = (asked.faults or exercises.names())[part - 1 :: parts]
        played = _played(record.lacking(names, asked.until) if asked.until else names, asked)
    breakable = {claim.id for claim in claims.load() if claim.scope in BREAKABLE}
    whole = bool(asked.join) or asked.recorded or not (asked.faults or asked.until or parts > 1)
    wrong = problems(played, breakable=breakable, known=limits(), whole=whole)
    for line in (*wrong, f"{summary(played, wrong)} {time.monotonic() - began:.0f} s."):
        print(line)  # noqa: T201
    if asked.json:
        _write(asked.json, played, wrong)
    if asked.markdown:
        lines = [*record.by_chapter(played), "", *table(played), "", summary(played, wrong), ""]
        asked.markdown.write_text("\n".join(lines), encoding="utf-8")
    return 1 if wrong else 0


def _played(names: Sequence[str], asked: argparse.Namespace) -> list[Played]:
    played = []
    with play.services() as services, play.at_once(asked.jobs) as pool:
        for done in as_completed([pool.submit(_play, name, services, asked) for name in names]):
            played.append(one := done.result())
            wrong = problems([one], breakable=(), known=limits(), whole=False)
            head = f"{'x' if wrong else '+'} {one.fault} {one.seconds:.0f} s"
            print(head, *wrong, *one.astray, sep="\n    ", flush=True)  # noqa: T201
            # As it stands: a night may end before the matrix does.
            if asked.json:
                _write(asked.json, played, [])
            if asked.record:
                record.keep(one)
    return sorted(played, key=lambda one: names.index(one.fault))


def _write(path: Path, played: Sequence[Played], wrong: Sequence[str]) -> None:
    data = {"faults": [asdict(one) for one in played], "problems": wrong}
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


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
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="streams to play for each generated spec")
    parser.add_argument("--times", type=int, default=3, help="how often each fault is judged")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="faults that are judged at once")
    parser.add_argument("--join", type=Path, nargs="+", metavar="FILE", help="play nothing: weigh what --json wrote")
    parser.add_argument("--record", action="store_true", help="keep what was played in the repository")
    parser.add_argument("--until", type=int, default=0, metavar="N", help="only what fewer runs are kept of")
    parser.add_argument("--recorded", action="store_true", help="play nothing: weigh what is kept")
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
    options = ["--subject", "reference", "--fault", name, "-q", "--examples", str(asked.examples)]
    if any("backends.postgresql" in change.after for change in fault.changes):
        options += services.postgres
    options += [word for chapter in sorted(chapters(fault)) for word in ("--chapter", chapter)]
    options += [word for endpoint in endpoints(fault) for word in ("--endpoint", endpoint)]
    runs = [services.run(options) for _ in range(asked.times)]
    return Played(
        fault=name,
        breaks=fault.breaks,
        runs=tuple(run.verdicts for run in runs),
        astray=tuple(
            f"{claim}: {told}"
            for run in runs
            for claim, told in run.findings.items()
            if run.verdicts[claim] == "violated" and claim not in fault.breaks
        ),
        seconds=sum(run.seconds for run in runs),
    )


if __name__ == "__main__":
    sys.exit(main())
