"""Judge every correct app, and say whether any was accused.

``python -m tests.variants [NAME...] [--examples N] [--times N] [--jobs N] [--json FILE]``

Every second run on an app spreads its specs over two processes, as ``-n 2`` does. Several apps are judged at once, so
that no processor is idle meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests import play
from tests.variants import App, apps
from tests.variants.accusations import Judged, held, problems, summary, wrong

APART = ("--without", "servers", "--without", "frontend")
"""What these judge is a server's or a browser's doing, and no variant changes it."""

WAYS = ((), ("-n", "2"))
"""What the runs on an app are given besides, in turn."""


def main() -> int:
    """Judge the apps, print how it went, and return 1 where any run was not as it should be."""
    asked = _arguments()
    began = time.monotonic()
    with play.services() as services, play.at_once(asked.jobs) as pool:
        chosen = [one for one in apps() if not asked.names or one.name in asked.names]
        left_out = [one.name for one in chosen if one.on_postgres and not services.postgres]
        for name in left_out:
            print(f"? {name} is left out: there is no PostgreSQL.")  # noqa: T201
        chosen = [one for one in chosen if one.name not in left_out]
        judged = [*pool.map(lambda app: _judge(app, services, asked), chosen)]
    found = problems(judged)
    for line in (*found, f"{summary(judged)} {time.monotonic() - began:.0f} s."):
        print(line)  # noqa: T201
    if asked.json:
        data = {"apps": [asdict(one) for one in judged], "problems": found}
        asked.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    return 1 if found or not judged else 0


def _arguments() -> argparse.Namespace:
    known = [app.name for app in apps()]
    parser = argparse.ArgumentParser(prog="python -m tests.variants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; all correct apps")
    parser.add_argument("--examples", type=int, default=3, help="streams to play for each generated spec")
    parser.add_argument("--times", type=int, default=3, help="how often each app is judged")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="apps that are judged at once")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in known:
            parser.error(f"there is no correct app {name}: write one of {', '.join(known)}")
    return asked


def _judge(app: App, services: play.Services, asked: argparse.Namespace) -> Judged:
    options = ["--subject", str(app.put(services.folder)), *APART, "--examples", str(asked.examples)]
    options += services.postgres if app.on_postgres else ()
    runs = []
    for number in range(asked.times):
        way = WAYS[number % len(WAYS)]
        run = services.run([*options, *way])
        runs.append(run)
        clauses = wrong(run, enough=app.enough)
        line = f"{'x' if clauses else '+'} {app.name} {' '.join(way)}".rstrip()
        told = [f"{line}: {held(run)} claims hold, {run.seconds:.0f} s", *clauses]
        print(*told, *([run.output] if clauses else []), sep="\n    ", flush=True)  # noqa: T201
    return Judged(app=app.name, enough=app.enough, runs=tuple(runs))


if __name__ == "__main__":
    sys.exit(main())
