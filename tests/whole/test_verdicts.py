"""Verdicts do not depend on how specs are run, and what breaks a claim is shown small."""

from __future__ import annotations

import pytest

from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [("-n", "2"), ("-p", "randomly", "-p", "no:xdist"), ("-p", "no:randomly", "-p", "no:xdist")],
    ids=["in parallel", "in random order", "in order"],
)
def test_verdicts_are_the_same_however_specs_are_run(arguments: tuple[str, ...], run: Run, redis: Redis) -> None:
    """In parallel, in random order and in order, every claim holds, or a server or a layer is known not to hold it."""
    apart = ("--without", "servers", "--without", "frontend")
    result = run("--subject", "reference", *apart, "--redis-url", redis.url, *arguments)

    verdicts = result.verdicts()
    assert verdicts.pop("orm/connections-return-to-baseline") == "not applicable"  # it is on SQLite
    known = {claim for claim, verdict in verdicts.items() if verdict == "known"}
    assert set(verdicts.values()) == {"holds", "known"}
    assert known == {
        "layer/capacities-by-channel-can-be-set",
        "layer/expired-message-is-not-delivered",
        "layer/invalid-names-are-refused",
        "layer/look-alike-names-are-refused",
        "layer/members-share-no-message",
        "layer/membership-expires",
        "layer/names-of-a-hundred-are-taken",
        "layer/new-channels-have-names-of-their-own",
        "layer/nothing-is-kept-of-a-lone-reader",
        "layer/who-stops-waiting-loses-nothing",
        "lifecycle/disconnect-tells-the-code",
        "lifecycle/empty-frames-arrive",
        "lifecycle/server-shutdown-ends-connections",
    }
    assert result.code == 0
    assert "left out by --without: servers, frontend" in result.output


@pytest.mark.parametrize(
    ("fault", "claim"),
    [
        ("forgets_the_closed_without_a_code", "fanout/no-member-left-behind"),
        ("collects_answers_on_the_class", "lifecycle/no-state-is-shared"),
        ("takes_empty_for_missing", "lifecycle/text-stays-text-and-binary-stays-binary"),
    ],
)
def test_the_stream_that_breaks_a_claim_is_short(fault: str, claim: str, run: Run, redis: Redis) -> None:
    """What Hypothesis found is shrunk to a stream of at most five steps, and printed as a script."""
    result = run("--subject", "reference", "--fault", fault, "--claim", claim, "--redis-url", redis.url)

    scripts = [spec["script"] for spec in result.report["specs"] if spec["verdict"] == "violated" and spec["script"]]
    assert scripts, result.output
    assert min(len(script) for script in scripts) <= 5
    assert scripts[0][0] in result.output
