"""What axe-core says of a page: the rules that it breaks, and where."""

from __future__ import annotations

import functools
import importlib.resources
import importlib.util
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

_RUN = """
async () => (await axe.run({ resultTypes: ["violations", "incomplete"] })).violations.map((rule) => ({
  rule: rule.id, help: rule.help, where: rule.nodes.map((node) => `${node.target}: ${node.failureSummary}`),
}))
"""


@functools.cache
def _script() -> str:
    if importlib.util.find_spec("axe_playwright_python") is None:
        lacking = "axe-core is not installed: `pip install --group browser`"
        pytest.fail(lacking) if os.environ.get("CHANNELS_CONFORMANCE_NEEDS_BROWSER") else pytest.skip(lacking)
    return (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def violations(page: Page) -> list[Any]:
    """Return what axe-core finds wrong with a page as it is now, its good practices included."""
    await page.evaluate(_script())
    found: list[Any] = await page.evaluate(_RUN)
    return found
