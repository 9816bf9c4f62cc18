"""What became of each mutant when it was last judged, kept in the repository: all of them take hours.

A mutant is told by what it changes and where, so that what is kept of it holds for as long as these lines stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from tests.mutants.mutate import Mutant
from tests.mutants.scores import Judged

RECORD = Path(__file__).with_name("record.json")

_DULL = ("source", "line")
"""What is not told of a mutant: its text, and the line, which moves with whatever stands above it."""


def read(path: Path | None = RECORD) -> dict[Mutant, Judged]:
    """Return what is kept in a file; nothing where there is none."""
    if path is None or not path.is_file():
        return {}
    found = [Judged(**one | {"mutant": Mutant(**one["mutant"])}) for one in json.loads(path.read_text("utf-8"))]
    return {one.mutant: one for one in found}


def write(path: Path, judged: Iterable[Judged]) -> None:
    """Keep these, a line each, and sorted, so that two states can be compared."""
    lines = []
    for one in judged:
        kept = asdict(one) | {"seconds": round(one.seconds, 1), "cpu": round(one.cpu, 1)}
        kept["mutant"] = {key: value for key, value in kept["mutant"].items() if key not in _DULL}
        lines.append(json.dumps(kept, ensure_ascii=False))
    path.write_text("[\n" + ",\n".join(sorted(lines)) + "\n]\n", encoding="utf-8")
