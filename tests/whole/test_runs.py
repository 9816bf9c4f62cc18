"""What a run says, and with which exit code, where not everything can be judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

QUICK = "lifecycle/unrouted-path-is-refused"


def test_a_narrowed_run_counts_only_what_it_was_asked_for(run: Run, redis: Redis) -> None:
    """With --claim, only that claim is judged, counted and demanded."""
    result = run("--subject", "reference", "--claim", QUICK, "--redis-url", redis.url)

    assert result.code == 0
    assert result.verdicts() == {QUICK: "holds"}
    assert "1 claim applicable, 1 judged" in result.output


def test_without_redis_the_rest_is_judged_and_the_exit_code_tells(run: Run) -> None:
    """Without a Redis, what needs none is judged, the rest is unproven with what mends it, and the code is 6."""
    result = run(
        "--subject",
        "reference",
        "--redis-source",
        "none",
        "--claim",
        QUICK,
        "--claim",
        "fanout/exactly-once-across-workers",
    )

    assert result.code == 6
    assert result.verdicts() == {QUICK: "holds", "fanout/exactly-once-across-workers": "unproven"}
    assert "no Redis was found" in result.output


def test_a_failure_tells_all_that_is_needed_to_see_it(run: Run, redis: Redis) -> None:
    """A failing spec prints its claim, finding, transcript, minimal stream and the command that repeats it."""
    claim = "fanout/no-member-left-behind"

    result = run(
        "--subject", "reference", "--fault", "forgets_group_discard", "--claim", claim, "--redis-url", redis.url
    )

    assert result.code == 1
    assert f"x {claim} (must)" in result.output
    assert "leaked: the group 'chat." in result.output
    assert "still a member" in result.output
    assert f"--claim {claim}" in result.output
    assert "--fault forgets_group_discard" in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--claim", "fanout/exactly-onec"), "There is no claim 'fanout/exactly-onec'"),
        (("--chapter", "lifecycel"), "There is no chapter 'lifecycel'"),
        (("--fault", "forgets_group_discart"), 'there is no fault "forgets_group_discart": did you mean'),
        (("--redis-url", "redis://127.0.0.1:1/0"), "No Redis answers at redis://127.0.0.1:1/0"),
        (("--redis-url", "redis://10.1.2.3:6379/0"), "--allow-host 10.1.2.3"),
    ],
)
def test_a_wrong_option_gets_one_sentence(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    """What is asked for and does not exist is named, with what to write instead, and no traceback."""
    result = run("--subject", "reference", *arguments)

    assert result.code == 4
    assert sentence in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("profile", "sentence"),
    [
        ('settings = "config.settings"\nserver = ["daphne"]\n', 'there is no key "server": did you mean "servers"?'),
        ('settings = "no_such_module.settings"\n', "no_such_module"),
    ],
)
def test_a_wrong_profile_gets_one_sentence(run: Run, tmp_path: Path, profile: str, sentence: str) -> None:
    """A profile with a typo, or with settings that do not import, is named, and no traceback of ours is shown."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "conformance.toml").write_text(profile)

    result = run(cwd=project)

    assert result.code == 4
    assert sentence in result.output
    assert "Traceback" not in result.output
