"""The command and pytest take the same options, and mean the same by them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from channels_conformance.services.redis import Redis
from tests.play import ended
from tests.whole.conftest import DEADLINE, WITHOUT_REDIS, Run

SHOULD = "lifecycle/unrouted-path-is-refused"
MUST = "lifecycle/connect-is-answered-in-time"
PLUGGED = Path(__file__).parents[1] / "plugged"
BROKEN = ("--subject", "reference", "--fault", "no_last_route", "--claim", SHOULD)


def test_a_level_leaves_lesser_claims_out(run: Run, redis: Redis) -> None:
    """With --level must, a should is neither judged nor counted."""
    asked = ("--claim", SHOULD, "--claim", MUST, "--level", "must")

    result = run("--subject", "reference", "--redis-url", redis.url, *asked)

    assert (result.verdicts(), result.code) == ({MUST: "holds"}, 0), result.output


@pytest.mark.parametrize(("fail_on", "code"), [((), 1), (("--fail-on", "should"), 1), (("--fail-on", "must"), 0)])
def test_what_fails_a_run_can_be_chosen(fail_on: tuple[str, ...], code: int, run: Run, redis: Redis) -> None:
    """A violated should is told in any case, and fails the run unless only a must is to."""
    result = run(*BROKEN, "--redis-url", redis.url, *fail_on)

    assert result.verdicts() == {SHOULD: "violated"}
    assert (result.code, result.report["exit_code"]) == (code, code)
    assert f"x violated: {SHOULD} (should)" in result.output
    assert ("None of those violated is of a level that fails the run" in result.output) is (code == 0)


def test_an_answer_is_waited_for_as_long_as_asked(run: Run) -> None:
    """The record tells how long it was, and the command that repeats it waits as long again."""
    asked = ("--subject", "reference", "--fault", "forgets_the_else", "--claim", MUST, "--deadline", "1.25")

    result = run(*asked, *WITHOUT_REDIS)

    assert (result.verdicts(), result.code) == ({MUST: "violated"}, 1), result.output
    assert "no answer within 1.25 s" in result.output
    assert f"--claim {MUST} --fault forgets_the_else --deadline 1.25" in result.output


def test_a_violated_must_fails_the_run_in_any_case(run: Run, redis: Redis) -> None:
    """Nothing lets a violated must pass."""
    claim = "fanout/no-member-left-behind"
    asked = ("--subject", "reference", "--fault", "forgets_group_discard", "--claim", claim)

    result = run(*asked, "--redis-url", redis.url, "--fail-on", "must")

    assert (result.verdicts(), result.code) == ({claim: "violated"}, 1), result.output


def test_fewer_specs_than_a_profile_records_are_not_green(run: Run, redis: Redis, tmp_path: Path) -> None:
    """Every claim of the chapter holds, and yet something is missing; a misspelt chapter is refused."""
    app = shutil.copytree(PLUGGED / "arcade", tmp_path / "arcade")
    profile = app / "conformance.toml"
    written = profile.read_text(encoding="utf-8")
    asked = ("--subject", str(app), "--redis-url", redis.url, "--chapter", "configuration")

    profile.write_text(f"{written}\n[floor]\nconfiguration = 1\nfanout = 999\n", encoding="utf-8")
    green = run(*asked)
    profile.write_text(f"{written}\n[floor]\nconfiguration = 99\n", encoding="utf-8")
    red = run(*asked)
    profile.write_text(f"{written}\n[floor]\nconfiguraton = 1\n", encoding="utf-8")
    misspelt = run(*asked)

    assert green.code == 0, green.output
    assert red.code == 1, red.output
    assert "specs of configuration ran, the number recorded for this subject" in red.output
    assert misspelt.code == 4
    assert "'configuraton'; did you mean 'configuration'" in misspelt.output


def test_servers_and_workers_can_be_chosen(run: Run, redis: Redis) -> None:
    """What the profile says of servers gives way to what is asked for."""
    asked = ("--server", "uvicorn", "--workers", "3", "--claim", MUST)

    result = run("--subject", "reference", "--redis-url", redis.url, *asked)

    assert (result.verdicts(), result.code) == ({MUST: "holds"}, 0), result.output
    servers = ", ".join(result.report["facts"]["servers"])
    assert "uvicorn" in servers
    assert "daphne" not in servers


def test_specs_that_nothing_matches_are_no_green_run(run: Run) -> None:
    """A -k that leaves no spec fails the run."""
    result = run("--subject", "reference", *WITHOUT_REDIS, "-k", "no_spec_is_called_that")

    assert result.code == 1
    assert "No spec ran." in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--level", "mst"), "--level mst is no level: write --level must or --level should or --level info."),
        (("--fail-on", "info"), "--fail-on info is no level: write --fail-on must or --fail-on should."),
        (("--server", "gunicorn"), "--server gunicorn is no server of ours"),
        (("--workers", "none"), "--workers none is no number of processes"),
        (("--workers", "1"), "--workers 1 leaves no process for uvicorn"),
        (("--level", "must", "--claim", SHOULD), "No claim is left by"),
    ],
)
@pytest.mark.parametrize("face", ["the command", "pytest"])
def test_a_wrong_option_gets_one_sentence(
    face: str, arguments: tuple[str, ...], sentence: str, run: Run, tmp_path: Path
) -> None:
    """Both faces say the same of it, with the same exit code and no traceback."""
    if face == "the command":
        result = run("--subject", "reference", *arguments)
        code, output = result.code, result.output
    else:
        code, output = _pytest(tmp_path, str(ROOT / "specs"), "--subject", "reference", *arguments)

    assert code == 4
    assert f"ERROR: {sentence}" in output
    assert "Traceback" not in output


ROOT = Path(__file__).parents[2]
ASKED = ("--subject", "reference", *WITHOUT_REDIS, "--claim", SHOULD, "-p", "no:cacheprovider")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Make what a wheel installs: the package, with the specs in it."""
    site = tmp_path / "site"
    package = shutil.copytree(ROOT / "kit" / "channels_conformance", site / "channels_conformance")
    shutil.copytree(ROOT / "specs", package / "specs")
    return site


