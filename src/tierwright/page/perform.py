"""Acts on a page, and proves that the action took effect (healing.md, sections 2 and 5).

The only module that acts, next to models/stagehand.py for tier 3 (H-27).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from tierwright.core.confine import outside
from tierwright.core.deadline import Deadline
from tierwright.core.dispatch import DispatchToken
from tierwright.core.errors import ESCALATING, REACHING, CrashedError, StepError
from tierwright.core.identity import ElementLocator
from tierwright.core.results import ErrorKind
from tierwright.core.steps import Action, Step
from tierwright.core.tier import Found, Performed, StepCall
from tierwright.page import verify
from tierwright.page.failures import (
    closed,
    crashed,
    first_line,
    reading,
    step_error,
    unfinished,
    was_sent,
    with_time_to_tell,
)
from tierwright.page.judge import judge
from tierwright.page.navigation import navigate_step
from tierwright.page.place import locate
from tierwright.page.select import choose_option
from tierwright.page.session import PageSession

VERIFY_SECONDS = 2.0
"""How long an action's effect may take to show after it was sent."""

ANSWER_SECONDS = 5.0
"""How long an armed dialog may take to open after the action."""

DRAG_STEPS = 8
"""Moves between picking up and dropping: libraries that drag by pointer start only after some way."""

OPENERS = frozenset(
    {
        Action.CLICK,
        Action.DOUBLE_CLICK,
        Action.RIGHT_CLICK,
        Action.PRESS,
        Action.SELECT,
        Action.CHECK,
        Action.UNCHECK,
        Action.UPLOAD,
        Action.DRAG,
        Action.NAVIGATE,
        Action.GO_BACK,
        Action.RELOAD,
    }
)
"""Actions that a dialog or a download may be waiting for."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One action about to be sent: the step, its element, the right to act, and until when it must be done."""

    call: StepCall
    session: PageSession
    token: DispatchToken
    holder: str
    found: Found
    element: Locator | None
    deadline: Deadline

    @property
    def what(self) -> str:
        """The element in words."""
        return f"`{self.found.locator}`" if self.found.locator else "the page"

    @property
    def the_element(self) -> Locator:
        """The element. Raises StepError where the step has none."""
        if self.element is None:
            raise StepError(ErrorKind.NOT_FOUND, f"{self.call.step.action} needs an element")
        return self.element

    async def send(self, action: Callable[[], Awaitable[object]], proof: verify.Proof | None = None) -> None:
        """Take the token, act, verify. What was not sent gives the token back; what was sent is never sent again."""
        await self.token.take(self.holder)
        self.session.note_action()
        try:
            await action()
        except PlaywrightError as error:
            await self._after_error(error, proof)
            return
        except StepError as error:  # of an action in several parts, whose first part was sent
            raise _final(error) from error
        if proof is not None and not await verify.shows(proof, self._proof_limit):
            raise StepError(ErrorKind.UNVERIFIED, f"the action was sent, but {await self._unmet(proof)}")

    @property
    def _proof_limit(self) -> Deadline:
        return with_time_to_tell(self.call.deadline).within(VERIFY_SECONDS)

    async def _after_error(self, error: PlaywrightError, proof: verify.Proof | None) -> None:
        if crashed(error):
            raise CrashedError(first_line(str(error))) from error
        if not was_sent(error):
            self.token.give_back(self.holder)
            raise step_error(error, self.what) from error
        if closed(error):
            return
        if proof is not None and await verify.shows(proof, self._proof_limit):
            return
        if proof is not None and not isinstance(error, PlaywrightTimeoutError):
            raise StepError(ErrorKind.UNVERIFIED, f"the action was sent, but {await self._unmet(proof)}") from error
        raise unfinished(error, self.what) from error

    async def _unmet(self, proof: verify.Proof) -> str:
        """The proof's words, and what is there instead where that tells no part of a secret."""
        value = self.call.step.value or ""
        if proof.seen is None or self.call.variables.mask(value) != value:
            return proof.unmet
        with contextlib.suppress(PlaywrightError):
            return proof.unmet + await proof.seen()
        return proof.unmet

    async def until_usable(self, *, writes: bool = False) -> None:
        """Wait until a person could use the element, unless its finder saw so. Raises StepError."""
        if not self.found.usable:
            await verify.until_usable(self.the_element, self.what, self.deadline, writes=writes)


def _final(error: StepError) -> StepError:
    """A failure after something was sent: no tier may try again, whatever its kind was (H-6)."""
    return StepError(ErrorKind.UNVERIFIED, error.message) if error.kind in ESCALATING | REACHING else error


async def perform(call: StepCall, session: PageSession, found: Found, token: DispatchToken, holder: str) -> Performed:
    """Do what the step says to the element that was found, or judge it. Raises StepError."""
    if call.step.judges:
        return await judge(call, session, found)
    element = locate(session.page, found.locator) if found.locator else None
    doing = Doing(call, session, token, holder, found, element, with_time_to_tell(call.deadline))
    artifacts = await _ACTIONS[call.step.action](doing)
    if call.step.action in OPENERS:
        artifacts += await what_was_armed(call, session)
    return Performed(found=found, artifacts=artifacts)


