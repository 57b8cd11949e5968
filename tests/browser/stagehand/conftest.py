"""One browser with Stagehand attached for each module; every test gets a tab of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Playwright
from tests.browser.engine_fixture import EngineBench
from tests.conftest import Site

from tierwright.browser.launch import LaunchedBrowser, LaunchOptions, launch
from tierwright.models.stagehand import StagehandDoor
from tierwright.page.inject import install


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            item.add_marker("stagehand")


@dataclass(frozen=True)
class Shared:
    browser: LaunchedBrowser
    door: StagehandDoor


@pytest_asyncio.fixture(scope="module")
async def shared(playwright: Playwright, chromium_path: Path) -> AsyncIterator[Shared]:
    """A browser with Stagehand attached before any page was loaded, as compose.py does it."""
    browser = await launch(playwright, LaunchOptions(executable=chromium_path))
    await install(browser.context)
    assert browser.cdp_url
    door = await StagehandDoor.connect(browser.cdp_url)
    yield Shared(browser, door)
    await door.close()
    await browser.close()


@pytest_asyncio.fixture
async def engine(shared: Shared, site: Site, tmp_path: Path) -> AsyncIterator[EngineBench]:
    """The engine with Stagehand on a fresh tab, `local` behind it; set `engine.model` for a provider."""
    context = shared.browser.context
    bench = EngineBench(await context.new_page(), tmp_path, site.origin, shared.door)
    yield bench
    for event, listener in (("page", bench.session._on_page), ("dialog", bench.session._on_dialog)):
        context.remove_listener(event, listener)  # the next test's session must be the only one
    for page in context.pages:
        if page is not shared.browser.page:
            await page.close()
