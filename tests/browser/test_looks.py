"""What the pages look like: nothing is cut off at any width, and pictures are kept for whoever wants to see."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.test_chat import enter, say

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = Path(__file__).parents[2] / ".artifacts" / "pages"
HEIGHTS = {360: 640, 1024: 768, 1920: 1080}
ROOM = "Donaudampfschifffahrtsgesellschaftskapitän 大廳"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
async def test_nothing_is_cut_off(window: Open, width: int, scheme: str) -> None:
    """No page is wider than its window, and what is typed stays in sight however much was said."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    viewport = {"width": width, "height": HEIGHTS[width]}
    alice = await window(viewport=viewport, color_scheme=scheme)
    bob = await window("bob", worker=1)
    name = f"{width}-{scheme}"
    room = f"{ROOM} {name}"

    await alice.page.goto(f"{alice.relay.base}/accounts/login/")
    await alice.page.screenshot(path=PICTURES / f"{name}-login.png")
    wide = [await alice.page.evaluate(OVERFLOW)]
    await alice.page.get_by_label("Username").fill("alice")
    await alice.page.get_by_label("Password").fill("correct horse battery staple")
    await alice.page.get_by_role("button", name="Sign in").click()
    await enter(bob.page, bob.relay.base, room)
    await enter(alice.page, alice.relay.base, room)
    for number in range(6):
        await say(bob.page, f"{number}: the kettle is on, and there is cake. " * (number % 3 + 1))
        await say(alice.page, f"{number}: 早安，我馬上就到。" + "x" * 60 * (number % 2))
    await expect(alice.page.get_by_role("log").get_by_text("5: the kettle").last).to_be_visible()
    await expect(alice.page.get_by_role("textbox")).to_be_in_viewport()
    await expect(alice.page.get_by_role("listitem").last).to_be_in_viewport()
    await alice.page.screenshot(path=PICTURES / f"{name}-room.png")
    wide.append(await alice.page.evaluate(OVERFLOW))
    alice.relay.cut(refuse=True)
    await expect(alice.page.get_by_role("status")).to_contain_text("1006")
    await say(alice.page, "on my way, if anybody hears me")
    await alice.page.screenshot(path=PICTURES / f"{name}-closed.png")
    alice.relay.mend()
    await expect(alice.page.get_by_role("status")).to_have_text("connected")
    await expect(alice.page.get_by_role("list", name="Waiting")).to_be_empty()
    await alice.page.goto(alice.relay.base)
    await alice.page.screenshot(path=PICTURES / f"{name}-rooms.png")
    wide.append(await alice.page.evaluate(OVERFLOW))

    assert wide == [0, 0, 0]
