"""Pictures of every page at three widths and in both themes: `./dev screenshots [WORDS OF A NAME]`.

With `--readme` only the four of the README, into docs/pictures.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, expect
from tests.ui.pages import PAGES, UiPage
from tests.ui.readme_pictures import take_readme_pictures
from tests.ui.serving import ROOT, Serving, serving, settled

from tierwright.browser.find import find_browser, is_root
from tierwright.browser.launch import started_playwright

FOLDER = ROOT / "screenshots"
WIDTHS = (1440, 820, 390)
SCHEMES = ("light", "dark")


async def take_one(browser: Browser, running: Serving, page: UiPage, width: int, scheme: str) -> Path:
    """One picture; returns where it is."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    opened = await running.sign_in(context)
    await opened.goto(running.page_url(page.path))
    await expect(opened.get_by_role("heading", level=1, name=page.title)).to_be_visible(timeout=20_000)
    await settled(opened)
    picture = FOLDER / f"{page.name}-{width}-{scheme}.png"
    await opened.screenshot(path=picture, full_page=True, animations="disabled")
    await context.close()
    return picture


async def take_all(pages: list[UiPage]) -> None:
    """Every picture of these pages, of a server with the demo's data."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, serving(Path(state) / "state", demo=True) as running:
        async with opened_browser() as browser:
            for page in pages:
                for width in WIDTHS:
                    for scheme in SCHEMES:
                        sys.stdout.write(f"{await take_one(browser, running, page, width, scheme)}\n")


@asynccontextmanager
async def opened_browser() -> AsyncIterator[Browser]:
    """A browser without a window, closed at the end."""
    async with started_playwright() as playwright:
        path = find_browser(None, os.environ).path
        browser = await playwright.chromium.launch(executable_path=path, chromium_sandbox=not is_root())
        yield browser
        await browser.close()


async def take(asked: list[str]) -> None:
    """The pictures that a command asks for."""
    if asked == ["--readme"]:
        async with opened_browser() as browser:
            await take_readme_pictures(browser)
    else:
        await take_all([page for page in PAGES if not asked or any(word in page.name for word in asked)])


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1:]))
