"""What the report's page does in a real browser: opened from disk, used by keyboard alone, fed with markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.reports import Show, reports, show
from tests.report.written import EVIL, SECRETS

if TYPE_CHECKING:
    from playwright.async_api import Page

__all__ = ["reports", "show"]  # the fixtures of reports

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROWS = "tr[data-claim]:visible"
OPENED = "document.querySelectorAll('details').forEach((one) => (one.open = true))"


async def tab_to(page: Page, selector: str) -> None:
    """Press the tabulator until what is asked for has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by the tabulator")


async def choose(page: Page, value: str) -> None:
    """Choose a value of the list that has the focus, by the arrow keys."""
    for _ in range(30):
        if await page.evaluate("document.activeElement.value") == value:
            return
        await page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is not to be chosen")


async def test_it_opens_from_disk_and_asks_nobody(show: Show) -> None:
    """The console has nothing to say, and the one thing that is loaded is the file itself."""
    sheet = await show()
    await sheet.page.evaluate(OPENED)

    await expect(sheet.page.get_by_text("2 of 16 claims are violated.")).to_be_visible()
    assert [url for url in sheet.asked if not url.startswith("data:")] == [sheet.url]
    assert sheet.errors == []


async def test_filters_work_by_keyboard_alone(show: Show) -> None:
    """By chapter, level, verdict and free text, rows go away with their pages, and come back."""
    sheet = await show()
    page, rows = sheet.page, sheet.page.locator(ROWS)
    claims = [claim for chapter in sheet.report["chapters"] for claim in chapter["claims"]]
    auth = [claim["id"] for claim in claims if claim["id"].startswith("auth/")]
    musts = [claim["id"] for claim in claims if claim["id"] in auth and claim["level"] == "must"]
    violated = [claim["id"] for claim in claims if claim["id"] in musts and claim["verdict"] == "violated"]
    assert len(claims) > len(auth) > len(musts) > len(violated) > 0  # each filter takes some away
    await expect(rows).to_have_count(len(claims))

    await tab_to(page, "select[name=chapter]")
    await choose(page, "auth")
    await expect(rows).to_have_count(len(auth))
    await expect(page.locator("details.claim:visible")).to_have_count(len(auth))
    await page.keyboard.press("Tab")
    await choose(page, "must")
    await expect(rows).to_have_count(len(musts))
    await page.keyboard.press("Tab")
    await choose(page, "violated")
    await expect(rows).to_have_count(len(violated))
    await expect(page.get_by_role("status")).to_have_text(f"{len(violated)} / {len(claims)}")

    await tab_to(page, "button[type=reset]")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(len(claims))
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type(claims[3]["id"].upper())
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text(claims[3]["id"])
    await page.keyboard.press("Control+A")
    await page.keyboard.press("Delete")
    await expect(rows).to_have_count(len(claims))


async def test_a_claim_is_reached_and_left_by_keyboard(show: Show) -> None:
    """From what is violated to its page, whose head has the focus then; a claim that was filtered out comes back."""
    sheet = await show()
    page = sheet.page
    claim = next(one["id"] for one in sheet.report["chapters"][0]["claims"] if one["verdict"] == "holds")
    anchor = claim.replace("/", "-")

    await tab_to(page, ".broken a")
    target = await page.evaluate("document.activeElement.hash.slice(1)")
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#{target} > summary")).to_be_focused()
    await expect(page.locator(f"#{target} svg.sequence")).to_be_in_viewport()

    await page.locator("select[name=verdict]").select_option("violated")
    await expect(page.locator(f"#{anchor}")).to_be_hidden()
    await page.evaluate(f"location.hash = '{anchor}'")
    await expect(page.locator(f"#{anchor} > summary")).to_be_focused()
    assert await page.locator(f"#{anchor}").get_attribute("open") == ""


async def test_the_language_switches_and_stays_switched(show: Show) -> None:
    """By keyboard; also behind a filter, on the page of a claim, and when the file is opened again."""
    sheet = await show()
    page = sheet.page
    claim = sheet.report["chapters"][0]["claims"][0]
    english = page.locator(ROWS).first.get_by_text(claim["statement"]["en"])
    chinese = page.locator(ROWS).first.get_by_text(claim["statement"]["zh-Hant"])
    await expect(english).to_be_visible()

    await tab_to(page, ".switch")
    await page.keyboard.press("Enter")
    await expect(chinese).to_be_visible()
    await expect(english).to_be_hidden()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    await page.locator("select[name=level]").select_option(claim["level"])
    await page.locator(ROWS).first.get_by_role("link").click()
    await expect(
        page.locator("details:focus-within > summary").get_by_text(claim["statement"]["zh-Hant"])
    ).to_be_visible()
    await page.goto("about:blank")
    await page.goto(sheet.url)
    await expect(chinese).to_be_visible()

    await page.locator(".switch").click()
    await expect(english).to_be_visible()
    await expect(chinese).to_be_hidden()


async def test_what_an_app_sent_stays_text(show: Show) -> None:
    """In the transcript, the picture, the script, the findings and the reasons: it is read, and nothing of it runs."""
    sheet = await show()
    page = sheet.page
    title = await page.title()
    await page.evaluate(OPENED)

    for place in (".finding", "svg.sequence title", "pre:not([id])", "pre[id^=script]", ".inside > p"):
        texts = await page.locator(place).all_text_contents()
        assert any("<img src=x onerror=" in text for text in texts), place
    assert EVIL in "".join(await page.locator("pre:not([id])").all_text_contents())
    assert await page.locator("img, main script").count() == 0
    assert await page.title() == title
    assert "it ran" not in title
    assert sheet.errors == []


async def test_what_is_secret_is_masked(show: Show) -> None:
    """No cookie, token or password is anywhere in the page; that there was one is told."""
    sheet = await show()
    await sheet.page.evaluate(OPENED)

    content = await sheet.page.content()
    assert [secret for secret in SECRETS if secret in content] == []
    assert '"token": ***' in await sheet.page.locator("body").inner_text()


@pytest.mark.parametrize("name", ["hostile", "merged"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing(show: Show, width: int, scheme: str, name: str) -> None:
    """In either language, with everything open."""
    sheet = await show(name, viewport={"width": width, "height": 800}, color_scheme=scheme)
    await sheet.page.evaluate(OPENED)

    english = await violations(sheet.page)
    await sheet.page.locator(".switch").click()
    assert (english, await violations(sheet.page)) == ([], [])


async def test_a_long_history_is_folded_and_nothing_of_it_is_cut(show: Show) -> None:
    """The picture and the transcript say how much they leave out, and all of it is a press of a key away."""
    sheet = await show("long")
    page = sheet.page
    events = next(spec["events"] for spec in sheet.report["specs"] if spec["events"])
    assert len(events) > 400

    drawn = await page.locator("svg.sequence").bounding_box()
    assert drawn is not None
    assert 500 < drawn["height"] < 3000
    left_out = await page.locator("svg.sequence .gap").all_text_contents()
    assert all(re.fullmatch(r"… \d+ more events? …", told) for told in left_out)
    assert sum(int(told.split()[1]) for told in left_out) > 300
    further = page.locator("details.further", has_text="All events")
    await expect(further.locator("pre")).to_be_hidden()
    await further.locator("summary").focus()
    await page.keyboard.press("Enter")
    told = await further.locator("pre").inner_text()
    assert len(told.splitlines()) == len(events)
    assert all(event["what"] in told for event in events)
