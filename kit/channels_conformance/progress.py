"""What is told while specs run: a live line on a terminal, a line a chapter anywhere else, nothing with ``-q``.

With ``-v`` pytest tells of each spec by itself, and this keeps silent.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from channels_conformance.report.verdicts import Verdict

if TYPE_CHECKING:
    from channels_conformance.session import Session

PROPERTY = "channels-conformance"
_FILE = re.compile(r"test_([a-z]+)[a-z_]*\.py::")  # the file of a chapter, or of a part of one
CLEAR = "\r\x1b[2K"
WIDTH = 100


@dataclass(kw_only=True)
class Progress:
    """The hooks that tell of progress. ``write`` takes text as it is, ``live`` is whether it goes to a terminal."""

    write: Callable[[str], object]
    live: bool
    clock: Callable[[], float] = time.monotonic
    left: Counter[str] = field(default_factory=Counter)  # specs that have not run yet, by chapter
    done: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)  # violated, by chapter
    doing: str = ""
    began: float = 0.0

    def expect(self, chapters: Counter[str]) -> None:
        """Note how many specs each chapter has."""
        self.left, self.began = Counter(chapters), self.clock()

    def waits(self, what: str) -> None:
        """Say what takes long now, in words that go behind "waiting for"."""
        self.doing = f"waiting for {what}"
        if self.live:
            self._draw()
        else:
            self.write(f"{self.doing}\n")

    def ran(self, chapter: str, verdict: Verdict) -> None:
        """Note that a spec of a chapter has run."""
        self.doing = ""
        self.done[chapter] += 1
        self.left[chapter] = max(self.left[chapter] - 1, 0)
        self.found[chapter] += verdict is Verdict.VIOLATED
        if self.live:
            self._draw(chapter)
        elif not self.left[chapter]:
            count = self.done[chapter]
            told = f"{count} spec{'' if count == 1 else 's'}, {self.found[chapter]} violated"
            self.write(f"{chapter}: {told}\n")

    def end(self) -> None:
        """Take the live line away."""
        if self.live:
            self.write(CLEAR)

    def line(self, chapter: str = "") -> str:
        """Return the live line: where the run is, what is left, what was found, and how long it may take yet."""
        done, left = self.done.total(), self.left.total()
        parts = [self.doing or chapter or "starting", f"{done} of {done + left} specs"]
        if violated := self.found.total():
            parts.append(f"{violated} violated")
        if done and left:
            parts.append(f"about {(self.clock() - self.began) / done * left:.0f} s left")
        return " · ".join(parts)[:WIDTH]

    def _draw(self, chapter: str = "") -> None:
        if self.live:
            self.write(f"{CLEAR}{self.line(chapter)}")

    # Hooks

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the specs that will run."""
        marks = (item.get_closest_marker("conformance") for item in session.items)
        self.expect(Counter(_chapter(mark.kwargs["ids"]) for mark in marks if mark))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Count the specs that other processes will run: all of them have collected the same."""
        if not (self.left or self.done):
            self.expect(Counter(found[1] for name in ids if (found := _FILE.search(name))))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell of a spec that has run."""
        for name, value in report.user_properties:
            if name == PROPERTY:
                data = cast("dict[str, Any]", value)
                self.ran(_chapter(data["claims"]), Verdict(data["verdict"]))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, Any]:
        """Keep pytest's own letters back: this tells instead."""
        category, letter, word = yield
        ours = any(name == PROPERTY for name, _ in report.user_properties)
        return (category, "", "") if ours else (category, letter, word)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Take the live line away before the failures are told."""
        self.end()


def begin(session: Session, config: pytest.Config) -> None:
    """Have a session's progress told, where pytest itself is neither asked for more nor for nothing."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput") or config.get_verbosity() > 0:
        return
    reporter.showfspath = False
    quiet = config.get_verbosity() < 0
    writer = config.get_terminal_writer()
    live = not quiet and bool(reporter.isatty)

    capture = config.pluginmanager.get_plugin("capturemanager")

    def write(text: str) -> None:
        # While a spec is set up, what goes to the terminal would be taken for what the spec prints.
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            if not quiet:
                writer.write(text, flush=True)

    session.progress = Progress(write=write, live=live)
    config.pluginmanager.register(session.progress, "conformance-progress")


def _chapter(ids: tuple[str, ...] | list[str]) -> str:
    return ids[0].partition("/")[0]
