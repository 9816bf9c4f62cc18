"""Each planted fault is caught by the specs of the claims that it breaks."""

from __future__ import annotations

from collections import Counter

import pytest

from channels_conformance import claims, exercises
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

CHAPTERS = (
    *("lifecycle", "fanout", "auth", "orm", "celery", "layer"),
    *("protocol", "consumers", "threads", "installation", "servers"),
)


@pytest.mark.parametrize("name", exercises.names())
def test_a_planted_fault_is_killed(name: str, run: Run, redis: Redis, request: pytest.FixtureRequest) -> None:
    """Every claim that a fault breaks is violated in the app that holds the fault, and the run fails of it.

    A claim that is for information alone fails no run.
    """
    fault = exercises.load(name)
    arguments = [word for claim in fault.breaks for word in ("--claim", claim)]
    if any("backends.postgresql" in change.after for change in fault.changes):
        arguments += ["--database-url", request.getfixturevalue("postgres").url]

    result = run("--subject", "reference", "--fault", name, "--redis-url", redis.url, "--examples", "8", *arguments)

    assert {claim: result.verdicts().get(claim) for claim in fault.breaks} == dict.fromkeys(fault.breaks, "violated")
    assert result.code == int(any(claims.load().claim(claim).level != "info" for claim in fault.breaks))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_has_six_faults_or_more(chapter: str) -> None:
    """A chapter's specs are proven on at least six planted faults."""
    planted = Counter(claim.partition("/")[0] for name in exercises.names() for claim in exercises.load(name).breaks)

    assert planted[chapter] >= 6
