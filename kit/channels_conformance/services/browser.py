"""A real browser: Chromium in a process of its own, spoken to through Playwright.

Playwright could start it, and would then be the only one to know of it. Here it is started as every other service is,
so that the guard ends it with all its children, also after a SIGKILL; Playwright connects to it. What the browser
keeps lies in the run's folder.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from channels_conformance.services.guard import FOLDER_PREFIX, MEMORY
from channels_conformance.services.processes import Process, ServiceError, killed_on_error, start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from channels_conformance.services.guard import Guard

COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""What a Chromium may be called on the PATH."""

VARIABLE = "CHANNELS_CONFORMANCE_BROWSER"
"""The environment variable that may name the browser to take."""

DEADLINE = 30.0  # seconds in which a browser must have come up: on a busy machine, it reads 300 MB from the disk

_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",  # a proxy of the environment would be asked in place of the server
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no page shall find its way to any other host
    # It shall ask nobody for anything that no page asks it for.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-breakpad",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    # A window in the background is a window like any other.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-dev-shm-usage",  # containers have little of it
)

_LISTENING = re.compile(r"^DevTools listening on (ws://\S+)", re.MULTILINE)


class NoBrowser(ServiceError):  # noqa: N818 -- what is not there is no error of ours
    """There is no browser to be had here; the message holds the one line that mends it."""


LONGEST_SOCKET = 103
"""The characters that the path of a Unix socket may have on every system: 107 on Linux, 103 on macOS."""


def find() -> str:
    """Return the path of a Chromium; raise :class:`NoBrowser` where there is none, or no Playwright to speak to it.

    It is the one that ``CHANNELS_CONFORMANCE_BROWSER`` names, one on the ``PATH``, or Playwright's own.
    """
    if importlib.util.find_spec("playwright") is None:
        raise NoBrowser("Playwright is not installed: run `pip install 'channels-conformance[browser]'`.")
    if named := os.environ.get(VARIABLE):
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"{VARIABLE} names {named}, which is no program: let it name a Chromium, or unset it.")
        return named
    found = next((path for command in COMMANDS if (path := shutil.which(command))), None) or _playwrights_own()
    if found is None:
        raise NoBrowser("No Chromium is installed: run `playwright install --with-deps chromium`.")
    return found


def lacking() -> str:
    """Return why there is no browser, with the one line that mends it; nothing where there is one."""
    try:
        find()
    except NoBrowser as reason:
        return str(reason)
    return ""


def start_browser(*, folder: Path, guard: Guard, name: str = "browser", deadline: float = DEADLINE) -> Browser:
    """Start a Chromium and return it when it can be spoken to; its log is ``folder/NAME.log``.

    Raises :class:`NoBrowser` where there is none, and :class:`ServiceError`, with the last lines of the log, where it
    ends or does not come up within ``deadline`` seconds.
    """
    program = find()
    home = folder / name
    home.mkdir()
    command = [program, *_FLAGS, f"--user-data-dir={home}", "--remote-debugging-port=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")  # root may not have one
    process = start(
        [*command, "about:blank"],
        env=_environment(home, _temporary(home, guard)),
        log=folder / f"{name}.log",
        guard=guard,
        name=name,
    )
    with killed_on_error(process):
        return Browser(process, _address(process, deadline=deadline))


class Browser:
    """A Chromium that runs."""

    def __init__(self, process: Process, address: str) -> None:
        self.process = process
        self.address = address
        """The ``ws://`` URL that Playwright connects to."""

    def kill(self) -> None:
        """End it with all its children."""
        self.process.kill()


def _temporary(home: Path, guard: Guard) -> Path:
    """Return a folder for the socket of Chromium: the run's, or one of its own where that has too long a name."""
    if len(str(home)) + len("/.org.chromium.Chromium.XXXXXX/SingletonSocket") <= LONGEST_SOCKET:
        return home
    place = MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else "/tmp"  # noqa: S108 - only mkdtemp makes folders there
    short = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=place))
    guard.folder(short)
    return short


def _environment(home: Path, temporary: Path) -> Mapping[str, str]:
    # Whatever it keeps beside its profile, and its fonts' cache, goes into the run's folder as well.
    kept = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    return os.environ | kept | {"TMPDIR": str(temporary)}


def _address(process: Process, *, deadline: float) -> str:
    until, pause = time.monotonic() + deadline, threading.Event()
    while time.monotonic() < until:
        if found := _LISTENING.search(process.log_text()):
            return found[1]
        if (status := process.wait(0)) is not None:
            raise ServiceError(
                f"{process.name} ended with status {status} before it could be spoken to: {process.last_words()}. "
                f"See {process.log}."
            )
        pause.wait(0.02)  # it tells by a line in its log, and there is nothing else to wait on
    raise ServiceError(
        f"{process.name} did not come up within {deadline:g} s: {process.last_words()}. See {process.log}."
    )


def _playwrights_own() -> str | None:
    kept = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or str(
        Path.home() / _CACHES.get(sys.platform, ".cache/ms-playwright")
    )
    programs = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*")
    found = [path for program in programs for path in sorted(Path(kept).glob(f"chromium-*/{program}"))]
    return str(found[-1]) if found else None


_CACHES = {"darwin": "Library/Caches/ms-playwright"}
