"""One pytest session that judges a subject: what the plugin registers when specs of ours are asked for.

It selects the specs that the profile's capabilities allow, starts the run before Django is set up, and turns each
test's outcome into a verdict.
"""

from __future__ import annotations

import gc
from argparse import Namespace
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Self, get_args

import pytest

from channels_conformance import claims, drawing, exercises, judging, progress, replay, spec, specfiles
from channels_conformance.claims import Catalogue
from channels_conformance.names import MARK
from channels_conformance.options import OptionError, Options
from channels_conformance.progress import PROPERTY, Progress
from channels_conformance.report import terminal
from channels_conformance.report.comparison import PARAMETERS
from channels_conformance.report.html import ReportError
from channels_conformance.report.verdicts import Outcome, Verdict
from channels_conformance.selection import About, endpoints_for, missing
from channels_conformance.services import browser
from channels_conformance.services.guard import Cleanups, Guard
from channels_conformance.services.processes import ServiceError
from channels_conformance.subject import layers
from channels_conformance.subject.discovery import profile_of
from channels_conformance.subject.facts import databases
from channels_conformance.subject.importing import Import
from channels_conformance.subject.profile import Profile, ProfileError, ServerKind
from channels_conformance.subject.run import Run, SubjectError
from channels_conformance.telling import UNUSABLE, Telling
from channels_conformance.traffic import patience

WRONG = (
    *(OptionError, ReportError, ProfileError, ServiceError, SubjectError, layers.LayerWrong),
    claims.CatalogueError,
)
PATCHED = "_hypothesis_failing_examples"
"""What Hypothesis would make a patch of for the source of a spec, where libcst happens to be installed."""

_about = pytest.StashKey[About]()
_outcome = pytest.StashKey[Outcome]()
_absent = pytest.StashKey[tuple[Verdict, str]]()


