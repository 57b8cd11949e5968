"""Coming in and going out, in a real browser against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.ui.serving import ADMIN, PASSWORD, PROJECT, Serving, make_user, serving, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def fill(page: Page, username: str, password: str) -> None:
    await page.get_by_label("User name").fill(username)
    await page.get_by_role("textbox", name="Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()


async def test_who_is_not_signed_in_is_led_to_sign_in_and_back(empty_server: Serving, page: Page) -> None:
    await page.goto(empty_server.url(f"/p/{PROJECT}/"))
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=20_000)
    await fill(page, ADMIN, "not the password")
    await expect(page.get_by_role("alert")).to_contain_text("the password is wrong")
    await fill(page, ADMIN, PASSWORD)
    await expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    assert page.url.rstrip("/") == empty_server.url(f"/p/{PROJECT}")


async def test_a_session_that_ends_elsewhere_leads_to_sign_in(
    empty_server: Serving, signed_in_page: Page, context: BrowserContext
) -> None:
    await signed_in_page.goto(empty_server.url("/"))
    await expect(signed_in_page.get_by_role("heading", name="Dashboard")).to_be_visible(timeout=20_000)
    await context.clear_cookies()
    await signed_in_page.reload()
    await expect(signed_in_page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_signing_out_by_keyboard_alone(empty_server: Serving, signed_in_page: Page) -> None:
    await signed_in_page.goto(empty_server.url(f"/p/{PROJECT}/"))
    await settled(signed_in_page)
    await signed_in_page.keyboard.press("Tab")
    await expect(signed_in_page.get_by_role("link", name="Skip to the page")).to_be_focused()
    await signed_in_page.get_by_role("button", name=f"Account of {ADMIN}").focus()
    await signed_in_page.keyboard.press("Enter")
    await signed_in_page.get_by_role("menuitem", name="Sign out").focus()
    await signed_in_page.keyboard.press("Enter")
    await expect(signed_in_page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_server_without_users_says_how_the_first_is_made(tmp_path: Path, page: Page) -> None:
    with serving(tmp_path / "state", user=False, workers=0) as running:
        await page.goto(running.url("/"))
        await expect(page.get_by_role("heading", name="There are no users yet")).to_be_visible(timeout=20_000)
        make_user(running.state)
        await page.get_by_role("button", name="I have made one").click()
        await expect(page.get_by_label("User name")).to_be_visible()
