"""The whole way of a user with the demo shop: from an empty database to a redesign, its heals and what they say."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from playwright.async_api import Locator, Page, expect
from tests.ui.serving import ADMIN, PASSWORD, PROJECT, Serving

from tierwright.demo.server import serve

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

NAME = "Refuse a wrong password"
YAML = """name: {name}
base_url: {origin}
steps:
  - action: navigate
    value: /login
  - action: fill
    instruction: Enter the e-mail address
    selector: "#email"
    value: ada@example.com
  - action: fill
    instruction: Enter a password that is wrong
    selector: "#password"
    value: not-the-password
  - action: click
    instruction: Click the Sign in button
    selector: "#login-btn"
  - The text "That e-mail and password do not match." should be visible
"""
STEPS = 5
HEALED = 3
"""The fields and the button that the shop's redesign gave other ids."""
RUN_ENDS_MS = 120_000


async def test_from_an_empty_database_to_an_approved_heal(empty_server: Serving, page: Page) -> None:
    """Create a test, set a strategy, run it, watch it live, view analytics, approve a heal, update settings."""
    with serve(1) as shop:
        await sign_in(page, empty_server)
        await choose_strategy(page, empty_server, "Cost-Conscious")
        await write_test(page, empty_server, shop.base_url)
        address = page.url
        await run(page)
        await expect_tiers(page, tier1=STEPS, tier2=0)
    with serve(2, int(shop.base_url.rpartition(":")[2])):
        await page.goto(address)
        await run(page)
        await expect_tiers(page, tier1=STEPS - HEALED, tier2=HEALED)
        await see_analytics(page, empty_server)
        await approve_all(page, empty_server)
        await page.goto(address)
        await expect(page.get_by_label("The test as YAML")).not_to_have_value(re.compile("#login-btn"))
        await run(page)
        await expect_tiers(page, tier1=STEPS, tier2=0)
    await update_settings(page, empty_server)


async def sign_in(page: Page, server: Serving) -> None:
    await page.goto(server.url("/"))
    await page.get_by_label("User name").fill(ADMIN)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("link", name="Heals", exact=True)).to_be_visible(timeout=30_000)


async def choose_strategy(page: Page, server: Serving, name: str) -> None:
    await page.goto(server.url(f"/p/{PROJECT}/settings"))
    await page.get_by_role("radio", name=name).click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Settings are saved")).to_be_visible()


async def write_test(page: Page, server: Serving, origin: str) -> None:
    await page.goto(server.url(f"/p/{PROJECT}/tests/new"))
    await page.get_by_label("The test as YAML").fill(YAML.format(name=NAME, origin=origin))
    await page.get_by_role("button", name="Make the test").click()
    await expect(page.get_by_role("heading", name=NAME)).to_be_visible()


async def run(page: Page) -> None:
    """Start the test that is open, and watch its steps come until the run has ended."""
    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page).to_have_url(re.compile("/runs/"), timeout=20_000)
    await expect(steps(page).first).to_be_visible(timeout=RUN_ENDS_MS)
    await expect(page.locator("header").get_by_text(re.compile("^Passed"))).to_be_visible(timeout=RUN_ENDS_MS)


def steps(page: Page) -> Locator:
    """The line of each step of the run that is open."""
    return page.locator("main details > summary")


async def expect_tiers(page: Page, *, tier1: int, tier2: int) -> None:
    await expect(steps(page).locator("[data-tier='1']")).to_have_count(tier1)
    await expect(steps(page).locator("[data-tier='2']")).to_have_count(tier2)


async def see_analytics(page: Page, server: Serving) -> None:
    await page.goto(server.url(f"/p/{PROJECT}/analytics"))
    await expect(page.get_by_role("table", name="Tier distribution")).to_be_visible()
    await expect(page.get_by_text("Cost-Conscious").first).to_be_visible()


async def approve_all(page: Page, server: Serving) -> None:
    """Decide one heal after the other by keyboard; the page goes to the next by itself."""
    await page.goto(server.url(f"/p/{PROJECT}/heals"))
    queue = page.get_by_role("table", name="Heals").get_by_role("link")
    await expect(queue).to_have_count(HEALED)
    await page.get_by_role("link", name="Decide one by one").click()
    for left in reversed(range(HEALED)):
        await expect(page.get_by_role("button", name="Approve")).to_be_enabled()
        here = page.url
        async with page.expect_response(lambda answer: answer.url.endswith("/approve")) as answer:
            await page.keyboard.press("a")
        assert (await answer.value).ok
        if left:
            await expect(page).not_to_have_url(here)
    await expect(page.get_by_text("This heal is approved already.")).to_be_visible()
    await page.goto(server.url(f"/p/{PROJECT}/heals"))
    await expect(page.get_by_text("Nothing to decide")).to_be_visible()


async def update_settings(page: Page, server: Serving) -> None:
    await page.goto(server.url(f"/p/{PROJECT}/settings"))
    field = page.get_by_label("Tier 2 timeout")
    await field.fill("900")
    await field.blur()
    await expect(page.get_by_text("Write a number of seconds from 1 to 300")).to_be_visible()
    await field.fill("12")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Settings are saved")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Tier 2 timeout")).to_have_value("12 s")
    with closing(server.client()) as client:
        assert client.get("/settings/execution").json()["tier2_timeout_seconds"] == 12
