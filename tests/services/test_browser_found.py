"""Which browser is taken, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels_conformance.services import browser
from channels_conformance.services.browser import NoBrowser, find, lacking


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Be on a machine with Playwright and without any browser."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "own"))
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    return tmp_path


def program(path: Path) -> Path:
    """Make something that may be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\nexit 3\n")
    path.chmod(0o755)
    return path


def test_without_playwright_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra of the kit."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    assert lacking() == "Playwright is not installed: run `pip install 'channels-conformance[browser]'`."


def test_without_a_browser_one_line_says_how_to_get_one(nothing: Path) -> None:
    """Playwright brings one, with what it needs."""
    with pytest.raises(NoBrowser, match=r"^No Chromium is installed: run `playwright install --with-deps chromium`\.$"):
        find()


def test_one_on_the_path_is_taken_before_playwrights_own(nothing: Path) -> None:
    """And the one that is named before both."""
    own = program(nothing / "own" / "chromium-1200" / "chrome-linux64" / "chrome")
    assert find() == str(own)

    on_the_path = program(nothing / "chromium")
    assert find() == str(on_the_path)
    assert lacking() == ""


def test_a_browser_that_is_named_must_be_one(nothing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be run is told by its name."""
    named = program(nothing / "mine")
    monkeypatch.setenv(browser.VARIABLE, str(named))
    assert find() == str(named)

    monkeypatch.setenv(browser.VARIABLE, str(nothing / "no-such-program"))
    with pytest.raises(NoBrowser, match=r"^CHANNELS_CONFORMANCE_BROWSER names .*/no-such-program, which is no program"):
        find()
