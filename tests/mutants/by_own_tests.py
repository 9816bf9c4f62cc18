"""Judging mutants of the reference app that no spec notices by its own tests: they know its frames word by word."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from channels_conformance.exercises import REFERENCE
from tests.mutants.by_tests import ROOT, First
from tests.mutants.forks import Answer
from tests.mutants.mutate import Mutant

TESTS = ROOT / "tests" / "reference"
NEEDLESS = ("hypothesispytest", "channels_conformance", "randomly", "xdist", "cacheprovider")
"""Plugins that nothing here needs, and the first of which minds what the parent of all children has imported."""

SETTINGS = "config.settings"
DEADLINE = 120  # seconds after which a test has hung


def judge(mutant: Mutant, folder: Path) -> Answer:
    """Plant a mutant in a copy of the app and run its tests; say which failed first. To be called in a child."""
    root = folder / REFERENCE.name
    shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    (root / mutant.file).write_text(mutant.source, encoding="utf-8")
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    first = First()
    options = ["-c", str(TESTS / "pytest.ini"), "-o", f"pythonpath={ROOT} {root}", "-x", "-q", "--tb=no"]
    options += [option for name in NEEDLESS for option in ("-p", f"no:{name}")]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of plugins that are there since before the fork
    code = pytest.main([*options, str(TESTS)], plugins=[first])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
        raise RuntimeError(f"the tests of the app could not be run: exit code {code}")
    return {"code": int(code), "by": first.failed}