@pytest.mark.parametrize("parallel", [(), ("-n", "2")], ids=["alone", "xdist"])
@pytest.mark.parametrize("spec", ["", ".test_lifecycle", ".test_lifecycle::test_an_unrouted_path_is_refused"])
def test_pytest_judges_by_the_specs_of_the_package(
    spec: str, parallel: tuple[str, ...], installed: Path, tmp_path: Path
) -> None:
    """Named as a package, the specs do what the command does, whatever pytest is configured to take for tests."""
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = tests.py\n")
    named = ("--pyargs", f"channels_conformance.specs{spec}")

    code, output = _pytest(tmp_path, *named, *ASKED, *parallel, path=installed)

    assert "1 claim applicable, 1 judged: 1 hold" in output
    assert code == 0


def test_specs_of_a_clone_are_judged_from_the_clone() -> None:
    """In a clone whose kit is the one installed, the specs are named by their folder."""
    code, output = _pytest(ROOT, "specs", *ASKED)

    assert "1 claim applicable, 1 judged: 1 hold" in output
    assert code == 0


def test_specs_of_another_kit_say_what_to_type(installed: Path) -> None:
    """In a clone whose kit is not the one installed, one sentence says what to type."""
    code, output = _pytest(ROOT, "specs", *ASKED, path=installed)

    assert code == 4
    assert "specs is not of the kit that is installed here. Type `pip install -e .` where it is" in output
    assert "Traceback" not in output


def _pytest(folder: Path, *arguments: str, path: Path = ROOT / "kit") -> tuple[int, str]:
    environment = os.environ | {"COLUMNS": "160", "PYTHONPATH": str(path), "PYTEST_ADDOPTS": "-p no:randomly"}
    return ended([sys.executable, "-m", "pytest", *arguments], deadline=DEADLINE, cwd=folder, env=environment)
