"""What every page must hold: no violation that axe-core knows in either theme, and a heading and title of its own."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, expect
from tests.ui.pages import PAGES, UiPage
from tests.ui.serving import Serving, axe, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
async def test_axe_finds_nothing(
    demo_server: Serving, browser: Browser, page: UiPage, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    opened = await demo_server.sign_in(context)
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    await opened.goto(demo_server.page_url(page.path))
    await settled(opened)
    await expect(opened.get_by_role("heading", level=1, name=page.title)).to_be_visible()
    assert page.title in await opened.title()
    assert await axe(opened) == []
    assert faults == []
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_where_nobody_is_signed_in(
    demo_server: Serving, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    context = await browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    opened = await context.new_page()
    await opened.goto(demo_server.url("/sign-in"))
    await settled(opened)
    assert await axe(opened) == []
    await context.close()


async def test_no_page_is_wider_than_a_phone(demo_server: Serving, context: BrowserContext) -> None:
    opened = await demo_server.sign_in(context)
    await opened.set_viewport_size({"width": 390, "height": 800})
    for page in PAGES:
        await opened.goto(demo_server.page_url(page.path))
        await settled(opened)
        assert await opened.evaluate("document.documentElement.scrollWidth") <= 390, page.name
