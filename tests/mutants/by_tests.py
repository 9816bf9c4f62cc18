"""Judging mutants of the checks by the tests of the checks."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.forks import Answer
from tests.mutants.mutate import Mutant

ROOT = Path(__file__).parents[2]
PACKAGE = "channels_conformance.checks"
CHECKS = ROOT / "kit" / "channels_conformance" / "checks"
TESTS = ROOT / "tests" / "checks"

DEADLINE = 60  # seconds after which a test has hung
MEMORY = 4 * 2**30

OWN = {
    "consumers": ("test_consumers", "test_lessons"),
    "delivery": ("test_delivery", "test_delivery_order", "test_owed", "test_delivery_styles"),
    "endings": ("test_endings", "test_crashes", "test_close_codes"),
    "finding": ("test_finding", "test_delivery"),
    "intrusion": ("test_intrusion", "test_shut_out"),
    "ledger": ("test_ledger", "test_delivery", "test_owed", "test_delivery_styles"),
    "loop": ("test_loop", "test_database_threads"),
    "servers": ("test_servers", "test_server_http2"),
    "tasks": ("test_tasks", "test_failing_tasks"),
    "threads": ("test_threads", "test_database_threads"),
    "values": ("test_values", "test_grammar"),
}
"""The test files of modules whose name alone does not tell them."""

NEEDLESS = ("django", "channels_conformance", "randomly", "xdist", "anyio", "benchmark", "cacheprovider")
"""Plugins that would import the checks before they are changed, put the tests into another order, or cost time."""


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, and has it run the source of a mutant."""

    def __init__(self, name: str, mutant: Mutant) -> None:
        self.name, self.mutant = name, mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the one module."""
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant."""
        exec(compile(self.mutant.source, str(CHECKS / self.mutant.file), "exec"), vars(module))


class First:
    """Remembers the first test that failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at the report of a test."""
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Look at the report of a file: one that cannot be imported fails as well."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def prepare() -> None:
    """Import what every child needs, and nothing that imports the checks."""
    import hypothesis.strategies  # noqa: F401
    import pytest_asyncio.plugin  # noqa: F401


def judge(mutant: Mutant, folder: Path) -> Answer:
    """Run the tests of the mutant's module, and then all others; say which failed first. To be called in a child."""
    stem = Path(mutant.file).stem
    name = PACKAGE if stem == "__init__" else f"{PACKAGE}.{stem}"
    sys.meta_path.insert(0, Changed(name, mutant))
    own = [path for path in (TESTS / f"{file}.py" for file in OWN.get(stem, (f"test_{stem}",))) if path.is_file()]
    others = [path for path in sorted(TESTS.glob("test_*.py")) if path not in own]
    found: Answer = {"code": 0, "by": ""}
    for files in (own, others):
        if not found["code"]:
            found = run(files, "--rootdir", str(ROOT), without=NEEDLESS)
    return found


def run(files: Iterable[Path], *options: str, without: Iterable[str]) -> Answer:
    """Run tests without some plugins, up to the first that fails; return the exit code, and which that is."""
    first = First()
    words = [*options, "-x", "-q", "--tb=no", *(word for name in without for word in ("-p", f"no:{name}"))]
    words += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of plugins that are there since before the fork
    code = pytest.main([*words, *map(str, files)], plugins=[first])
    return {"code": int(code), "by": first.failed}
