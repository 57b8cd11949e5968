"""Chooses an option: in a native select by label, else by value; in a custom one by opening it first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from playwright.async_api import ElementHandle, Locator
from playwright.async_api import Error as PlaywrightError

from tierwright.core.deadline import Deadline
from tierwright.core.errors import StepError
from tierwright.core.results import ErrorKind
from tierwright.page import verify
from tierwright.page.failures import read_error, step_error, unfinished, was_sent

OPTION_WAIT_SECONDS = 5.0
"""How long the wanted option may take to appear, for lists that load late."""

FILTER_AFTER_SECONDS = 0.5
"""How long an opened list may take to show the option by itself, before its field is used to filter it."""

_OPTIONS = """e => { const f = e.localName === 'label' && e.control || e;
  return f.localName !== 'select' ? null : [...f.options].map(o => [(o.label || o.text).replace(/\\s+/g, ' ').trim(),
    o.value, o.disabled || o.parentElement.localName === 'optgroup' && o.parentElement.disabled]); }"""
_LISTBOX = """e => {
  const ids = (e.getAttribute('aria-controls') || e.getAttribute('aria-owns') || '').split(' ');
  const id = ids.find(i => i && e.getRootNode().getElementById(i)) || '';
  return [e.getAttribute('aria-expanded') === 'true' || e.getAttribute('role') === 'listbox', id];
}"""
_OPTION_ROLES: tuple[Literal["option", "menuitemradio", "menuitem"], ...] = ("option", "menuitemradio", "menuitem")
_TAKES_TEXT = "e => e.localName === 'input' && !e.readOnly"

Option = tuple[str, str, bool]
"""An option's label, its value, and whether it is disabled."""

Send = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]
"""Takes the token, acts, verifies (page/perform.py)."""


async def choose_option(
    element: Locator, document: Locator, wanted: str, what: str, deadline: Deadline, send: Send
) -> None:
    """Choose an option by its label, else by its value; `document` is what the element stands in.

    Raises StepError: `expectation` with the list of options, or `disabled`.
    """
    options = await _options(element, what, deadline)
    if options is None:
        await send(lambda: _Custom(element, document, wanted, what, deadline).open_and_choose())
        return
    index = await _native_index(element, options, wanted, what, deadline)
    await send(lambda: element.select_option(index=index, timeout=deadline.remaining_ms))


async def _options(element: Locator, what: str, deadline: Deadline) -> list[Option] | None:
    try:
        timeout = max(deadline.remaining_ms, verify.LOOK_MS)
        options: list[Option] | None = await element.evaluate(_OPTIONS, timeout=timeout)
    except PlaywrightError as error:
        raise step_error(error, what) from error
    return options


async def _native_index(element: Locator, options: list[Option], wanted: str, what: str, deadline: Deadline) -> int:
    """The place of the option meant, waited for while the list fills or its option is disabled."""
    limit = deadline.within(OPTION_WAIT_SECONDS)
    while True:
        index = _place_of(options, wanted)
        if index is not None and not options[index][2]:
            return index
        if limit.remaining_seconds <= verify.POLL_SECONDS:
            raise _not_choosable(options, index, wanted, what)
        await asyncio.sleep(verify.POLL_SECONDS)
        options = await _options(element, what, deadline) or options


def _place_of(options: Sequence[Option], wanted: str) -> int | None:
    """The option with this label, else with this value; one that can be chosen before one that cannot."""
    for column in (0, 1):
        places = [i for i, option in enumerate(options) if option[column] == wanted]
        if places:
            return min(places, key=lambda i: options[i][2])
    return None


def _not_choosable(options: Sequence[Option], index: int | None, wanted: str, what: str) -> StepError:
    if index is None:
        return no_such_option(wanted, what, [label for label, _, _ in options])
    return StepError(ErrorKind.DISABLED, f'the option "{wanted}" of {what} is disabled')


async def native_label(element: ElementHandle, wanted: str, what: str) -> str:
    """The label of the option meant, for those who choose by label. Raises StepError like `choose_option`."""
    options: list[Option] | None = await element.evaluate(_OPTIONS)
    if options is None:
        raise StepError(ErrorKind.UNAVAILABLE, f"{what} is no native select, and Stagehand can choose in no other")
    index = _place_of(options, wanted)
    if index is None or options[index][2]:
        raise _not_choosable(options, index, wanted, what)
    return options[index][0]


class _Custom:
    """A list that the page draws itself. Opening and choosing are one act under one token: neither is sent again."""

    def __init__(self, element: Locator, document: Locator, wanted: str, what: str, deadline: Deadline) -> None:
        self._element = element
        self._document = document
        self._wanted = wanted
        self._what = what
        self._deadline = deadline

    async def open_and_choose(self) -> None:
        """Open the list if it is closed, and click the option. Raises StepError once the list was opened."""
        is_open, _ = await self._element.evaluate(_LISTBOX, timeout=self._deadline.remaining_ms)
        if not is_open:
            await self._element.click(timeout=self._deadline.remaining_ms)
        option = f'the option "{self._wanted}" of {self._what}'
        try:
            await (await self._option()).click(timeout=self._deadline.remaining_ms)
        except PlaywrightError as error:
            raise (unfinished if was_sent(error) else step_error)(error, option) from error

    async def _option(self) -> Locator:
        """The option meant, once exactly one is shown; a field is filled with it where the list needs filtering."""
        limit = self._deadline.within(OPTION_WAIT_SECONDS)
        unfiltered = self._deadline.within(FILTER_AFTER_SECONDS)
        filtered = False
        while True:
            scope = await self._scope()
            exact = await self._exact(scope)
            if exact is not None:
                return exact
            if limit.remaining_seconds <= verify.POLL_SECONDS:
                raise await self._missing(scope)
            if unfiltered.passed and not filtered:
                filtered = True
                await self._filter()
            await asyncio.sleep(verify.POLL_SECONDS)

    async def _scope(self) -> Locator:
        """Where the options are: the list that the element names, where it is there and filled, else the document."""
        try:
            _, list_id = await self._element.evaluate(_LISTBOX, timeout=self._look_ms)
        except PlaywrightError as error:
            raise read_error(error, self._what) from error
        named = self._document.locator(f'[id="{list_id}"]')
        return named if list_id and await named.get_by_role("option").count() else self._document

    async def _exact(self, scope: Locator) -> Locator | None:
        """The only option of this name."""
        for role in _OPTION_ROLES:
            option = scope.get_by_role(role, name=self._wanted, exact=True)
            if await option.count() == 1:
                return option
        return None

    async def _filter(self) -> None:
        if await self._element.evaluate(_TAKES_TEXT, timeout=self._look_ms):
            await self._element.fill(self._wanted, timeout=self._deadline.remaining_ms)

    @property
    def _look_ms(self) -> float:
        return max(self._deadline.remaining_ms, verify.LOOK_MS)

    async def _missing(self, scope: Locator) -> StepError:
        there = [" ".join(text.split()) for text in await scope.get_by_role("option").all_inner_texts()]
        if there.count(self._wanted) > 1:
            return StepError(ErrorKind.EXPECTATION, f'{self._what} shows several options "{self._wanted}"')
        return no_such_option(self._wanted, self._what, there)


def no_such_option(wanted: str, what: str, there: Sequence[str]) -> StepError:
    """The option is not there; the words list those that are."""
    listed = ", ".join(f'"{" ".join(text.split())}"' for text in there[:30]) or "none"
    return StepError(ErrorKind.EXPECTATION, f'{what} has no option "{wanted}"; its options are: {listed}')
