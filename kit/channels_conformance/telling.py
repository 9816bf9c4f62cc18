"""The verdict of a session: its outcomes weighed, written and printed, and the exit code that tells of them.

A run that judged little is not green.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from channels_conformance.names import FORMATS
from channels_conformance.progress import PROPERTY
from channels_conformance.report import files, terminal
from channels_conformance.report.verdicts import Outcome, Summary, Verdict
from channels_conformance.subject.facts import facts

if TYPE_CHECKING:
    from channels_conformance.session import Session

UNUSABLE = "channels-conformance-unusable"
"""The property of a test that found out why the profile or its hooks cannot be used."""


class Telling:
    """The hooks that keep what became of each spec, also in other xdist processes, and tell of it in the end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._outcomes: list[Outcome] = []
        self._summary: Summary | None = None
        self._unusable = ""  # why the profile or its hooks cannot be used, as only a spec found out
        self._failed = False  # for another reason than violated claims

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcomes, also those of other xdist processes."""
        found = [cast("dict[str, Any]", data) for name, data in report.user_properties if name == PROPERTY]
        outcomes = [Outcome.from_data(data) for data in found]
        self._outcomes += outcomes
        self._failed |= report.failed and not any(outcome.verdict is Verdict.VIOLATED for outcome in outcomes)
        self._unusable += "".join(str(why) for name, why in report.user_properties if name == UNUSABLE)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Weigh the outcomes, and let the exit code tell of them."""
        if hasattr(session.config, "workerinput"):
            return
        if self._unusable:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        if int(exitstatus) in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            summary = self._summary = self._weighed()
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if self._failed else summary.exit_code
            options = self._session.options
            named = {name: path for name in FORMATS if (path := getattr(options, f"conformance_{name}"))}
            files.write(summary, self._session.catalogue, named, options.lang)

    def _weighed(self) -> Summary:
        asked, catalogue, profile = self._session.asked, self._session.catalogue, self._session.profile
        return Summary.of(
            self._outcomes,
            catalogue,
            facts(self._session.run),
            asked.told(catalogue),
            claims=asked.shown(catalogue, self._outcomes),
            claimed=profile.chapters | set(asked.chapters),
            floor={} if asked.thinned else profile.floor,
            stale_exclusions=asked.exclusions(profile.known, self._outcomes),
            fail_on=asked.fail_on,
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict."""
        if self._summary is not None:
            terminalreporter.section("conformance")
            for line in terminal.lines(self._summary, self._session.options.lang):
                terminalreporter.write_line(line)
            for line in files.remarks(self._summary):
                terminalreporter.write_line(line)