class Session:
    """The hooks and fixtures of a session that judges a subject."""

    def __init__(
        self,
        options: Namespace,
        asked: Options,
        profile: Profile,
        run: Run,
        catalogue: Catalogue,
        stored: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.options = options
        self.asked = asked
        self.profile = profile
        self.run = run
        self.catalogue = catalogue
        self.stored = stored  # what is to be played again, by spec; None: nothing, and each spec draws
        self.progress: Progress | None = None  # who tells of it while specs run

    @classmethod
    def begin(cls, options: Namespace, importing: Import, guard: Guard, cleanups: Cleanups) -> Self:
        """Start the run of a subject that is being imported, to be ended by what is handed to ``cleanups``.

        Raises ``pytest.UsageError`` with one sentence where the profile, an option or the subject's settings are wrong.
        """
        try:
            catalogue = claims.load()
            asked = Options.read(options, catalogue)
            profile = asked.served(profile_of(importing))
            for claim_id in profile.known:
                catalogue.claim(claim_id)
            for chapter_id in profile.floor:
                catalogue.chapter(chapter_id)
            stored = replay.stored(Path(options.replay)) if options.replay else None
            run = Run(
                profile,
                importing.folder,
                guard,
                cleanups,
                redis_url=options.redis_url,
                redis_source=options.redis_source,
                database_url=options.database_url,
                allowed=options.allow_host,
                layers=tuple(layer.path for layer in asked.layers),
                forks=not asked.claims,  # a claim or two need too few processes for it
            )
            run.enter()
            layers.check(asked.layers, run)
            profile = run.profile
            for name, reason in run.unserved.items():
                raise ProfileError(f"{profile.root}: [endpoints.{name}]: {reason}")
        except WRONG as error:
            raise pytest.UsageError(str(error)) from None
        patience.deadline = asked.deadline
        drawing.prepare(examples=options.examples, shrinking=asked.shrinking, replaying=stored is not None)
        return cls(options, asked, profile, run, catalogue, stored)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Take specs for tests whatever is configured, and let pytest's temporary folder end with the run's."""
        config.addinivalue_line("python_files", "test_*.py")
        config.option.basetemp = config.option.basetemp or str(self.run.folder / "pytest")

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Have progress and verdict told: by chapters, for where the kit's files lie is of no use to who is judged."""
        progress.begin(self, session.config)
        session.config.pluginmanager.register(Telling(self), "conformance-telling")

    # Selecting

    def pytest_report_header(self) -> list[str]:
        """Say what is judged, and on which Redis."""
        redis = self.run.redis
        line = f"{redis.source}, version {redis.version}" if redis else f"none. {self.run.no_redis}"
        told = [f"subject: {self.profile.root}"]
        if self.profile.discovered:
            found = ", ".join(f"{one.name} ({one.path})" for one in self.profile.endpoints)
            told.append(f"profile: none, and so what can be judged of any app is judged. Endpoints: {found}")
        if self.asked.without:
            told.append(f"left out by --without: {', '.join(self.asked.without)}")
        return [
            *told,
            f"servers: {', '.join(self.profile.servers)}",
            f"redis: {line}",
            f"database: {databases(self.run)}",
        ]

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave a file of specs unread that names no claim which is asked for."""
        if not self.asked.narrowed or not collection_path.match("test_*.py") or not specfiles.is_ours(collection_path):
            return None
        text = collection_path.read_text(encoding="utf-8")
        asked = (claim.id for claim in self.catalogue if self.asked.includes(claim))
        return None if any(f'"{claim_id}"' in text for claim_id in asked) else True

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a spec once for each endpoint, each kind of server and each channel layer that it is about."""
        mark = metafunc.definition.get_closest_marker(MARK)
        if mark is None:
            return
        about = About(**mark.kwargs)
        if "endpoint" in metafunc.fixturenames:
            names = [endpoint.name for endpoint in endpoints_for(about, self.profile)]
            metafunc.parametrize("endpoint", names or [None], ids=names or ["none"], indirect=True, scope="session")
        if "server" in metafunc.fixturenames:
            kinds = sorted(set(self.profile.servers))
            metafunc.parametrize("server", kinds, indirect=True, scope="session")
        if "any_server" in metafunc.fixturenames:
            asked = self.asked.servers or get_args(ServerKind)
            metafunc.parametrize("any_server", asked, indirect=True, scope="session")
        if "layer" in metafunc.fixturenames:
            found = layers.names(self.asked.layers, reference=self.profile.root == exercises.REFERENCE)
            metafunc.parametrize("layer", found or [""], ids=found or ["none"], indirect=True, scope="session")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what was not asked for, and put last what must wait long."""
        kept: list[pytest.Item] = []
        left_out: list[pytest.Item] = []
        for item in items:
            mark = item.get_closest_marker(MARK)
            if mark is None:
                kept.append(item)
                continue
            item.stash[_about] = about = About(**mark.kwargs)
            for claim_id in about.ids:
                if (level := self.catalogue.claim(claim_id).level) != about.level:
                    raise pytest.UsageError(
                        f"{item.nodeid} calls {claim_id} a {about.level}; the catalogue, a {level}."
                    )
            endpoint = item.callspec.params.get("endpoint") if hasattr(item, "callspec") else None
            wanted = self.asked.wants(about, self.catalogue, endpoint)
            wanted = wanted and (self.stored is None or item.nodeid in self.stored)
            (kept if wanted else left_out).append(item)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
        items[:] = sorted(kept, key=lambda item: _about in item.stash and item.stash[_about].last)

    # Running

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a spec that cannot be judged here, with the reason."""
        self.run.begin_spec()
        spec.violated.clear()
        spec.replayed.clear()
        if self.stored:
            spec.replayed.update(self.stored.get(item.nodeid, {}))
        absent = self.absent(item)
        if absent:
            item.stash[_absent] = absent
            pytest.skip(f"{absent[0].value}: {absent[1]}")
        about = item.stash.get(_about, None)
        known = about is not None and all(claim_id in self.profile.known for claim_id in about.ids)
        spec.shrinking = 0 if known else self.asked.shrinking  # nobody needs a smaller stream that shows what is known

    def absent(self, item: pytest.Item) -> tuple[Verdict, str] | None:
        """Return why a spec cannot be judged here; None where it can, and for what is no spec of ours."""
        about = item.stash.get(_about, None)
        if about is None:
            return None
        named = getattr(item, "callspec", None)
        return missing(
            about,
            self.profile,
            named.params.get("endpoint") if named else None,
            no_redis=self.run.no_redis,
            no_browser=browser.lacking,
            postgres=self.run.postgres is not None,
            reference=bool(self.options.fault or self.options.exercise) or self.options.subject == "reference",
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn the outcome of a test into a verdict, and a failure into what a reader can use."""
        vars(item).pop(PATCHED, None)
        report = yield
        about = item.stash.get(_about, None)
        if about is None or (report.when != "call" and report.passed):
            return report
        self.run.bury()
        outcome = self._outcome(item, about, report, call)
        item.stash[_outcome] = outcome
        report.user_properties.append((PROPERTY, outcome.to_data()))
        if outcome.verdict is Verdict.KNOWN:
            report.outcome, report.wasxfail = "skipped", f"known: {outcome.reason}"
        elif call.excinfo and isinstance(call.excinfo.value, spec.NotApplicable):
            report.longrepr = (str(item.path), item.location[1] or 0, f"{outcome.verdict.value}: {outcome.reason}")
        elif call.excinfo and isinstance(call.excinfo.value, ProfileError):
            # It would be the same in every spec that asks for it.
            report.outcome, report.longrepr = "failed", str(call.excinfo.value)
            item.session.shouldstop = str(call.excinfo.value)
            report.user_properties.append((UNUSABLE, str(call.excinfo.value)))
        elif outcome.verdict is Verdict.UNPROVEN and report.passed and self.profile.discovered:
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, outcome.reason)
        elif report.failed or (outcome.verdict is not Verdict.HOLDS and report.passed):
            report.outcome = "failed"
            ours = str(report.longrepr) if call.excinfo and item.config.option.verbose > 0 else ""
            report.longrepr = terminal.failure(outcome, self.catalogue, self.options.lang, traceback=ours)
        return report

    def _outcome(
        self, item: pytest.Item, about: About, report: pytest.TestReport, call: pytest.CallInfo[None]
    ) -> Outcome:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        named = {
            name.removeprefix("any_"): str(params[name]) for name in (*PARAMETERS, "any_server") if params.get(name)
        }
        return judging.outcome(
            item.nodeid,
            about,
            call,
            report,
            absent=item.stash.get(_absent, None),
            run=self.run,
            known=self.profile.known,
            repeat=self.asked.repeat(
                about,
                subject=self.options.subject or ".",
                fault=self.options.fault,
                examples=self.options.examples,
                layer=named.get("layer", ""),
            ),
            parameters=named,
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """Leave what was imported and collected out of every garbage collection from here on: it stays to the end."""
        gc.collect()
        gc.freeze()
