"""Each planted fault is caught by the specs of the claims that it breaks."""

from __future__ import annotations

from collections import Counter

import pytest

from channels_conformance import exercises
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

CHAPTERS = ("lifecycle", "fanout", "auth", "orm", "celery")


@pytest.mark.parametrize("name", exercises.names())
def test_a_planted_fault_is_killed(name: str, run: Run, redis: Redis) -> None:
    """Every claim that a fault breaks is violated in the app that holds the fault, and the run fails."""
    fault = exercises.load(name)
    claims = [word for claim in fault.breaks for word in ("--claim", claim)]

    result = run("--subject", "reference", "--fault", name, "--redis-url", redis.url, "--examples", "8", *claims)

    assert {claim: result.verdicts().get(claim) for claim in fault.breaks} == dict.fromkeys(fault.breaks, "violated")
    assert result.code == 1


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_chapter_has_six_faults_or_more(chapter: str) -> None:
    """A chapter's specs are proven on at least six planted faults."""
    planted = Counter(claim.partition("/")[0] for name in exercises.names() for claim in exercises.load(name).breaks)

    assert planted[chapter] >= 6
