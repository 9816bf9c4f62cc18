"""The report's page in a real browser, from disk: written without a run, and opened with an eye on what it asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from channels_conformance import claims
from channels_conformance.report import html
from tests.report import written

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

LAYERS = (
    "channels.layers.InMemoryChannelLayer",
    "channels_redis.core.RedisChannelLayer",
    "channels_redis.pubsub.RedisPubSubChannelLayer",
)


@dataclass
class Sheet:
    """A page of a report, what went wrong in it, and what it asked for."""

    page: Page
    url: str
    report: dict[str, Any]
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


Show = Callable[..., Awaitable[Sheet]]


@pytest.fixture(scope="session")
def reports() -> dict[str, list[dict[str, Any]]]:
    """Return what pages are made of: a run that found something, runs side by side, and a long history."""
    catalogue = claims.load()
    servers = written.compared(catalogue, "server", ("daphne", "granian", "hypercorn", "uvicorn"), "servers")
    return {
        "hostile": [written.hostile(catalogue)],
        "merged": [servers, written.compared(catalogue, "layer", LAYERS, "layer")],
        "long": [written.large(catalogue, claims=20, transcripts=1, events=500)],
    }


@pytest_asyncio.fixture(loop_scope="session")
async def show(chromium: Browser, tmp_path: Path, reports: dict[str, list[dict[str, Any]]]) -> AsyncIterator[Show]:
    """Give a way to open the page of a report in a window of its own."""
    contexts = []

    async def show(name: str = "hostile", **options: Any) -> Sheet:
        path = tmp_path / f"{name}.html"
        html.write(html.page(reports[name], claims.load()), path)
        context = await chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = await context.new_page()
        sheet = Sheet(page, path.as_uri(), reports[name][0])
        page.on("console", lambda message: sheet.errors.append(message.text))
        page.on("pageerror", lambda error: sheet.errors.append(str(error)))
        page.on("request", lambda request: sheet.asked.append(request.url))
        await page.goto(sheet.url)
        return sheet

    yield show
    for context in contexts:
        await context.close()
