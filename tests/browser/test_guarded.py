"""No browser is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from channels_conformance.services.browser import lacking, start_browser
from channels_conformance.services.guard import FOLDER_PREFIX, Guard
from channels_conformance.services.processes import ServiceError, python_env
from channels_conformance.subject.pages import connected
from tests.browser.conftest import NEEDED
from tests.processes import ENDS_SHOW

pytestmark = pytest.mark.skipif(bool(lacking()) and not NEEDED, reason=lacking() or "there is a browser")

RUN = """
import asyncio, json, pathlib, signal, tempfile
from channels_conformance.services.browser import start_browser
from channels_conformance.services.guard import Guard
from channels_conformance.subject.pages import connected
guard = Guard().start()
folder = pathlib.Path(tempfile.mkdtemp(prefix="channels-conformance-"))
guard.folder(folder)
browser = start_browser(folder=folder, guard=guard)
async def main():
    async with connected(browser) as chromium:
        page = await chromium.new_page()
        await page.goto("data:text/html,hello")
        print(json.dumps([guard._popen.pid, str(folder)]), flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


def working_for(folder: str) -> set[int]:
    """Return the processes that carry a folder in their environment or command."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fsencode(folder) in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
    return found


@ENDS_SHOW
def test_no_browser_outlives_a_run_that_is_killed() -> None:
    """After a SIGKILL the guard ends the browser with all its children, and removes what they kept."""
    run = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, env=python_env())
    assert run.stdout is not None
    guard, folder = json.loads(run.stdout.readline())
    assert len(working_for(folder)) >= 3  # the browser, and what it has started
    descriptor = os.pidfd_open(guard)

    run.kill()
    run.communicate()

    assert select.select([descriptor], [], [], 30)[0], "the guard did not finish"
    os.close(descriptor)
    assert working_for(folder) == set()
    assert not Path(folder).exists()


def test_a_browser_that_ends_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error carries the last lines of the log."""
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'libnss3.so: cannot open shared object file' >&2\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CHANNELS_CONFORMANCE_BROWSER", str(broken))
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard = Guard().start()
    guard.folder(folder)

    with pytest.raises(ServiceError, match=r"^browser ended with status 127 .*libnss3\.so: cannot open shared"):
        start_browser(folder=folder, guard=guard)

    assert guard.close() == []


def test_a_browser_finds_no_way_to_another_host() -> None:
    """Names are not resolved, so that a page which asks for one gets nothing."""
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard = Guard().start()
    guard.folder(folder)
    browser = start_browser(folder=folder, guard=guard)

    async def ask() -> str:
        async with connected(browser) as chromium:
            page = await chromium.new_page()
            asked = "fetch('http://stranger.example/').then(() => 'answered', error => error.message)"
            return str(await page.evaluate(asked))

    assert asyncio.run(ask()) == "Failed to fetch"
    assert guard.close() == []
