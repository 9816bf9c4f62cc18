"""Judging mutants of the reference app by the specs: each in a copy, as ``--exercise`` judges a student's."""

from __future__ import annotations

import inspect
import os
import shutil
from collections.abc import Generator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from channels_conformance import claims, spec
from channels_conformance import fixtures as _fixtures  # noqa: F401 -- with it comes most of what children need
from channels_conformance.exercises import REFERENCE
from channels_conformance.history import History
from channels_conformance.names import IMPORTED
from channels_conformance.specfiles import CONFIGURATION, specs_folder
from tests.mutants.forks import Answer, leave
from tests.mutants.mutate import Mutant

DEADLINE = 600  # seconds after which a run has hung

CHAPTERS: dict[str, tuple[str, ...]] = {
    "lessons": ("consumers",),
    "reports": ("celery", "auth", "configuration"),
    "echo": ("lifecycle", "consumers", "routing", "http", "auth", "orm"),
    "documents": ("consumers", "lifecycle", "auth", "fanout", "orm"),
    "notifications": ("lifecycle", "auth", "celery", "consumers", "fanout", "http"),
    "config": ("routing", "lifecycle", "auth", "http", "configuration", "consumers", "installation", "frontend"),
}
"""The chapters that can see what a package does, the likely first. A mutant that survives them counts as surviving."""

LIKELY = ("lifecycle", "fanout", "auth", "orm", "consumers", "celery", "routing", "http")
"""The chapters for all other packages."""

SERVED: dict[str, tuple[str, ...]] = {
    "chat": ("chat",),
    "documents": ("documents",),
    "echo": ("echo", "echo-sync"),
    "notifications": ("notifications",),
    "realtime": ("chat", "notifications"),
    "reports": ("notifications",),
}
"""The endpoints that a package serves. Specs are not run on others, which it cannot change; for the rest, on all."""

ENDPOINTS: dict[str, str] = {
    "documents": """
[endpoints.documents]
path = "/ws/documents/{document}/"
hears = "nobody"
enter = "authenticated"
refusal = "reject"
say = '{"id": "{text}", "revision": 0, "text": "{text}"}'
"""
}
"""What the profile is told besides, of endpoints that the reference app has and its profile leaves out."""

ELSEWHERE = {"server", "extra_server", "bare", "scripted", "any_server", "ways", "subject_idle", "pages", "late_worker"}
"""Fixtures of specs that have processes started. Specs that need none come first."""

HEAVY = (
    *("celery.app.task", "channels.auth", "channels_redis.core", "daphne.server", "django.test.utils"),
    *("pytest_asyncio.plugin", "pytest_django.plugin"),
)
"""What every run imports beside the kit."""

SLOW = {"extra_server", "ways", "subject_idle", "late_worker"}
"""Fixtures of specs that wait long for them."""


