"""The kit judges projects that it knows nothing of: other people's, each in a style of its own.

``tests/plugged`` holds them, and beside each, in a folder that ends in ``.defects``, what could be wrong with it.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from channels_conformance import exercises
from channels_conformance.services.redis import Redis
from tests.whole.conftest import Run

PLUGGED = Path(__file__).parents[1] / "plugged"
PROJECTS = sorted(profile.parent.name for profile in PLUGGED.glob("*/conformance.toml"))
DEFECTS = [(project, name) for project in PROJECTS for name in exercises.names(faults=PLUGGED / f"{project}.defects")]
WITNESSES = ("lifecycle/connect-is-answered-in-time", "lifecycle/one-instance-per-connection")
"""Claims that every project keeps, with a defect or without."""

NEEDS = {"kanban": "djangochannelsrestframework", "ledger": "psycopg"}
"""What a project cannot be loaded without, and does not come with the kit."""


def missing(project: str) -> None:
    """Skip a test of a project that cannot be loaded here."""
    if (module := NEEDS.get(project)) and importlib.util.find_spec(module) is None:
        pytest.skip(f"{project} needs {module}, which is in the dependency group tests")
    if module == "psycopg" and not (shutil.which("postgres") or [*Path("/usr/lib/postgresql").glob("*/bin/postgres")]):
        pytest.skip(f"{project} needs PostgreSQL, which is not installed here")


@pytest.mark.parametrize("project", PROJECTS)
def test_a_correct_project_keeps_every_claim(project: str, run: Run, redis: Redis) -> None:
    """A project that does nothing wrong is found to do nothing wrong, and nothing is left unjudged."""
    missing(project)

    result = run("--subject", str(PLUGGED / project), "--redis-url", redis.url, "--examples", "3")

    verdicts = result.verdicts()
    wrong = {claim: verdict for claim, verdict in verdicts.items() if verdict in ("violated", "unproven")}
    assert (wrong, result.code) == ({}, 0), result.output
    assert list(verdicts.values()).count("holds") >= 25


@pytest.mark.parametrize(("project", "name"), DEFECTS, ids=["-".join(pair) for pair in DEFECTS])
def test_a_defect_is_found_and_is_the_projects_own(
    project: str, name: str, run: Run, redis: Redis, tmp_path: Path
) -> None:
    """Every claim that a defect breaks is violated, for that reason alone, and the project is to blame."""
    missing(project)
    defect = exercises.load(name, faults=PLUGGED / f"{project}.defects")
    root = exercises.plant(defect, tmp_path, app=PLUGGED / project)
    claims = [word for claim in (*defect.breaks, *WITNESSES) for word in ("--claim", claim)]

    result = run("--subject", str(root), "--redis-url", redis.url, "--examples", "8", *claims)

    broken, kept = dict.fromkeys(defect.breaks, "violated"), dict.fromkeys(WITNESSES, "holds")
    judged = {claim: verdict for claim, verdict in result.verdicts().items() if claim in broken | kept}
    assert judged == broken | kept, result.output
    violated = [spec for spec in result.report["specs"] if spec["verdict"] == "violated"]
    assert {finding["blame"] for spec in violated for finding in spec["findings"]} == {"app"}
    assert result.code == 1


def test_every_project_has_a_defect() -> None:
    """A project on which nothing could be found would prove nothing."""
    assert {project for project, _ in DEFECTS} == set(PROJECTS)
