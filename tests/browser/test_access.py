"""Nobody is shut out of the reference app's pages: axe-core finds nothing, on small screens and large."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.test_chat import enter, say

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_in_the_pages_of_the_app(window: Open, width: int, scheme: str) -> None:
    """Neither where one signs in, nor in the list of rooms, nor in a room, connected or not."""
    one = await window("alice", viewport={"width": width, "height": 800}, color_scheme=scheme)
    await enter(one.page, one.relay.base, f"access {width} {scheme}")
    await say(one.page, "hello")
    await expect(one.page.get_by_role("log").get_by_text("hello")).to_be_visible()
    found = {"room": await violations(one.page)}
    one.relay.cut(refuse=True)
    await expect(one.page.get_by_role("status")).to_contain_text("1006")
    await say(one.page, "and goodbye")
    found["room without a connection"] = await violations(one.page)
    one.relay.mend()
    await one.page.goto(one.relay.base)
    found["rooms"] = await violations(one.page)
    nobody = await window(viewport={"width": width, "height": 800}, color_scheme=scheme)
    await nobody.page.goto(f"{nobody.relay.base}/accounts/login/")
    found["login"] = await violations(nobody.page)

    assert found == {page: [] for page in found}
