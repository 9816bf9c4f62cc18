"""What a profile says is known to be broken must be broken, is told with the reason, and is never made smaller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels_conformance import exercises
from channels_conformance.names import EXAMPLES
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

CLAIM = "fanout/no-member-left-behind"
KNOWN = f'\n[known]\n"{CLAIM}" = "ticket 123: some windows are closed without a code"\n'
ASKED = ("--claim", CLAIM, "--examples", str(EXAMPLES))


def declared(root: Path) -> Path:
    """Say in the profile of a project that it is known to break the claim; return the project's folder."""
    with (root / "conformance.toml").open("a", encoding="utf-8") as profile:
        profile.write(KNOWN)
    return root


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Give a project that breaks the claim."""
    return exercises.plant(exercises.load("forgets_the_closed_without_a_code"), tmp_path / "planted")


def examples(report: dict[str, Any]) -> int:
    """Return how many streams were played for the specs of a report that found something."""
    return max(int(spec["examples"]) for spec in report["specs"] if spec["verdict"] in ("violated", "known"))


def test_a_known_failure_is_not_shrunk(run: Run, redis: Redis, broken: Path) -> None:
    """It fails no run, and its streams are played as drawn; the same failure that nobody declared is made smaller."""
    undeclared = run("--subject", str(broken), "--redis-url", redis.url, *ASKED)
    known = run("--subject", str(declared(broken)), "--redis-url", redis.url, *ASKED)

    assert (undeclared.verdicts(), undeclared.code) == ({CLAIM: "violated"}, 1), undeclared.output
    assert (known.verdicts(), known.code) == ({CLAIM: "known"}, 0), known.output
    assert "~ known: ticket 123: some windows are closed without a code" in known.output
    assert examples(known.report) <= EXAMPLES < examples(undeclared.report)


def test_a_known_failure_that_fails_no_more_fails_the_run(run: Run, redis: Redis, tmp_path: Path) -> None:
    """Whoever mends what was known is told to take it out of the profile."""
    sound = exercises.plant(exercises.load("no_last_route"), tmp_path / "planted")

    result = run("--subject", str(declared(sound)), "--redis-url", redis.url, *ASKED)

    assert (result.verdicts(), result.code) == ({CLAIM: "holds"}, 1), result.output
    assert f"! The exclusion '{CLAIM}' matched nothing; remove it." in result.output


def test_what_is_known_of_one_claim_excuses_no_other(run: Run, redis: Redis, tmp_path: Path) -> None:
    """Another claim that is violated is violated."""
    root = exercises.plant(exercises.load("no_last_route"), tmp_path / "planted")
    other = "lifecycle/unrouted-path-is-refused"

    result = run("--subject", str(declared(root)), "--redis-url", redis.url, "--claim", other)

    assert (result.verdicts(), result.code) == ({other: "violated"}, 1), result.output
