"""What every page must hold: no violation that axe-core knows in either theme, and a heading and title of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect
from tests.ui.pages import PAGES, UiPage
from tests.ui.serving import Serving, axe, settled

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=SCHEMES)
async def in_theme(request: pytest.FixtureRequest, demo_server: Serving, browser: Browser) -> AsyncIterator[Page]:
    """A page that is signed in and stays so, as a tab that is open all day: each test goes on to another address."""
    context = await browser.new_context(color_scheme=request.param, reduced_motion="reduce")
    yield await demo_server.sign_in(context)
    await context.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_axe_finds_nothing(demo_server: Serving, in_theme: Page, page: UiPage) -> None:
    opened = await in_theme.context.new_page()
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    await opened.goto(demo_server.page_url(page.path))
    await settled(opened)
    await expect(opened.get_by_role("heading", level=1, name=page.title)).to_be_visible()
    assert page.title in await opened.title()
    await unfold(opened)
    assert await axe(opened) == []
    assert faults == []
    await opened.close()


async def unfold(page: Page) -> None:
    """Open what is folded in a page, the steps of a run: what they hold counts as well."""
    await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    await settled(page)


async def test_axe_finds_nothing_where_nobody_is_signed_in(demo_server: Serving, page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(demo_server.url("/sign-in"))
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await settled(page)
        assert await axe(page) == [], scheme


async def test_no_page_is_wider_than_a_phone(demo_server: Serving, context: BrowserContext) -> None:
    opened = await demo_server.sign_in(context)
    await opened.set_viewport_size({"width": 390, "height": 800})
    for page in PAGES:
        await opened.goto(demo_server.page_url(page.path))
        await settled(opened)
        await unfold(opened)
        assert await opened.evaluate("document.documentElement.scrollWidth") <= 390, page.name
