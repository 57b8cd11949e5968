"""Walks the demo's suite in plain Playwright, by the oracle's elements instead of the steps' selectors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Dialog, FrameLocator, Locator, Page, expect

from tierwright.core.identity import ElementLocator
from tierwright.core.steps import Action, Condition, Step, TestCase
from tierwright.core.variables import Variables
from tierwright.demo.shop import DEMO_PASSWORD

from .demo_oracle import TRUTHS, Truth


def locate(page: Page, where: ElementLocator) -> Locator:
    scope: Page | FrameLocator = page
    for frame in where.frame:
        scope = scope.frame_locator(frame)
    return scope.locator(where.selector)


@dataclass
class Walk:
    """One test on one version. `gone` are the steps whose own selector matches nothing any more; `other` those
    whose selector matches, but another element than the oracle's; `removed` those the oracle has no element for."""

    page: Page
    base_url: str
    version: int
    test: TestCase
    gone: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    downloaded: Path | None = None
    _download: str | None = None

    async def run(self) -> Walk:
        values = {**self.test.variables, **dict.fromkeys(self.test.secrets, DEMO_PASSWORD)}
        variables = Variables(values)
        truths = TRUTHS[self.test.name]
        steps = self.test.all_steps
        assert len(truths) == len(steps), f"{self.test.name}: {len(truths)} truths for {len(steps)} steps"
        for index, (written, truth) in enumerate(zip(steps, truths, strict=True)):
            step = variables.bind(written)
            assert truth.page != step.needs_element, f"{self.test.name} {index}: {step.title}"
            await self._walk(index, step, truth)
        return self

    async def _walk(self, index: int, step: Step, truth: Truth) -> None:
        where = truth.on(self.version)
        if truth.page:
            return await self._page_step(step)
        if where is None:
            self.removed.append(index)
            return None
        element = locate(self.page, where)
        await self._element_step(index, step, element, truth)
        return None

    async def compare(self, index: int, step: Step, element: Locator) -> None:
        """Note how the step's own selector fares; the element must be there."""
        if step.selector is None:
            return
        own = locate(self.page, ElementLocator(step.selector, step.frame))
        if await own.count() == 0:
            self.gone.append(index)
        elif step.condition is not Condition.COUNT and not await same(own, element):
            self.other.append(index)

    async def _page_step(self, step: Step) -> None:
        value = step.value or ""
        match step.action:
            case Action.NAVIGATE:
                await self.page.goto(self.base_url + value)
            case Action.RELOAD:
                await self.page.reload()
            case Action.PRESS:
                await self.page.keyboard.press(step.key or "")
            case Action.DIALOG:
                self.page.once("dialog", answer_dialog(value))
            case Action.DOWNLOAD:
                self._download = value
            case Action.SWITCH_PAGE:
                await self._switch(value)
            case Action.EXPECT:
                assert step.condition is Condition.URL
                await expect(self.page).to_have_url(self.base_url + value)
            case _:
                raise AssertionError(f"a page step that the walk does not know: {step.action}")

    async def _switch(self, value: str) -> None:
        pages = self.page.context.pages
        self.page = pages[-1] if value == "new" else pages[int(value) - 1]
        await self.page.wait_for_load_state()

    async def _element_step(self, index: int, step: Step, element: Locator, truth: Truth) -> None:
        if step.action is Action.EXPECT:
            await judge(step, element)
            return await self.compare(index, step, element)
        await element.wait_for()
        await self.compare(index, step, element)
        if step.action is Action.DRAG:
            assert truth.target is not None
            return await element.drag_to(locate(self.page, truth.target))
        if self._download is not None:
            return await self._click_for_download(element)
        if await element.get_attribute("target") == "_blank":
            async with self.page.context.expect_page():
                return await element.click()
        return await act(step, element, Path(self.test.file).parent)

    async def _click_for_download(self, element: Locator) -> None:
        async with self.page.expect_download() as coming:
            await element.click()
        download = await coming.value
        assert download.suggested_filename == self._download
        self.downloaded = await download.path()
        self._download = None


async def same(one: Locator, other: Locator) -> bool:
    """Whether both locators mean one element, also one that the page is just drawing anew."""
    for _ in range(10):
        if await _same_now(one, other):
            return True
        await asyncio.sleep(0.1)
    return False


async def _same_now(one: Locator, other: Locator) -> bool:
    """In different frames they never do."""
    handles = await one.element_handles()
    wanted = await other.element_handle()
    if len(handles) != 1 or await handles[0].owner_frame() is not await wanted.owner_frame():
        return False
    return bool(await wanted.evaluate("(a, b) => a === b", handles[0]))


def answer_dialog(value: str) -> Callable[[Dialog], Awaitable[None]]:
    async def answer(dialog: Dialog) -> None:
        await (dialog.dismiss() if value == "dismiss" else dialog.accept())

    return answer


async def judge(step: Step, element: Locator) -> None:
    value = step.value or ""
    seen = expect(element)
    judges: dict[Condition | None, Callable[[], Awaitable[None]]] = {
        Condition.TEXT: lambda: seen.to_have_text(value),
        Condition.CONTAINS: lambda: seen.to_contain_text(value),
        Condition.MATCHES: lambda: seen.to_have_text(re.compile(value)),
        Condition.VALUE: lambda: seen.to_have_value(value),
        Condition.COUNT: lambda: seen.to_have_count(int(value)),
        Condition.ATTRIBUTE: lambda: seen.to_have_attribute(step.attribute or "", value),
        Condition.VISIBLE: seen.to_be_visible,
        Condition.HIDDEN: seen.to_be_hidden,
        Condition.CHECKED: seen.to_be_checked,
        Condition.DISABLED: seen.to_be_disabled,
    }
    await judges[step.condition]()


async def act(step: Step, element: Locator, folder: Path) -> None:
    value = step.value or ""
    match step.action:
        case Action.CLICK:
            await element.click()
        case Action.FILL:
            await element.fill(value)
            await expect(element).to_have_value(value)
        case Action.TYPE:
            assert await element.evaluate("e => e === document.activeElement")
            await element.press_sequentially(value)
        case Action.PRESS:
            await element.press(step.key or "")
        case Action.SELECT:
            await element.select_option(label=value)
        case Action.CHECK:
            await element.check()
        case Action.HOVER:
            await element.hover()
        case Action.SCROLL:
            await element.scroll_into_view_if_needed()
        case Action.UPLOAD:
            await element.set_input_files([folder / name for name in step.files])
        case _:
            raise AssertionError(f"an action that the walk does not know: {step.action}")