class Killer(list[History]):
    """Puts the likely killers first, and ends a run at its first violation, for it stands where these are noted.

    What the run has started, its guard ends, as it does whenever a run is killed.
    """

    def __init__(
        self,
        folder: Path,
        killers: Mapping[str, int],
        chapters: Sequence[str],
        endpoints: Sequence[str],
        *,
        whole: bool,
    ) -> None:
        super().__init__()
        self.folder, self.killers, self.chapters, self.endpoints, self.whole = (
            folder,
            killers,
            chapters,
            endpoints,
            whole,
        )
        self.claim = self.spec = ""

    def append(self, history: History) -> None:
        """Note a violation, and go."""
        self._go()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Go as well where a spec fails without a history that shows it, or has proven nothing."""
        if report.failed:
            self._go()

    def _go(self) -> None:
        leave(self.folder, {"code": 1, "by": self.claim, "spec": self.spec})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None]:
        """Sort what the session has selected."""
        yield
        items[:] = sorted(filter(self._concerned, items), key=self._rank)

    def _concerned(self, item: pytest.Item) -> bool:
        if not self.whole and SLOW & {*getattr(item, "fixturenames", ())}:
            return False
        endpoint = item.callspec.params.get("endpoint") if hasattr(item, "callspec") else None
        return endpoint is None or not self.endpoints or endpoint in self.endpoints

    def _rank(self, item: pytest.Item) -> tuple[int, int, int, int]:
        test: Any = getattr(item, "obj", None)
        inner = getattr(getattr(test, "hypothesis", None), "inner_test", test)
        text = inspect.getsource(inspect.unwrap(inner))
        names = set(getattr(item, "fixturenames", ()))
        mark = item.get_closest_marker("conformance")
        inside = 'over="process"' in text or not names & {"subject", "meeting", *ELSEWHERE}
        late = bool(mark and mark.kwargs["last"]) or bool(names & SLOW)
        drawn = hasattr(test, "hypothesis")
        # What waits for answers fails at once where none come; other specs wait for them in vain before they hold.
        waits = bool(mark and mark.kwargs["evidence"] in ("delivered", "stored"))
        place = 0 if inside and not drawn and not waits else 1 if waits else 2
        return -self.killers.get(item.nodeid, 0), 0 if inside else 1 + late, place, self.chapters.index(_chapter(item))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remember what runs, for when it is violated."""
        self.claim, self.spec = _claim(item), item.nodeid


def _claim(item: pytest.Item) -> str:
    mark = item.get_closest_marker("conformance")
    return str(mark.kwargs["ids"][0]) if mark else ""


def _chapter(item: pytest.Item) -> str:
    return _claim(item).partition("/")[0]


def prepare() -> None:
    """Import what every child needs beside this module's own imports; nothing that needs settings."""
    for name in HEAVY:
        import_module(name)
    # Hypothesis reads all modules of a project for constants to draw. Those of the kit will do, and are read once.
    from hypothesis.internal.conjecture import providers  # not before pytest has loaded the plugin of Hypothesis

    constants = providers._get_local_constants()
    providers._get_local_constants = lambda: constants


def planted(mutant: Mutant, folder: Path) -> Path:
    """Copy the app into a folder with a mutant in it; return where its root is."""
    root = folder / REFERENCE.name
    shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    (root / mutant.file).write_text(mutant.source, encoding="utf-8")
    return root


def judge(
    mutant: Mutant,
    folder: Path,
    *,
    redis_url: str,
    examples: int,
    killers: Mapping[str, int],
    chapters: tuple[str, ...] = (),
    whole: bool = False,
) -> Answer:
    """Plant a mutant in a copy of the app and run the specs until one is violated. To be called in a child.

    Only with ``whole`` are the specs run that wait long.
    """
    package = mutant.file.partition("/")[0]
    asked = chapters or CHAPTERS.get(package, LIKELY)
    root = planted(mutant, folder)
    profile = root / "conformance.toml"
    profile.write_text(profile.read_text(encoding="utf-8") + ENDPOINTS.get(package, ""), encoding="utf-8")
    options = ["-c", str(CONFIGURATION), "-p", "no:cacheprovider", "-p", "no:randomly", "-v"]
    options += ["--rootdir", str(specs_folder().parent), "--exercise", str(root), "--redis-url", redis_url]
    options += ["--examples", str(examples), "--allow-host", urlsplit(redis_url).hostname or ""]
    if not whole and package not in ("realtime", "config"):  # what a server does by itself is no matter of consumers
        options += ["--server", "uvicorn", "--workers", "2"]
    # Named one by one, so that servers and workers are started only when a spec needs them.
    for claim in claims.load():
        if claim.chapter in asked:
            options += ["--claim", claim.id]
    files = [path for chapter in asked for path in sorted(specs_folder().glob(f"test_{chapter}*.py"))]
    # That it can be imported at all, the run itself finds out: a process of its own for that takes as long again.
    os.environ[IMPORTED] = str(os.getppid())
    spec.violated = killer = Killer(folder, killers, asked, SERVED.get(package, ()), whole=whole)
    code = pytest.main([*options, *map(str, files)], plugins=[killer])
    return {"code": int(code), "by": "", "spec": ""}
