"""Steps about the page itself: addresses, history, tabs."""

from __future__ import annotations

import asyncio
import contextlib
from fnmatch import fnmatchcase

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from tierwright.core.deadline import Deadline
from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import CrashedError, StepError
from tierwright.core.results import ErrorKind
from tierwright.core.steps import Action
from tierwright.core.tier import StepCall
from tierwright.page.failures import crashed, first_line, with_time_to_tell
from tierwright.page.place import absolute_url, is_of_the_web
from tierwright.page.session import PageSession

LOAD_SECONDS = 5.0
"""How long a document that is already parsed may keep us waiting for its last image."""

BLANK_SECONDS = 2.0
"""How long a document without any content gets for its scripts to write some."""

POLL_SECONDS = 0.05
_SERVER_ERROR = 500
_BLANK = """() => { const page = document.body || document.documentElement;
  return document.readyState !== 'loading' && page && !page.shadowRoot && !(page.innerText ?? page.textContent).trim()
    && !page.querySelector('*:not(script, style, link, meta, template, noscript, head, title, body, base)'); }"""


async def navigate_step(call: StepCall, session: PageSession, token: DispatchToken, holder: str) -> None:
    """Navigate, reload, go back or switch tabs. Raises StepError (`navigation`)."""
    deadline = with_time_to_tell(call.deadline)
    if call.step.action is Action.SWITCH_PAGE:
        session.switch_to(await find_page(session, call.step.value or "new", deadline))
        return
    await token.take(holder)
    session.note_action()
    try:
        await _go(call, session, deadline)
    except StepError:
        token.give_back(holder)  # asking for a document again is allowed (H-5)
        raise


async def _go(call: StepCall, session: PageSession, deadline: Deadline) -> None:
    page, action = session.page, call.step.action
    address = absolute_url(call.step.value or "", session.base_url)
    if session.confined and not is_of_the_web(address):
        raise StepError(ErrorKind.NAVIGATION, f"{address} is not of the web: a step opens http, https or about:blank")
    try:
        response = await _load(page, action, address, deadline)
    except PlaywrightError as error:
        if crashed(error):
            raise CrashedError(first_line(str(error))) from error
        if "Download is starting" in str(error) and session.expects_download:
            return
        words = session.gate_problem() or f"{address or page.url}: {_reason(error)}"
        raise StepError(ErrorKind.NAVIGATION, words) from error
    refused = session.gate_problem()
    if refused:
        raise StepError(ErrorKind.NAVIGATION, refused)
    if response is not None and response.status >= _SERVER_ERROR:
        raise StepError(ErrorKind.NAVIGATION, f"{page.url} answered with HTTP {response.status}")
    if page.url != "about:blank" and await _is_blank(page, session, deadline):
        raise StepError(ErrorKind.NAVIGATION, f"{page.url} is a blank page")


async def _load(page: Page, action: Action, address: str, deadline: Deadline) -> Response | None:
    """Open the document, and wait a moment for what belongs to it; an image that never comes is no failure."""
    timeout = deadline.remaining_ms
    if action is Action.NAVIGATE:
        response = await page.goto(address, timeout=timeout, wait_until="domcontentloaded")
    elif action is Action.RELOAD:
        response = await page.reload(timeout=timeout, wait_until="domcontentloaded")
    else:
        response = await _back(page, timeout)
    with contextlib.suppress(PlaywrightTimeoutError):
        await page.wait_for_load_state("load", timeout=deadline.within(LOAD_SECONDS).remaining_ms)
    return response


async def _back(page: Page, timeout: float) -> Response | None:
    before = page.url
    response = await page.go_back(timeout=timeout, wait_until="domcontentloaded")
    if response is None and page.url in (before, "about:blank"):
        raise StepError(ErrorKind.NAVIGATION, f"there is no page to go back to from {before}")
    return response


async def _is_blank(page: Page, session: PageSession, deadline: Deadline) -> bool:
    """Whether the document stays without any content; its scripts and their requests get time to bring some."""
    limit = deadline.within(BLANK_SECONDS)
    while True:
        try:
            if not await page.evaluate(_BLANK):
                return False
        except PlaywrightError:  # it is on its way to another document
            return False
        if limit.passed and (deadline.passed or not session.activity.busy_with):
            return True
        await asyncio.sleep(POLL_SECONDS)


async def find_page(session: PageSession, wanted: str, deadline: Deadline) -> Page:
    """The tab meant by `new`, `main`, a number from 1, a title, or a part of its address; waits for it to open."""
    while True:
        pages = [p for p in session.pages if not p.is_closed()]
        page = await _matching(pages, session.page, wanted)
        if page is not None and await _opened(page, deadline):
            return page
        if deadline.remaining_seconds <= POLL_SECONDS:
            titles = ", ".join([f'"{await _title(p)}" ({p.url})' for p in pages])
            raise StepError(ErrorKind.NAVIGATION, f'no tab is "{wanted}"; open are: {titles}')
        await asyncio.sleep(POLL_SECONDS)


async def _opened(page: Page, deadline: Deadline) -> bool:
    """Whether its document is there by the deadline; False for a tab that closed or hangs."""
    try:
        await page.wait_for_load_state("domcontentloaded", timeout=deadline.remaining_ms)
    except PlaywrightError:
        return False
    return True


async def _matching(pages: list[Page], current: Page, wanted: str) -> Page | None:
    if wanted == "new":
        return pages[-1] if len(pages) > 1 and pages[-1] is not current else None
    if wanted in {"main", "first"}:
        return pages[0] if pages else None
    if wanted.isdecimal():
        return pages[int(wanted) - 1] if 1 <= int(wanted) <= len(pages) else None
    for page in reversed(pages):
        if wanted in (await _title(page), page.url) or fnmatchcase(page.url, f"*{wanted}*"):
            return page
    return None


async def _title(page: Page) -> str:
    """The tab's title; "" while it has no document."""
    try:
        return await page.title()
    except PlaywrightError:
        return ""


def _reason(error: PlaywrightError) -> str:
    if isinstance(error, PlaywrightTimeoutError):
        return "it did not load in time"
    if "Download is starting" in str(error):
        return "it is a file to download; put a download step before"
    line = first_line(str(error))
    return line.split(" at ")[0].partition(": ")[2] or line
