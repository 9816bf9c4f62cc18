"""The GitHub Action is well-formed, uses every input, and its steps do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
ACTION = ROOT / ".github" / "actions" / "conformance" / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CLAIM = "lifecycle/unrouted-path-is-refused"


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    """Read the action."""
    loaded: dict[str, Any] = YAML(typ="safe").load(ACTION)
    return loaded


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """Take the workflow that the README shows."""
    (shown,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "conformance.yml"
    file.write_text(shown)
    return file


def keeps(schema: str, *files: Path) -> None:
    """Hold files against one of GitHub's own schemas."""
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)], check=True
    )


def test_the_action_and_the_workflows_are_well_formed(example: Path) -> None:
    """Each keeps the schema that GitHub publishes for its kind."""
    keeps("github-actions", ACTION)
    keeps("github-workflows", *WORKFLOWS, example)


def test_every_input_is_used_and_every_use_is_an_input(action: dict[str, Any]) -> None:
    """No input is there for nothing, and none is asked for that is not there."""
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text(encoding="utf-8")))

    assert used == set(action["inputs"])
    assert all(one["description"] and "default" in one for one in action["inputs"].values())


def test_the_example_gives_inputs_that_there_are(action: dict[str, Any], example: Path) -> None:
    """The README's workflow calls this action, with inputs that it has."""
    steps = YAML(typ="safe").load(example)["jobs"]["conformance"]["steps"]
    (step,) = (step for step in steps if "conformance" in step["uses"])

    assert str(ACTION.parent.relative_to(ROOT)) in step["uses"]
    assert set(step["with"]) <= set(action["inputs"])


def test_no_script_holds_an_input(action: dict[str, Any]) -> None:
    """Inputs reach scripts as variables, so that none can be taken for a command."""
    assert all("${{" not in step.get("run", "") for step in action["runs"]["steps"])


def test_the_step_that_judges_writes_the_report(action: dict[str, Any], tmp_path: Path) -> None:
    """Run as GitHub would run it, the step judges the project with the options, and its exit code is the run's."""
    (step,) = (step for step in action["runs"]["steps"] if step.get("name") == "Judge the project")
    given = {
        "${{ inputs.path }}": "reference",
        "${{ inputs.options }}": f"--redis-source none --claim {CLAIM}\n--fault no_last_route",
    }
    variables = {
        name: given.get(value, value).replace("${{ runner.temp }}", str(tmp_path))
        for name, value in step["env"].items()
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env=os.environ | variables | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((tmp_path / "conformance.json").read_text())
    assert [claim["verdict"] for chapter in report["chapters"] for claim in chapter["claims"]] == ["violated"]


def test_the_step_that_installs_takes_no_requirements_where_there_are_none(
    action: dict[str, Any], tmp_path: Path
) -> None:
    """An empty input leaves the file out; a name with a space stays one word."""
    (step,) = (step for step in action["runs"]["steps"] if str(step.get("name")).startswith("Install"))
    told = tmp_path / "python"
    told.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    told.chmod(0o755)

    def words(requirements: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "KIT": "/kit", "REQUIREMENTS": requirements},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    bare = ["-m", "pip", "install", "--quiet", "/kit[embedded]"]
    assert words("") == bare
    assert words("our needs.txt") == [*bare, "-r", "our needs.txt"]
