"""Run the benchmarks: ``python -m tests.bench [NAME...] [--rounds N] [--json FILE]``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from tests.bench import cost, delay, kit, render, speed
from tests.bench.rounds import Bench, Result, surroundings

BENCHES: dict[str, tuple[Callable[..., Coroutine[Any, Any, Result]], int, int]] = {
    # name: what is measured, in how many rounds, of what size
    "consumers": (speed.consumers, 5, 100),
    "servers": (speed.servers, 5, 100),
    "memory": (cost.memory, 3, 1000),
    "longpoll": (cost.longpoll, 3, cost.POLLS),
    "polling": (delay.polling, 3, delay.EVENTS),
    "latency": (delay.latency, 5, 100),
    "kit": (kit.linear, 5, 200),
    "rendering": (render.rendering, 5, 200),
}
TINY = {"rounds": 2, "size": 3}


def measure(
    names: Sequence[str], *, rounds: int | None = None, tiny: bool = False, tell: Callable[[str], Any] = print
) -> dict[str, Any]:
    """Run these benchmarks, tell of each as it ends, and return what was found as JSON has it."""
    found: dict[str, Any] = {**surroundings(), "benches": []}
    for name in names:
        measured, usual, size = BENCHES[name]
        asked = TINY if tiny else {"rounds": rounds or usual, "size": size}
        bench = Bench()
        try:
            result = asyncio.run(measured(bench, **asked))
        finally:
            bench.close()
        tell("\n".join(result.lines()))
        found["benches"].append(result.to_data())
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line names, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHES)}; left out, all of them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found to this file")
    parser.add_argument("--rounds", type=int, metavar="N", help="measure in so many rounds")
    parser.add_argument("--tiny", action="store_true", help="as little as possible, to see that all of it works")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in BENCHES]:
        parser.error(f"there is no benchmark {unknown[0]!r}: write one of {', '.join(BENCHES)}.")
    if asked.rounds is not None and asked.rounds < 1:
        parser.error(f"--rounds is {asked.rounds}: write 1 or more.")
    found = measure(asked.names or list(BENCHES), rounds=asked.rounds, tiny=asked.tiny)
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    machine = found["machine"]
    print(f"{machine['system']} {machine['architecture']}, {machine['cpus']} processors; {versions}")  # noqa: T201 -- a command
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
