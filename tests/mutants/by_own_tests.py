"""Judging mutants of the reference app that no spec notices by its own tests: they know its frames word by word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.mutants.by_specs import planted
from tests.mutants.by_tests import ROOT, run
from tests.mutants.forks import Answer
from tests.mutants.mutate import Mutant

TESTS = ROOT / "tests" / "reference"
NEEDLESS = ("hypothesispytest", "channels_conformance", "randomly", "xdist", "cacheprovider")
"""Plugins that nothing here needs, and the first of which minds what the parent of all children has imported."""

SETTINGS = "config.settings"
DEADLINE = 120  # seconds after which a test has hung


def judge(mutant: Mutant, folder: Path) -> Answer:
    """Plant a mutant in a copy of the app and run its tests; say which failed first. To be called in a child."""
    root = planted(mutant, folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    options = ("-c", str(TESTS / "pytest.ini"), "-o", f"pythonpath={ROOT} {root}")
    found = run([TESTS], *options, without=NEEDLESS)
    if found["code"] not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
        raise RuntimeError(f"the tests of the app could not be run: exit code {found['code']}")
    return found
