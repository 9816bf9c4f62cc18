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
SETTINGS = "config.settings"
DEADLINE = 120  # seconds after which a test has hung


def judge(mutant: Mutant, folder: Path) -> Answer:
    """Plant a mutant in a copy of the app and run its tests; say which failed first. To be called in a child."""
    root = folder / REFERENCE.name
    shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    (root / mutant.file).write_text(mutant.source, encoding="utf-8")
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    first = First()
    options = ["-c", str(TESTS / "pytest.ini"), "-o", f"pythonpath={ROOT} {root}", "-p", "no:cacheprovider"]
    options += ["-p", "no:randomly", "-x", "-q", "--tb=no", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    code = pytest.main([*options, str(TESTS)], plugins=[first])
    return {"code": int(code), "by": first.failed}
