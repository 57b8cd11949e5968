"""Why nothing may heal on a page: it did not load, or holds nothing at all (healing.md, H-8 and section 2)."""

from __future__ import annotations

from playwright.async_api import Error as PlaywrightError

from tierwright.core.deadline import Deadline
from tierwright.core.results import ErrorKind, Failure
from tierwright.page.session import PageSession

_BLANK = """() => location.href !== 'about:blank' && document.readyState === 'complete'
  && !document.body?.firstElementChild && !document.body?.innerText.trim()"""


async def problem_of(session: PageSession, deadline: Deadline) -> Failure | None:
    """Why a settled page can hold no element of any step: a failed load, a blank document, no tab. Else None."""
    if session.page.is_closed():
        return Failure(ErrorKind.NAVIGATION, "the last tab was closed")
    known = session.problem()
    if known:
        return known
    try:
        async with deadline.timeout():
            blank = await session.page.evaluate(_BLANK)
    except (PlaywrightError, TimeoutError):
        return None
    return Failure(ErrorKind.NAVIGATION, f"{session.page.url} is a blank page") if blank else None