async def what_was_armed(call: StepCall, session: PageSession) -> tuple[str, ...]:
    """The dialog and the download that earlier steps told this one to bring, whoever acted. Raises StepError."""
    deadline = with_time_to_tell(call.deadline)
    if not await session.dialog_came(deadline.within(ANSWER_SECONDS)):
        raise StepError(ErrorKind.EXPECTATION, "the dialog that the step before announced did not open")
    came = await session.download_came(deadline)
    if came is None:
        return ()
    wanted, path = came
    if path is None:
        raise StepError(ErrorKind.EXPECTATION, "the file that the step before announced was not downloaded")
    if wanted and not fnmatchcase(path.name, wanted):
        raise StepError(ErrorKind.EXPECTATION, f'the downloaded file is "{path.name}", not "{wanted}"')
    return (str(path),)


def proof_of(step: Step, element: Locator) -> verify.Proof | None:
    """What must be true of the element after this step, whoever acted; None where nothing can be read back."""
    value = step.value or ""
    proofs: dict[Action, verify.Proof] = {
        Action.FILL: verify.Proof(
            lambda: verify.holds_text(element, value),
            "the field does not hold what was entered",
            lambda: verify.field_words(element),
        ),
        Action.CHECK: verify.Proof(lambda: verify.is_checked(element, True), "it is not checked"),
        Action.UNCHECK: verify.Proof(lambda: verify.is_checked(element, False), "it is still checked"),
        Action.FOCUS: verify.Proof(lambda: verify.has_focus(element), "it did not take the focus"),
        Action.SELECT: verify.Proof(lambda: verify.shows_option(element, value), f'the list does not show "{value}"'),
    }
    if not value.endswith("\n"):  # a line that was sent off with Enter is often cleared
        proofs[Action.TYPE] = verify.Proof(
            lambda: verify.contains_text(element, value),
            "the field does not hold what was typed",
            lambda: verify.field_words(element),
        )
    return proofs.get(step.action)


# --- actions on an element --------------------------------------------------------------------------------


async def _click(doing: Doing) -> tuple[str, ...]:
    element, timeout = doing.the_element, doing.deadline.remaining_ms
    clicks: dict[Action, Callable[[], Awaitable[object]]] = {
        Action.CLICK: lambda: element.click(timeout=timeout),
        Action.DOUBLE_CLICK: lambda: element.dblclick(timeout=timeout),
        Action.RIGHT_CLICK: lambda: element.click(button="right", timeout=timeout),
    }
    await doing.send(clicks[doing.call.step.action])
    return ()


async def _fill(doing: Doing) -> tuple[str, ...]:
    element, value = doing.the_element, doing.call.step.value or ""
    await doing.until_usable(writes=True)
    await doing.send(
        lambda: element.fill(value, timeout=doing.deadline.remaining_ms),
        proof_of(doing.call.step, element),
    )
    return ()


async def _type(doing: Doing) -> tuple[str, ...]:
    element, value = doing.the_element, doing.call.step.value or ""
    await doing.until_usable(writes=True)
    await doing.send(
        lambda: element.press_sequentially(value, timeout=doing.deadline.remaining_ms),
        proof_of(doing.call.step, element),
    )
    return ()


async def _press(doing: Doing) -> tuple[str, ...]:
    key, element = doing.call.step.key or "", doing.element
    if element is None:
        await doing.send(lambda: doing.session.page.keyboard.press(key))
        return ()
    await doing.until_usable()
    await doing.send(lambda: element.press(key, timeout=doing.deadline.remaining_ms))
    return ()


async def _check(doing: Doing) -> tuple[str, ...]:
    element, checked = doing.the_element, doing.call.step.action is Action.CHECK
    seen = doing.found.fingerprint
    with reading(doing.what):
        native = doing.found.usable and seen is not None and seen.tag == "input"
        by_label = native and await verify.is_under_its_label(element)
    await doing.send(
        lambda: element.set_checked(checked, timeout=doing.deadline.remaining_ms, force=by_label),
        proof_of(doing.call.step, element),
    )
    return ()


async def _select(doing: Doing) -> tuple[str, ...]:
    element = doing.the_element
    assert doing.found.locator
    document = locate(doing.session.page, ElementLocator("html", doing.found.locator.frame))
    await doing.until_usable()

    async def send(action: Callable[[], Awaitable[object]]) -> None:
        await doing.send(action, proof_of(doing.call.step, element))

    await choose_option(element, document, doing.call.step.value or "", doing.what, doing.deadline, send)
    return ()


async def _hover(doing: Doing) -> tuple[str, ...]:
    element = doing.the_element
    await doing.send(lambda: element.hover(timeout=doing.deadline.remaining_ms))
    return ()


async def _focus(doing: Doing) -> tuple[str, ...]:
    element = doing.the_element
    await doing.until_usable()
    await doing.send(
        lambda: element.focus(timeout=doing.deadline.remaining_ms),
        proof_of(doing.call.step, element),
    )
    return ()


