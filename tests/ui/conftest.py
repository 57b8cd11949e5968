"""Servers with the web interface, and pages of it that are signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page
from tests.ui.serving import Serving, serving


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server whose database holds its first administrator and nothing else. Tests make what they need."""
    with serving(tmp_path_factory.mktemp("empty") / "state") as running:
        yield running


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the demo shop and its tests."""
    with serving(tmp_path_factory.mktemp("demo") / "state", demo=True) as running:
        yield running


@pytest_asyncio.fixture
async def signed_in_page(empty_server: Serving, context: BrowserContext) -> AsyncIterator[Page]:
    """A page of a browser that is signed in to the empty server."""
    yield await empty_server.sign_in(context)


@pytest_asyncio.fixture
async def demo_page(demo_server: Serving, context: BrowserContext) -> AsyncIterator[Page]:
    """A page of a browser that is signed in to the demo's server."""
    yield await demo_server.sign_in(context)
