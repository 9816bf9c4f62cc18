"""Two people in two windows, on two workers."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open, Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def enter(page: Page, base: str, room: str) -> None:
    """Enter a room by the form on the first page."""
    await page.goto(base)
    await page.get_by_label("Enter a room").fill(room)
    await page.get_by_role("button", name="Enter").click()
    await expect(page.get_by_role("status")).to_have_text("connected")


async def say(page: Page, text: str) -> None:
    """Type a text and send it by the Enter key."""
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("textbox", name="Message").press("Enter")


async def test_two_windows_chat_across_workers_and_one_comes_back(window: Open, site: Site) -> None:
    """Each reads what the other says; who loses the server comes back by the other, and misses nothing."""
    expect.set_options(timeout=30_000)
    alice, bob = await window("alice", worker=0), await window("bob", worker=1)
    for one in (alice, bob):
        await enter(one.page, one.relay.base, "tea & cake")
    await say(alice.page, "milk?")
    await say(bob.page, "no, thank you")
    for one in (alice, bob):
        shown = one.page.get_by_role("log").get_by_role("listitem")
        await expect(shown).to_have_text(["alice milk?", "bob no, thank you"])

    alice.relay.target = (site.servers[1].host, site.servers[1].port)
    alice.relay.cut(refuse=True)
    await expect(alice.page.get_by_role("status")).to_contain_text("closed with code 1006")
    await say(alice.page, "are you there?")
    await expect(alice.page.get_by_role("list", name="Waiting")).to_have_text("are you there?")
    await say(bob.page, "I am")
    alice.relay.mend()

    for one in (alice, bob):
        shown = one.page.get_by_role("log").get_by_role("listitem")
        await expect(shown).to_have_text(["alice milk?", "bob no, thank you", "bob I am", "alice are you there?"])
    await expect(alice.page.get_by_role("list", name="Waiting")).to_be_empty()
    assert bob.errors == []


async def test_the_pages_have_no_error_and_ask_nobody_else(window: Open) -> None:
    """No page, from signing in to a room, tells the console of an error or asks another host for anything."""
    one = await window("alice")
    await enter(one.page, one.relay.base, "大廳")
    await say(one.page, "hello")
    await expect(one.page.get_by_role("log").get_by_text("hello")).to_be_visible()

    assert one.errors == []
    assert one.hosts == {one.relay.base.removeprefix("http://")}
