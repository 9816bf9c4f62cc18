"""Change the reference app and the checks in small ways, one at a time, and say which changes nobody notices.

``python -m tests.mutants [FILE...] [--app | --checks] [--examples N] [--jobs N] [--sample N] [--record | --json FILE]
[--resume] [--markdown FILE] [--list]``
``python -m tests.mutants --recorded`` judges none, and tells what is kept.

mutmut and cosmic-ray change the package under test where it lies, or by a trampoline within the process that imports
it, and have its own tests run. Specs judge a copy of an app in server, worker and judge processes, which neither
reaches; and what kills there is a verdict, not the exit code of a test. So the mutants are made here, over LibCST.

Mutants of the app are planted in a copy each, and judged by the specs until a claim is violated; what all of them let
pass, by the app's own tests. Mutants of the checks are judged by tests/checks. All happens in forked children that have
imported already what does not change.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from channels_conformance.names import EXAMPLES
from channels_conformance.services.guard import guarded_folder
from tests.mutants import by_tests
from tests.mutants.forks import Answer, Ended, forked
from tests.mutants.mutate import Mutant, mutants
from tests.mutants.record import RECORD, read, write
from tests.mutants.scores import Fate, Judged, accepted, problems, scores, table, weak

if TYPE_CHECKING:
    from channels_conformance.services.redis import Source

KIT = Path(__file__).parents[2] / "kit" / "channels_conformance"
REFERENCE = KIT / "reference"
CHECKS = KIT / "checks"

APPS = ("chat", "documents", "echo", "lessons", "notifications", "realtime", "reports", "config")
UNSEEN = ("__init__.py", "admin.py", "apps.py", "models.py", "settings.py", "urls.py", "views.py")
"""What no WebSocket passes through."""


def main() -> int:
    """Judge the mutants, print what became of them, and return 1 where too many are killed by nobody."""
    asked = _arguments()
    began = time.monotonic()
    files = _files(asked)
    present = [mutant for file in files for mutant in mutants_of(file)]
    if asked.record or asked.recorded:
        asked.json, asked.resume = RECORD, True
    before = read(asked.json) if asked.resume or asked.again else {}
    if asked.again:
        before = {mutant: one for mutant, one in before.items() if one.fate != "survived"}
    elsewhere = [one for mutant, one in before.items() if mutant.file not in {_name(file) for file in files}]
    known = accepted()
    if asked.trust:
        before = {one.key(): Judged(mutant=one.key(), fate="survived", by="on record") for one in known} | before
    judged = [before[mutant] for mutant in present if mutant in before]
    todo = [mutant for mutant in present if mutant not in before and not asked.recorded]
    if asked.sample:
        todo = sorted(random.Random(0).sample(todo, min(asked.sample, len(todo))), key=present.index)
    if asked.list:
        print(*(mutant.name for mutant in todo), sep="\n")  # noqa: T201
        return 0
    print(f"{len(present)} mutants of {len(files)} files, {len(todo)} to be judged.", flush=True)  # noqa: T201
    total = len(judged) + len(todo)
    for one in _judged(todo, asked):
        judged.append(one)
        mark = "?" if one.fate == "survived" else "+"
        print(f"{mark} {one.mutant.name}")  # noqa: T201
        spent = f"{one.seconds:.1f} s, {one.cpu:.1f} of a processor"
        print(f"    {one.fate} {one.by} {spent} ({len(judged)}/{total})", flush=True)  # noqa: T201
        if asked.json:
            write(asked.json, [*elsewhere, *judged])
    found = scores(judged, known)
    wrong = problems(judged, known, present=present) + weak(found, ["all"])
    print(*table(found), *wrong, f"{time.monotonic() - began:.0f} s", sep="\n")  # noqa: T201
    if asked.markdown:
        asked.markdown.write_text("\n".join([*table(found), ""]), encoding="utf-8")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help="as in chat/consumers.py or checks/delivery.py; all")
    parser.add_argument("--app", action="store_true", help="the reference app's only")
    parser.add_argument("--checks", action="store_true", help="the checks' only")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="streams to play for each generated spec")
    parser.add_argument("--jobs", type=int, default=1, help="mutants that are judged at once")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only so many, drawn by lot")
    parser.add_argument("--chapter", action="append", default=[], help="judge by these chapters; those of the package")
    parser.add_argument("--whole", action="store_true", help="also by the specs that wait long")
    parser.add_argument("--redis-source", help="where to take Redis from, if not from the first that is there")
    parser.add_argument(
        "--record", action="store_true", help="go on with what is kept in record.json, and keep the rest"
    )
    parser.add_argument("--recorded", action="store_true", help="only tell what is kept in record.json")
    parser.add_argument("--json", type=Path, metavar="FILE", help="written anew after each mutant")
    parser.add_argument("--resume", action="store_true", help="leave out what the JSON file tells already")
    parser.add_argument("--trust", action="store_true", help="take what is on record for survivors without judging it")
    parser.add_argument("--again", action="store_true", help="judge anew what survived according to the JSON file")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--list", action="store_true", help="only tell what would be judged")
    return parser.parse_args()


def _files(asked: argparse.Namespace) -> list[Path]:
    found = [*(() if asked.checks else app_files()), *(() if asked.app else check_files())]
    if not asked.files:
        return found
    named = {_name(path): path for path in found}
    if unknown := [file for file in asked.files if file not in named]:
        sys.exit(f"{unknown[0]} is none of the files that are changed here. Name some of {', '.join(named)}, or none.")
    return [named[file] for file in asked.files]


def app_files() -> list[Path]:
    """Return the files of the reference app that are changed."""
    return [path for app in APPS for path in sorted((REFERENCE / app).glob("*.py")) if path.name not in UNSEEN]


def check_files() -> list[Path]:
    """Return the files of the checks that are changed."""
    return [path for path in sorted(CHECKS.glob("*.py")) if path.name != "__init__.py"]


def _name(path: Path) -> str:
    root = KIT if path.is_relative_to(CHECKS) else REFERENCE
    return path.relative_to(root).as_posix()


def mutants_of(path: Path) -> list[Mutant]:
    """Return all mutants of one of these files."""
    return mutants(path.read_text(encoding="utf-8"), _name(path))


def _judged(todo: Sequence[Mutant], asked: argparse.Namespace) -> Iterator[Judged]:
    of_checks = [mutant for mutant in todo if mutant.file.startswith("checks/")]
    of_the_app = [mutant for mutant in todo if mutant not in of_checks]
    # The checks first: as yet nothing has imported them.
    by_tests.prepare()
    for mutant, ended in forked(
        of_checks, by_tests.judge, jobs=asked.jobs, deadline=by_tests.DEADLINE, memory=by_tests.MEMORY
    ):
        yield Judged(mutant=mutant, fate=_of_tests(ended), by=_by(ended), seconds=ended.seconds, cpu=ended.cpu)
    if of_the_app:
        yield from _by_specs(of_the_app, asked)


def _of_tests(ended: Ended) -> Fate:
    if ended.answer is None:
        return "hangs"
    return "killed" if ended.answer["code"] else "survived"


def _by(ended: Ended) -> str:
    """Return the claim or the test that killed, or the sentence with which a run did not begin."""
    if ended.answer and ended.answer["by"]:
        return str(ended.answer["by"])
    code = ended.answer["code"] if ended.answer else 0
    return next((line for line in ended.said.splitlines() if line.startswith("ERROR: ")), f"exit code {code}")


def _by_specs(todo: Sequence[Mutant], asked: argparse.Namespace) -> Iterator[Judged]:
    from tests.mutants import (
        by_own_tests,
        by_specs,
    )  # they import the checks, which must not be there for mutants of these

    by_specs.prepare()
    killers: dict[str, Counter[str]] = defaultdict(Counter)  # what killed others of the same file comes first
    with _redis(asked.redis_source) as url:

        def judge(mutant: Mutant, folder: Path) -> Answer:
            return by_specs.judge(
                mutant,
                folder,
                redis_url=url,
                examples=asked.examples,
                killers=killers[mutant.file],
                chapters=tuple(asked.chapter),
                whole=asked.whole,
            )

        for mutant, ended in forked(todo, judge, jobs=asked.jobs, deadline=by_specs.DEADLINE):
            if ended.answer and ended.answer["spec"]:
                killers[mutant.file][ended.answer["spec"]] += 1
            fate, by = _of_specs(ended), _by(ended)
            seconds, cpu = ended.seconds, ended.cpu
            if fate == "survived":
                [(_, own)] = forked([mutant], by_own_tests.judge, jobs=1, deadline=by_own_tests.DEADLINE)
                fate, by = _of_tests(own), _by(own)
                seconds, cpu = seconds + own.seconds, cpu + own.cpu
            yield Judged(mutant=mutant, fate=fate, by=by, seconds=seconds, cpu=cpu)


def _of_specs(ended: Ended) -> Fate:
    if ended.answer is None:
        return "hangs"
    if ended.answer["by"]:
        return "killed"
    return "does not start" if ended.answer["code"] == 4 else "survived"


@contextmanager
def _redis(source: Source | None) -> Iterator[str]:
    """Give the URL of one Redis for all runs."""
    from channels_conformance.services import redis as redis_service

    with ExitStack() as stack:
        folder, guard = guarded_folder(stack.callback)
        yield redis_service.find(guard=guard, folder=folder, source=source).url


if __name__ == "__main__":
    sys.exit(main())
