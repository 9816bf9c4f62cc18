"""Each script shows a defect of a released package by itself, and still does with the version that is installed."""

from __future__ import annotations

import ast
import os
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from channels_conformance.claims import load
from tests.play import ended
from tests.upstream.conftest import Address

HERE = Path(__file__).parent
SCRIPTS = sorted(path for path in HERE.glob("*.py") if path.stem not in ("conftest", "test_upstream"))
SERVICES = ("redis", "valkey", "nats", "postgres")
DEADLINE = 120  # seconds after which a script has hung


def head(script: Path) -> str:
    """Return what a script says of itself."""
    return ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_says_what_was_expected_and_what_happens(script: Path) -> None:
    """It is ready to be reported: a title of one sentence, the package and its version, both sides of the matter."""
    title, _, rest = head(script).partition("\n\n")

    assert title.endswith(".")
    assert re.match(r"Package: [a-z-]+ [\d.]+(, up to Python 3\.\d+)?\nExpected: .+\nHappens: .+", rest, re.DOTALL)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_still_shows_its_defect(script: Path, address: Address, tmp_path: Path) -> None:
    """With the version that it names it does; where another is installed that has mended it, the skip says so."""
    package, known, newest = re.findall(
        r"^Package: (\S+) ([\d.]+)(?:, up to Python 3\.(\d+))?$", head(script), re.MULTILINE
    )[0]
    if newest and sys.version_info[1] > int(newest):
        pytest.skip(f"Python 3.{sys.version_info[1]} has mended it")
    try:
        installed = version(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed here")
    services = [service for service in SERVICES if service in script.stem.split("_")]
    arguments = [address(service) for service in services[:1]]

    _, told = ended(
        [sys.executable, "-X", "faulthandler", str(script), *arguments],
        deadline=DEADLINE,
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )

    assert re.search(r"^(REPRODUCED|MENDED): .+", told, re.MULTILINE), told
    if mended := re.search(r"^MENDED: .+", told, re.MULTILINE):
        assert installed != known, f"{package} {installed} is said to show it, and does not: {mended[0]}"
        pytest.skip(f"{package} {installed} has mended it: {mended[0]}")


def test_the_deviations_name_scripts_that_exist() -> None:
    """Whoever reads of a deviation finds how to see it, and each script is found from a deviation or is one more."""
    named = {deviation.reproduction for deviation in load().deviations if deviation.reproduction}

    assert named <= {f"tests/upstream/{script.name}" for script in SCRIPTS}
    assert len(named) >= 20
