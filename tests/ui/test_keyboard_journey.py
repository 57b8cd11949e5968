"""The whole way by keyboard alone: sign in, write a test of three sentences, save it, run it, see what became of it."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect
from tests.conftest import Site
from tests.ui.serving import ADMIN, PASSWORD, PROJECT, Serving, axe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SHOP = "<title>Shop</title><h1>Shop</h1><button onclick=\"state.textContent = 'Bought'\">Buy</button><p id=state></p>"
SOON_MS = 30_000
MOST_TABS = 60


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus."""
    await expect(wanted).to_be_visible(timeout=SOON_MS)
    for _ in range(MOST_TABS):
        if await wanted.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


async def test_a_test_is_written_saved_run_and_seen_by_keyboard_alone(
    empty_server: Serving, page: Page, site: Site
) -> None:
    site.page("/shop", SHOP)
    keys = page.keyboard
    await page.goto(empty_server.url(f"/p/{PROJECT}/tests"))
    await tab_to(page, page.get_by_label("User name"))
    await keys.type(ADMIN)
    await tab_to(page, page.get_by_role("textbox", name="Password"))
    await keys.type(PASSWORD)
    await keys.press("Enter")

    await tab_to(page, page.get_by_role("link", name="New test").first)
    await keys.press("Enter")
    await expect(page.get_by_label("Name", exact=True)).to_be_focused(timeout=SOON_MS)
    await keys.type("By keyboard")
    await tab_to(page, page.get_by_label("Address of the site"))
    await keys.press("Control+a")
    await keys.type(site.origin)

    await write_three_sentences(page)
    await keys.press("Control+s")
    await expect(page.get_by_role("heading", level=1, name="By keyboard")).to_be_visible(timeout=SOON_MS)

    await tab_to(page, page.get_by_role("button", name="Run", exact=True))
    await keys.press("Enter")
    await expect(page.locator("header").get_by_text("Passed", exact=True)).to_be_visible(timeout=90_000)


async def write_three_sentences(page: Page) -> None:
    """Write them into the table in the wrong order, and put them right."""
    keys = page.keyboard

    def row(number: int) -> Locator:
        return page.get_by_role("textbox", name=f"Step of step {number}", exact=True)

    await tab_to(page, row(1))
    await keys.press("Control+a")
    await keys.type('Click the "Buy" button')
    await keys.press("Enter")
    await expect(row(2)).to_be_focused()
    await keys.type("I see ")
    await keys.press("Enter")
    await expect(row(3)).to_be_focused()
    await keys.type('Go to "/shop"')
    await keys.press("Alt+ArrowUp")
    await expect(row(2)).to_be_focused()
    await keys.press("Alt+ArrowUp")
    await expect(row(1)).to_be_focused()
    await expect(row(1)).to_have_value('Go to "/shop"')
    await keys.press("ArrowDown")
    await keys.press("ArrowDown")
    await expect(row(3)).to_be_focused()
    await expect(page.get_by_text("1 problem")).to_be_visible(timeout=SOON_MS)
    assert await axe(page) == []
    await keys.press("End")
    await keys.type('"Bought"')
    await expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible(timeout=SOON_MS)
    cells = page.get_by_role("row").nth(2).get_by_role("cell")
    await expect(cells.nth(2)).to_have_text("click")
    await expect(cells.nth(3)).to_have_text('the "Buy" button')
