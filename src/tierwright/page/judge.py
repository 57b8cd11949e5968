"""Judges an expectation on the page; never acts, never changes what is expected (H-17)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from fnmatch import fnmatchcase

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, expect

from tierwright.core.deadline import Deadline
from tierwright.core.errors import StepError
from tierwright.core.results import ErrorKind
from tierwright.core.steps import Condition
from tierwright.core.tier import Found, Performed, StepCall
from tierwright.page.failures import read_error, with_time_to_tell
from tierwright.page.place import absolute_url, locate
from tierwright.page.session import PageSession

POLL_SECONDS = 0.05
LOOK_MS = 250.0
"""How long a last look at the element may take, for the words of a failure."""

SHOWN_CHARACTERS = 300

_NOT_OF_THIS_KIND = re.compile(r"Not a checkbox|Not an input element|Element is not")

_DESCRIBE = """(e, attribute) => ({
  text: (e.innerText ?? e.textContent ?? '').replace(/\\s+/g, ' ').trim(),
  value: e.type === 'password' ? '(hidden)' : String(e.value ?? ''),
  attribute: attribute ? e.getAttribute(attribute) : null,
})"""


async def judge(call: StepCall, session: PageSession, found: Found) -> Performed:
    """Compare the page with the step's condition until it holds or the deadline comes. Raises StepError."""
    condition = call.step.condition or Condition.VISIBLE
    deadline = with_time_to_tell(call.deadline)
    if condition in (Condition.URL, Condition.TITLE):
        await _judge_page(call, session, condition, deadline)
        return Performed(found=found)
    if found.locator is None:
        return Performed(found=found)
    element = locate(session.page, found.locator)
    try:
        await _assertion(call, element, condition, deadline.remaining_ms)
    except AssertionError as error:
        raise await _unmet(call, element, condition, found) from error
    except PlaywrightError as error:
        raise _not_judged(error, condition, found) from error
    return Performed(found=found)


def _not_judged(error: PlaywrightError, condition: Condition, found: Found) -> Exception:
    if _NOT_OF_THIS_KIND.search(str(error)):
        return StepError(ErrorKind.EXPECTATION, f"`{found.locator}` is nothing that can be {condition.value}")
    return read_error(error, f"`{found.locator}`")


def _assertion(call: StepCall, element: Locator, condition: Condition, timeout: float) -> Awaitable[None]:
    it, value = expect(element), call.step.value or ""
    assertions: dict[Condition, Callable[[], Awaitable[None]]] = {
        Condition.VISIBLE: lambda: it.to_be_visible(timeout=timeout),
        Condition.HIDDEN: lambda: it.to_be_hidden(timeout=timeout),
        Condition.TEXT: lambda: it.to_have_text(value, timeout=timeout, use_inner_text=True),
        Condition.CONTAINS: lambda: it.to_contain_text(value, timeout=timeout, use_inner_text=True),
        Condition.MATCHES: lambda: it.to_have_text(_pattern(value), timeout=timeout, use_inner_text=True),
        Condition.VALUE: lambda: it.to_have_value(value, timeout=timeout),
        Condition.COUNT: lambda: it.to_have_count(int(value), timeout=timeout),
        Condition.CHECKED: lambda: it.to_be_checked(timeout=timeout),
        Condition.UNCHECKED: lambda: it.not_to_be_checked(timeout=timeout),
        Condition.ENABLED: lambda: it.to_be_enabled(timeout=timeout),
        Condition.DISABLED: lambda: it.to_be_disabled(timeout=timeout),
        Condition.ATTRIBUTE: lambda: it.to_have_attribute(call.step.attribute or "", value, timeout=timeout),
    }
    return assertions[condition]()


def _pattern(value: str) -> re.Pattern[str]:
    """The pattern; a variable may have made it unreadable. Raises StepError."""
    try:
        return re.compile(value)
    except re.error as error:
        raise StepError(ErrorKind.EXPECTATION, f'"{value}" is no regular expression: {error}') from error


