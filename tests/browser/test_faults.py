"""Each fault that is planted in the page is caught in a browser by the specs of the claims that it breaks."""

from __future__ import annotations

import pytest

from channels_conformance import exercises
from channels_conformance.services.browser import lacking
from channels_conformance.services.redis import Redis
from tests.browser.conftest import NEEDED
from tests.whole.conftest import Run

CHAPTER = "frontend"

pytestmark = pytest.mark.skipif(bool(lacking()) and not NEEDED, reason=lacking() or "there is a browser")

FAULTS = {name: exercises.load(name).breaks for name in exercises.names()}
IN_PAGES = {name: [claim for claim in breaks if claim.startswith(f"{CHAPTER}/")] for name, breaks in FAULTS.items()}


@pytest.mark.parametrize("name", [name for name, claims in IN_PAGES.items() if claims])
def test_a_fault_of_a_page_is_killed(name: str, run: Run, redis: Redis) -> None:
    """Every claim on the page that a fault breaks is violated where it is planted, and the run fails."""
    claims = [word for claim in IN_PAGES[name] for word in ("--claim", claim)]

    result = run("--subject", "reference", "--fault", name, "--redis-url", redis.url, *claims)

    verdicts = result.verdicts()
    assert {claim: verdicts.get(claim) for claim in IN_PAGES[name]} == dict.fromkeys(IN_PAGES[name], "violated")
    assert result.code == 1


def test_without_a_browser_a_page_is_unproven(run: Run, redis: Redis) -> None:
    """The run says so, with the one line that mends it, and by its exit code."""
    env = {"CHANNELS_CONFORMANCE_BROWSER": "/no/such/browser"}
    claim = "frontend/text-stays-text"

    result = run("--subject", "reference", "--redis-url", redis.url, "--claim", claim, env=env)

    assert (result.code, result.verdicts()) == (6, {claim: "unproven"})
    assert "no browser was found. CHANNELS_CONFORMANCE_BROWSER names /no/such/browser" in result.output
