"""Proof that an action took effect, read from the page without a model (H-15)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from tierwright.core.deadline import Deadline
from tierwright.core.errors import StepError
from tierwright.core.results import ErrorKind
from tierwright.page.failures import step_error
from tierwright.page.inject import in_page, module_source

POLL_SECONDS = 0.05
READ_MS = 2_000.0
"""How long one look at an element may take, in milliseconds."""

LOOK_MS = 200.0
"""The least time that a look gets, in milliseconds: the last one of several must not fail for want of time."""

_FIELD = "const f = e.localName === 'label' && e.control || e;"
_HELD = f"""(e, entered) => {{ {_FIELD}
  if (f.isContentEditable) return [f.innerText, entered, false];
  if (!['input', 'textarea', 'select'].includes(f.localName)) return null;
  const same = f.ownerDocument.createElement(f.localName === 'textarea' ? 'textarea' : 'input');
  if (f.localName === 'input') same.type = f.type;
  same.value = entered;
  const refused = f.type === 'range' || !same.value || f.type === 'color' && same.value === '#000000';
  return [f.value, refused ? entered : same.value, f.type === 'password'];
}}"""
_CHOSEN = f"""e => {{ {_FIELD} return f.localName !== 'select' ? null
  : [...f.selectedOptions].flatMap(o => [(o.label || o.text).replace(/\\s+/g, ' ').trim(), o.value]); }}"""
_SHOWN = f"e => {{ {_FIELD} return f.localName === 'input' ? f.value : (f.innerText ?? f.textContent ?? ''); }}"
_UNDER_LABEL = """e => { const r = e.getBoundingClientRect();
  const hit = e.getRootNode().elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
  return hit !== e && [...e.labels || []].some(label => label.contains(hit)); }"""
_FOCUSED = f"""e => {{ {_FIELD} const a = f.getRootNode().activeElement; return a === f || f.contains(a); }}"""
_FILE_FIELD = f"e => {{ {_FIELD} return f.files ? f.matches(':disabled') : null; }}"
_FILES = f"e => {{ {_FIELD} return f.files ? [...f.files].map(file => file.name) : null; }}"
_STATE = (
    "((f) => tw.whyHidden(f) ? ['hidden', tw.whyHidden(f)] : !tw.enabled(f) ? ['disabled', '']"
    " : f.readOnly || f.getAttribute('aria-readonly') === 'true' ? ['read-only', '']"
    " : tw.coveredBy(f) ? ['covered', tw.coveredBy(f)] : ['', ''])(el.localName === 'label' && el.control || el)"
)

_SPACE = re.compile(r"\s+")
_NUMBER_LIKE = re.compile(r"[\d\s()+./-]{7,}")
_SEPARATORS = re.compile(r"[\s()./-]+")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_GROUPED_BY_COMMA = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?")
_GROUPED_BY_POINT = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?")
_UNITS = re.compile(r"[\s\u00a0\u202f%'’$€£¥₹]|[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Proof:
    """What must be true after an action, the words for when it is not, and what the element holds instead."""

    holds: Callable[[], Awaitable[bool]]
    unmet: str
    seen: Callable[[], Awaitable[str]] | None = None


async def shows(proof: Proof, deadline: Deadline) -> bool:
    """Whether the proof holds by the deadline; an element that is gone after the action proves nothing against it."""
    while True:
        try:
            if await proof.holds():
                return True
        except PlaywrightError:
            return True
        if deadline.passed:
            return False
        await asyncio.sleep(min(POLL_SECONDS, deadline.remaining_seconds))


async def _look(element: Locator, script: str, argument: object = None) -> Any:
    """What a script says of the element: one round trip where it is there, else waiting for it up to READ_MS."""
    seen = await element.evaluate_all(f"(all, given) => all.slice(0, 1).map(e => ({script})(e, given))", argument)
    return seen[0] if seen else await element.evaluate(script, argument, timeout=READ_MS)


# --- texts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """What a field holds, and what a field of its type makes of the entered text (a date, a colour)."""

    text: str
    entered: str
    password: bool


async def read_field(element: Locator, entered: str) -> Held | None:
    """What a field, or the field of a label, holds; None for an element that holds no text of its own."""
    answer = await _look(element, _HELD, entered)
    return Held(*answer) if answer else None


async def holds_text(element: Locator, text: str) -> bool:
    """Whether the field holds this text; a field that formats what was entered (`12 34`) still holds it."""
    held = await read_field(element, text)
    return held is not None and same_text(held.text, held.entered)


async def contains_text(element: Locator, text: str) -> bool:
    """Whether the field holds this text among what it held before; keys that no field took prove nothing."""
    held = await read_field(element, text)
    return held is None or _plain(text) in _plain(held.text) or same_text(held.text, held.entered)


async def field_words(element: Locator) -> str:
    """What the field holds, for the words of a failure; a password is never shown."""
    held = await read_field(element, "")
    if held is None:
        return ""
    return " (it is a password)" if held.password else f'; it holds "{held.text[:80]}"'


def same_text(held: str, entered: str) -> bool:
    """Whether two texts are equal up to what fields add by themselves: space, case, grouping, a currency."""
    plain, wanted = _plain(held), _plain(entered)
    return plain in (wanted, wanted.upper(), wanted.lower()) or _same_number(held, entered)


def _plain(text: str) -> str:
    """Telephone, card and date fields group what is typed; a short number such as 1.5 stays as it is."""
    noise = _SEPARATORS if _NUMBER_LIKE.fullmatch(text) else _SPACE
    return noise.sub("", text)


def _same_number(held: str, entered: str) -> bool:
    """`1234.5` is held as `$1,234.50` or `1.234,50 €`."""
    bare = _UNITS.sub("", held)
    if not _PLAIN_NUMBER.fullmatch(entered):
        return False
    if _PLAIN_NUMBER.fullmatch(bare):
        return float(bare) == float(entered)
    if _GROUPED_BY_COMMA.fullmatch(bare):
        return float(bare.replace(",", "")) == float(entered)
    if _GROUPED_BY_POINT.fullmatch(bare):
        return float(bare.replace(".", "").replace(",", ".")) == float(entered)
    return False


# --- other states -----------------------------------------------------------------------------------------


async def is_checked(element: Locator, checked: bool) -> bool:
    """Whether a box (native or by role) is in this state."""
    return await element.is_checked(timeout=READ_MS) is checked


async def shows_option(element: Locator, wanted: str) -> bool:
    """Whether a list, native or custom, shows this option as the chosen one."""
    chosen = await _look(element, _CHOSEN)
    if chosen is not None:
        return wanted in chosen
    shown = " ".join(str(await _look(element, _SHOWN)).split())
    if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", shown):
        return True
    options = element.page.get_by_role("option", name=wanted, exact=True, selected=True, include_hidden=True)
    return await options.count() > 0


async def is_under_its_label(element: Locator) -> bool:
    """Whether a box is drawn by its label, which lies over it and takes the clicks for it."""
    return bool(await _look(element, _UNDER_LABEL))


async def has_focus(element: Locator) -> bool:
    """Whether the element, or something inside it, has the focus."""
    return bool(await _look(element, _FOCUSED))


async def takes_files(element: Locator, what: str, deadline: Deadline) -> bool:
    """Whether the element takes files itself rather than opening a chooser. Raises StepError for a disabled field."""
    while True:
        try:
            disabled: bool | None = await element.evaluate(_FILE_FIELD, timeout=max(deadline.remaining_ms, LOOK_MS))
        except PlaywrightError as error:
            raise step_error(error, what) from error
        if not disabled:
            return disabled is not None
        if deadline.remaining_seconds <= POLL_SECONDS:
            raise _unusable(what, "disabled", "")
        await asyncio.sleep(POLL_SECONDS)


async def took_files(element: Locator, names: Sequence[str], sent: Callable[[], bool]) -> bool:
    """Whether a file field lists these names, or is empty again because the page took them: it sent or shows them."""
    listed = await _look(element, _FILES)
    if listed == list(names):
        return True
    if listed:
        return False
    shown = await element.page.locator("body").inner_text(timeout=READ_MS)
    return sent() or all(name in shown for name in names)


async def until_usable(element: Locator, what: str, deadline: Deadline, *, writes: bool = False) -> None:
    """Wait until a person could use the element, for actions that Playwright sends without looking.

    Raises StepError (`hidden`, `disabled`, `covered`) at the deadline.
    """
    seen: tuple[str, str] | None = None
    while True:
        try:
            seen = await _state(element, what, deadline)
        except StepError:
            if seen is None or not deadline.passed:
                raise
        state, by = seen
        if not state or (state == "read-only" and not writes):
            return
        if deadline.remaining_seconds <= POLL_SECONDS:
            raise _unusable(what, state, by)
        await asyncio.sleep(POLL_SECONDS)


async def _state(element: Locator, what: str, deadline: Deadline) -> tuple[str, str]:
    timeout = max(deadline.remaining_ms, LOOK_MS)
    try:
        answer = await element.evaluate(in_page(_STATE, "el"), timeout=timeout)
        if isinstance(answer, str):
            await element.evaluate(module_source(), timeout=timeout)
            answer = await element.evaluate(in_page(_STATE, "el"), timeout=timeout)
    except PlaywrightError as error:
        raise step_error(error, what) from error
    return answer[0], answer[1]


def _unusable(what: str, state: str, by: str) -> StepError:
    if state == "covered":
        return StepError(ErrorKind.COVERED, f"{what} is covered by {by}")
    if state == "hidden":
        return StepError(ErrorKind.HIDDEN, f"{what} is there, but not visible: {by}")
    return StepError(ErrorKind.DISABLED, f"{what} is there, but {state}")
