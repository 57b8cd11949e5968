"""Fixtures every suite shares: a real Chromium, a site on loopback, and the checks that nothing is left running."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx
from playwright.async_api import Browser, BrowserContext, Page, Playwright
from tests import browsers
from tests.properties import load_profile

from tierwright.browser.find import find_browser, is_root
from tierwright.browser.launch import LaunchedBrowser, LaunchOptions, launch, started_playwright

SESSION_MARK = "TIERWRIGHT_TEST_SESSION"
REQUESTS = "requests_of_the_schema"
"""The property under which a test says how many requests it made up from the OpenAPI schema."""


def pytest_configure(config: pytest.Config) -> None:
    """Forbid what costs money, mark this session's processes so that none can be left unseen, choose examples."""
    os.environ["TIERWRIGHT_FORBID_PAID_MODELS"] = "1"
    os.environ[SESSION_MARK] = uuid.uuid4().hex
    load_profile(os.environ)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many requests were made up from the OpenAPI schema; `./dev test` wants at least 2,000."""
    reports = (report for reports in terminalreporter.stats.values() for report in reports)
    called = [report for report in reports if getattr(report, "when", "") == "call"]
    said = [value for report in called for name, value in report.user_properties if name == REQUESTS]
    if said:
        terminalreporter.write_line(f"{sum(said)} requests made up from the OpenAPI schema, by {len(said)} tests")


@pytest.fixture(scope="session", autouse=True)
def no_browser_is_left() -> Iterator[None]:
    """Fails the session when a browser process that its tests started is still there at the end."""
    yield
    until = time.monotonic() + 10
    while (left := browsers_of_this_session()) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left, f"browser processes were left behind: {left}"


def browsers_of_this_session() -> list[str]:
    """Command lines of living browser processes that inherited this session's mark (Linux only; else none)."""
    mark = f"{SESSION_MARK}={os.environ[SESSION_MARK]}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            marked = mark in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if marked and b"chrom" in words[0].rpartition(b"/")[2]:
            found.append(f"{folder.name} {words[0].decode(errors='replace')}")
    return found


@pytest.fixture(scope="session", autouse=True)
def nothing_blocks_the_event_loop() -> Iterator[None]:
    """Fails a test in which the engine makes a blocking call on the event loop, where every other run would wait."""
    with blockbuster_ctx([f"tierwright.{part}" for part in ("core", "page", "tiers", "xpath")]) as blockbuster:
        # The scripts that come with the package are read once a process.
        for reading in ("io.TextIOWrapper.read", "io.BufferedReader.read"):
            blockbuster.functions[reading].can_block_in("tierwright/page/inject.py", {"module_source", "<genexpr>"})
        # Playwright's own look at a local file, before it hands its name to the browser.
        for looking in ("os.stat", "os.path.abspath"):
            own_look = {"resolve_paths_and_directory_for_input_files"}
            blockbuster.functions[looking].can_block_in("playwright/_impl/element_handle.py", own_look)
        yield


# --- browsers ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser the tests use, found as the product finds it."""
    return find_browser(None, os.environ).path


@pytest.fixture(scope="session")
def browser_of_pages() -> Path:
    """The browser of tests that only need pages: the cheaper build where there is one."""
    return browsers.browser_of_pages(find_browser(None, os.environ), os.environ)


@pytest_asyncio.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Playwright's driver, once a session."""
    async with started_playwright() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(playwright: Playwright, browser_of_pages: Path) -> AsyncIterator[Browser]:
    """One plain browser process a module, for tests that only need pages. Stagehand cannot attach to its contexts.

    A module that kills or crashes it takes no other with it.
    """
    # The shell by itself keeps frames of other sites in the page's process, as no desktop browser does.
    running = await playwright.chromium.launch(
        executable_path=browser_of_pages, chromium_sandbox=not is_root(), args=["--site-per-process"]
    )
    yield running
    await running.close()


@pytest_asyncio.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh context of the module's browser."""
    opened = await browser.new_context(accept_downloads=True)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> Page:
    """A fresh page of a fresh context."""
    return await context.new_page()


@pytest_asyncio.fixture
async def launched(playwright: Playwright, chromium_path: Path) -> AsyncIterator[LaunchedBrowser]:
    """A browser process of the test's own, launched as the product launches it; Stagehand may attach to it."""
    opened = await launch(playwright, LaunchOptions(executable=chromium_path))
    yield opened
    await opened.close()


# --- a site on loopback -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Response:
    """What the site answers at a path. `delay_seconds` passes before the first byte."""

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0.0


@dataclass(frozen=True)
class Request:
    """A request that the site received. `path` includes the query."""

    method: str
    path: str
    body: str
    headers: dict[str, str] = field(default_factory=dict)


class Site:
    """A web site on a loopback port of its own, whose pages are registered by path."""

    def __init__(self) -> None:
        self._responses: dict[str, Response] = {}
        self._stopping = threading.Event()
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def url(self, path: str = "/") -> str:
        """The absolute address of a path."""
        return self.origin + path

    def page(self, path: str, html: str, *, status: int = 200, delay_seconds: float = 0.0) -> str:
        """Serve HTML at a path (a doctype is put before it); returns its address."""
        return self.respond(path, f"<!doctype html>{html}".encode(), status=status, delay_seconds=delay_seconds)

    def respond(
        self,
        path: str,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "text/html; charset=utf-8",
        headers: tuple[tuple[str, str], ...] = (),
        delay_seconds: float = 0.0,
    ) -> str:
        """Serve a response at a path, for every method; returns its address. The delay passes before the first byte."""
        self._responses[path] = Response(body, status, content_type, headers, delay_seconds)
        return self.url(path)

    def clear(self) -> None:
        """Forget all pages and requests."""
        self._responses.clear()
        self.requests.clear()

    def close(self) -> None:
        """Stop serving; responses still delayed are let go."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, path: str) -> Response:
        found = self._responses.get(urlsplit(path).path)
        return found or Response(b"<!doctype html><title>Not found</title><h1>Not found</h1>", status=404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode(errors="replace")
                site.requests.append(Request(self.command, self.path, body, dict(self.headers)))
                response = site._answer(self.path)
                if response.delay_seconds:
                    site._stopping.wait(response.delay_seconds)
                self.send(response)

            def send(self, response: Response) -> None:
                try:
                    self.send_response(response.status)
                    self.send_header("Content-Type", response.content_type)
                    self.send_header("Content-Length", str(len(response.body)))
                    self.send_header("Cache-Control", "no-store")
                    for name, value in response.headers:
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(response.body)
                except (BrokenPipeError, ConnectionResetError):
                    return  # the browser did not wait for it

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the base class's names

            def log_message(self, *args: object) -> None:
                return

        return Handler


@pytest.fixture(scope="session")
def _sites() -> Iterator[tuple[Site, Site]]:
    both = (Site(), Site())
    yield both
    for site in both:
        site.close()


@pytest.fixture
def site(_sites: tuple[Site, Site]) -> Site:
    """An empty site on loopback: `site.page("/x", html)` serves a page and returns its address."""
    _sites[0].clear()
    return _sites[0]


@pytest.fixture
def other_site(_sites: tuple[Site, Site]) -> Site:
    """A second empty site on another port: another origin."""
    _sites[1].clear()
    return _sites[1]
