"""Planted faults are caught by the specs of the claims that they break.

Here each claim is seen violated by a fault, and each chapter by six or more; ``nox -s kills`` plays all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from channels_conformance import claims, exercises
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

CHAPTERS = (
    *("lifecycle", "fanout", "auth", "orm", "celery", "layer"),
    *("protocol", "consumers", "threads", "installation", "http", "servers", "frontend"),
)
IN_A_BROWSER = "frontend/"
"""The claims of which tests/browser sees to it that faults break them."""

FAULTS = {name: exercises.load(name).breaks for name in exercises.names()}
ENOUGH = 6
"""Faults of a chapter that are played, where it has so many."""


def _chapters(breaks: Iterable[str]) -> set[str]:
    return {claim.partition("/")[0] for claim in breaks}


def _few() -> list[str]:
    """Return faults that break every claim that any breaks, and enough of each chapter; few, and always the same."""
    left = {name: {claim for claim in breaks if not claim.startswith(IN_A_BROWSER)} for name, breaks in FAULTS.items()}
    wanted, chosen, played = set().union(*left.values()), list[str](), Counter[str]()
    while wanted:
        name = max(left, key=lambda name: len(left[name] & wanted))
        chosen.append(name)
        played.update(_chapters(left[name]))
        wanted -= left.pop(name)
    for name, breaks in left.items():
        if any(played[chapter] < ENOUGH for chapter in _chapters(breaks)):
            chosen.append(name)
            played.update(_chapters(breaks))
    return sorted(chosen)


@pytest.mark.parametrize("name", _few())
def test_a_planted_fault_is_killed(name: str, run: Run, redis: Redis, request: pytest.FixtureRequest) -> None:
    """Every claim that a fault breaks is violated in the app that holds the fault, and the run fails of it.

    A claim that is for information alone fails no run.
    """
    fault = exercises.load(name)
    broken = [claim for claim in fault.breaks if not claim.startswith(IN_A_BROWSER)]
    arguments = [word for claim in broken for word in ("--claim", claim)]
    if any("backends.postgresql" in change.after for change in fault.changes):
        arguments += ["--database-url", request.getfixturevalue("postgres").url]

    result = run("--subject", "reference", "--fault", name, "--redis-url", redis.url, *arguments)

    assert {claim: result.verdicts().get(claim) for claim in broken} == dict.fromkeys(broken, "violated")
    assert result.code == int(any(claims.load().claim(claim).level != "info" for claim in broken))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_has_six_faults_or_more(chapter: str) -> None:
    """A chapter's specs are proven on at least six planted faults."""
    planted = Counter(claim.partition("/")[0] for breaks in FAULTS.values() for claim in breaks)

    assert planted[chapter] >= ENOUGH