async def _drag(doing: Doing) -> tuple[str, ...]:
    element = doing.the_element
    if doing.found.target is None:
        raise StepError(ErrorKind.NOT_FOUND, "nothing was found to drag it to")
    target = locate(doing.session.page, doing.found.target)
    await doing.send(lambda: element.drag_to(target, timeout=doing.deadline.remaining_ms, steps=DRAG_STEPS))
    return ()


async def _upload(doing: Doing) -> tuple[str, ...]:
    element = doing.the_element
    paths = await _files_to_upload(doing)
    if await verify.takes_files(element, doing.what, doing.deadline):
        names = [p.name for p in paths]
        proof = verify.Proof(
            lambda: verify.took_files(element, names, lambda: doing.session.sent_something),
            "the field does not list the file",
        )
        await doing.send(lambda: element.set_input_files(paths, timeout=doing.deadline.remaining_ms), proof)
        return ()

    await doing.send(lambda: _through_chooser(doing, paths))
    return ()


async def _through_chooser(doing: Doing, paths: Sequence[Path]) -> None:
    """Click what opens the file chooser, and give it the files: one act, none of it sent again."""
    timeout = doing.deadline.remaining_ms
    try:
        async with doing.session.page.expect_file_chooser(timeout=timeout) as chooser:
            await doing.the_element.click(timeout=timeout)
    except PlaywrightTimeoutError as error:
        if "filechooser" not in str(error):
            raise
        raise StepError(ErrorKind.UNVERIFIED, f"{doing.what} was clicked, but it opened no file chooser") from error
    try:
        await (await chooser.value).set_files(list(paths))
    except PlaywrightError as error:
        raise StepError(ErrorKind.EXPECTATION, f"{doing.what}: {first_line(str(error))}") from error


async def _files_to_upload(doing: Doing) -> list[Path]:
    folder = doing.session.files_dir
    paths = [folder / name for name in doing.call.step.files]
    if doing.session.confined and await asyncio.to_thread(outside, paths, folder):
        names = ", ".join(doing.call.step.files)
        raise StepError(ErrorKind.EXPECTATION, f"only files of the project can be uploaded: {names} is elsewhere")
    there = await asyncio.to_thread(lambda: [path.is_file() for path in paths])
    missing = [str(path) for path, found in zip(paths, there, strict=True) if not found]
    if missing:
        raise StepError(ErrorKind.EXPECTATION, f"the file to upload is not there: {', '.join(missing)}")
    return paths


async def _scroll(doing: Doing) -> tuple[str, ...]:
    element, value = doing.element, doing.call.step.value or ""
    if element is not None:
        await doing.send(lambda: element.scroll_into_view_if_needed(timeout=doing.deadline.remaining_ms))
        return ()
    await doing.send(lambda: doing.session.page.evaluate(_SCROLL, value))
    return ()


_SCROLL = """where => {
  const scrolls = e => e.scrollHeight > e.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(e).overflowY);
  let page = document.scrollingElement;
  if (page.scrollHeight <= page.clientHeight + 1) {
    let at = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    while (at && !scrolls(at)) at = at.parentElement;
    page = at || page;
  }
  const screen = innerHeight * 0.9, to = top => page.scrollTo({top, behavior: 'instant'});
  if (where === 'top') to(0);
  else if (where === 'bottom') to(page.scrollHeight);
  else if (where === 'up') to(page.scrollTop - screen);
  else if (where === '' || where === 'down') to(page.scrollTop + screen);
  else to(page.scrollTop + Number(where));
}"""
"""Scrolls the document, or the box in the middle of the screen where the document itself does not scroll."""


async def _screenshot(doing: Doing) -> tuple[str, ...]:
    name = doing.call.step.value or doing.call.step.name or f"step-{doing.call.index + 1}"
    return (await doing.session.shoot(doing.session.page, name, doing.element),)


async def _arm_dialog(doing: Doing) -> tuple[str, ...]:
    doing.session.arm_dialog(doing.call.step.value or "accept")
    return ()


async def _arm_download(doing: Doing) -> tuple[str, ...]:
    doing.session.arm_download(doing.call.step.value or "")
    return ()


async def _navigate(doing: Doing) -> tuple[str, ...]:
    await navigate_step(doing.call, doing.session, doing.token, doing.holder)
    return ()


_ACTIONS: dict[Action, Callable[[Doing], Awaitable[tuple[str, ...]]]] = {
    Action.CLICK: _click,
    Action.DOUBLE_CLICK: _click,
    Action.RIGHT_CLICK: _click,
    Action.FILL: _fill,
    Action.TYPE: _type,
    Action.PRESS: _press,
    Action.CHECK: _check,
    Action.UNCHECK: _check,
    Action.SELECT: _select,
    Action.HOVER: _hover,
    Action.FOCUS: _focus,
    Action.DRAG: _drag,
    Action.UPLOAD: _upload,
    Action.SCROLL: _scroll,
    Action.SCREENSHOT: _screenshot,
    Action.DIALOG: _arm_dialog,
    Action.DOWNLOAD: _arm_download,
    Action.NAVIGATE: _navigate,
    Action.RELOAD: _navigate,
    Action.GO_BACK: _navigate,
    Action.SWITCH_PAGE: _navigate,
}
