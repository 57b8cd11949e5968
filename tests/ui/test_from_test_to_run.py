"""The way that everybody goes first: write a test, run it, see what became of it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect
from tests.conftest import Site
from tests.ui.serving import PROJECT, Serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SHOP = "<title>Shop</title><h1>Shop</h1><button onclick=\"state.textContent = 'Bought'\">Buy</button><p id=state></p>"
YAML = """name: Buy something
base_url: {origin}
steps:
  - Go to "/shop"
  - Click the "Buy" button
  - action: expect
    instruction: It says what happened
    selector: "#state"
    condition: text
    value: Bought
"""


async def test_a_test_is_written_checked_run_and_seen(empty_server: Serving, signed_in_page: Page, site: Site) -> None:
    site.page("/shop", SHOP)
    page = signed_in_page
    await page.goto(empty_server.url(f"/p/{PROJECT}/tests"))
    await page.get_by_role("link", name="New test").first.click()
    field = page.get_by_label("The test as YAML")
    await field.fill(YAML.format(origin=site.origin).replace("Click the", "Clik the"))
    await expect(page.get_by_text("1 problem")).to_be_visible(timeout=20_000)
    await field.fill(YAML.format(origin=site.origin))
    await expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()
    await page.get_by_role("button", name="Make the test").click()
    await expect(page.get_by_role("heading", name="Buy something")).to_be_visible()

    await page.get_by_role("button", name="Run", exact=True).click()
    await expect(page.locator("header").get_by_text("Passed", exact=True)).to_be_visible(timeout=90_000)
    await expect(page.get_by_text("It says what happened")).to_be_visible()
