"""What the report looks like: nothing is cut off at any width or on paper, and pictures are kept for whoever looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.reports import Show, reports, show
from tests.browser.test_looks import HEIGHTS, OVERFLOW
from tests.browser.test_report import OPENED

__all__ = ["reports", "show"]  # the fixtures of reports

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(__file__).parents[2] / ".artifacts" / "report"
SCROLLED = "one => one.scrollWidth - one.clientWidth"
OUTSIDE = """
svg => {
  const { left, right } = svg.closest(".scroll").getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < left - 1 || box.right > right + 1;
  }).map((text) => text.textContent);
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
async def test_nothing_of_the_report_is_cut_off(show: Show, width: int, scheme: str) -> None:
    """No page is wider than its window, and a picture of two clients on two workers needs no scrolling."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    wide = {}
    for name in ("hostile", "merged", "long"):
        sheet = await show(name, viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme)
        wide[name] = await sheet.page.evaluate(OVERFLOW)
        await sheet.page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png")
        for number, claim in enumerate(await sheet.page.locator("details.claim[open]").all()):
            for drawn in await claim.locator("svg.sequence").all():
                assert await drawn.locator("xpath=..").evaluate(SCROLLED) == 0
                assert await drawn.evaluate(OUTSIDE) == []
            await claim.screenshot(path=PICTURES / f"{name}-{width}-{scheme}-claim-{number}.png")
        await sheet.page.evaluate(OPENED)
        wide[f"{name}, opened"] = await sheet.page.evaluate(OVERFLOW)

    assert wide == dict.fromkeys(wide, 0)


async def test_it_prints(show: Show) -> None:
    """On a sheet of A4, what was found is there as wide as the sheet, and what only a screen needs is not."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    sheet = await show(viewport={"width": 718, "height": 1000})  # 19 cm, at 96 dots an inch
    page = sheet.page
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert await page.evaluate(OVERFLOW) == 0
    assert await page.locator(".filters, .switch, .copy").locator("visible=true").count() == 0
    for drawn in await page.locator("svg.sequence").all():
        assert await drawn.evaluate(OUTSIDE) == []
    await page.pdf(path=PICTURES / "printed.pdf", format="A4")