async def _unmet(call: StepCall, element: Locator, condition: Condition, found: Found) -> StepError:
    """The failure in words: what was expected, what the page says."""
    matches = await _count(element)
    where, value = f"`{found.locator}`", call.step.value
    if condition is Condition.COUNT:
        return StepError(ErrorKind.EXPECTATION, f"expected {value} elements for {where}, saw {matches}")
    if matches == 0:
        return StepError(ErrorKind.NOT_FOUND, f"nothing matches {where} any more")
    if matches > 1 and condition is not Condition.HIDDEN:
        return StepError(ErrorKind.AMBIGUOUS, f"{matches} elements match {where}")
    seen = "it is still visible" if condition is Condition.HIDDEN else await _seen(call, element, condition)
    return StepError(ErrorKind.EXPECTATION, f"expected {_wanted(call, where, condition)}; {seen}")


async def _count(element: Locator) -> int:
    try:
        return await element.count()
    except PlaywrightError:
        return 0


def _wanted(call: StepCall, where: str, condition: Condition) -> str:
    """The expectation as a person would say it."""
    value = call.step.value
    wanted = {
        Condition.TEXT: f'the text of {where} to be "{value}"',
        Condition.CONTAINS: f'{where} to contain "{value}"',
        Condition.MATCHES: f'the text of {where} to match "{value}"',
        Condition.VALUE: f'the value of {where} to be "{value}"',
        Condition.ATTRIBUTE: f'the attribute {call.step.attribute} of {where} to be "{value}"',
    }
    return wanted.get(condition, f"{where} to be {condition.value}")


async def _seen(call: StepCall, element: Locator, condition: Condition) -> str:
    try:
        seen = await element.evaluate(_DESCRIBE, call.step.attribute, timeout=LOOK_MS)
    except PlaywrightError:
        return "it could not be read any more"
    if condition is Condition.ATTRIBUTE and seen["attribute"] is None:
        return "it has no such attribute"
    key = {Condition.VALUE: "value", Condition.ATTRIBUTE: "attribute"}.get(condition, "text")
    shown = call.variables.mask(seen[key])[:SHOWN_CHARACTERS]
    if condition is Condition.VALUE:
        return f'its value is "{shown}"'
    if condition is Condition.ATTRIBUTE:
        return f'it is "{shown}"'
    if condition in (Condition.TEXT, Condition.CONTAINS, Condition.MATCHES):
        return f'it says "{shown}"'
    return f"it is not {condition.value}"


async def _judge_page(call: StepCall, session: PageSession, condition: Condition, deadline: Deadline) -> None:
    wanted, seen = call.step.value or "", ""
    while True:
        seen = await _of_page(session, condition) or seen
        if _page_matches(wanted, seen, condition, session.base_url):
            return
        if deadline.remaining_seconds <= POLL_SECONDS:
            raise StepError(ErrorKind.EXPECTATION, f'expected the {condition.value} to be "{wanted}"; it is "{seen}"')
        await asyncio.sleep(POLL_SECONDS)


async def _of_page(session: PageSession, condition: Condition) -> str:
    """The page's address or title; "" while it has none, such as between two documents."""
    if condition is Condition.URL:
        return session.page.url
    try:
        return await session.page.title()
    except PlaywrightError:
        return ""


def _page_matches(wanted: str, seen: str, condition: Condition, base_url: str | None) -> bool:
    """A title is compared whole; an address may be relative to the base URL and may hold `*`."""
    if condition is Condition.TITLE:
        return " ".join(seen.split()) == " ".join(wanted.split())
    whole = absolute_url(wanted, base_url)
    if "*" in wanted:
        return fnmatchcase(seen, whole) or fnmatchcase(seen, wanted)
    return seen.rstrip("/") == whole.rstrip("/")
