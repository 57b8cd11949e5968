"""Pictures of a run by policy: after steps, of the elements they act on, and where a step asks for one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error, FloatRect, Locator, Page

from tierwright.browser.screenshots import COVER_COLOUR, SCREENSHOT_SECONDS, locators_to_cover, take_screenshot
from tierwright.core.config import ScreenshotMode
from tierwright.core.deadline import Clock
from tierwright.core.errors import StepError
from tierwright.core.identity import Box
from tierwright.core.results import ErrorKind
from tierwright.core.runner import Picture
from tierwright.core.tier import Found, Session
from tierwright.page.place import locate

ELEMENT_ENDING = "-element.png"
"""How the names of pictures end that show one element, cut out."""

STEP_PICTURE = re.compile(r"step-\d{2,}-(passed|failed)\.png")
"""The names of pictures that show the page as a step left it."""

CROP_SECONDS = 1.0
"""What it may take to cut out an element: it is on its way to be acted on."""


@dataclass(frozen=True, slots=True)
class RunCamera:
    """Takes one try's pictures into a folder, password fields and secrets covered."""

    folder: Path
    mode: ScreenshotMode
    secrets: Sequence[str] = ()

    async def before_act(self, session: Session, index: int, found: Found, *, offered: bool) -> str | None:
        """The element cut out: of each step where all are pictured, else of what people shall review.

        None when it is not wanted, or could not be drawn in time.
        """
        wanted = self.mode is ScreenshotMode.ON or (offered and self.mode is not ScreenshotMode.OFF)
        if found.locator is None or not wanted:
            return None
        file = self.folder / f"step-{index + 1:02}{ELEMENT_ENDING}"
        element = locate(session.page, found.locator)
        return str(file) if await self._element(session.page, element, file, seconds=CROP_SECONDS) else None

    async def after_step(self, session: Session, index: int, found: Found | None, *, passed: bool) -> Picture | None:
        """The picture after a step, where the policy asks for one, and where in it the step's element stands."""
        wanted = self.mode is ScreenshotMode.ON or (self.mode is ScreenshotMode.ONLY_ON_FAILURE and not passed)
        if not wanted:
            return None
        outcome = "passed" if passed else "failed"
        taken = await take_screenshot(session.page, self.folder / f"step-{index + 1:02}-{outcome}.png", self.secrets)
        if taken is None:
            return None
        return Picture(str(taken), await _box_of(session.page, found) if found else None)

    async def asked_for(self, page: Page, name: str, element: Locator | None) -> str:
        """The picture that a screenshot step asks for. Raises StepError when it could not be taken."""
        file = self.folder / f"{_file_name(name)}.png"
        if element is None:
            taken = await take_screenshot(page, file, self.secrets) is not None
        else:
            taken = await self._element(page, element, file, seconds=SCREENSHOT_SECONDS)
        if not taken:
            raise StepError(ErrorKind.UNVERIFIED, "the page could not be drawn in time")
        return str(file)

    async def _element(self, page: Page, element: Locator, file: Path, *, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                if await element.count() != 1 or not await element.is_visible():
                    return False
                covered = await locators_to_cover(page, self.secrets)
                await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
                await element.screenshot(
                    path=file, mask=covered, mask_color=COVER_COLOUR, timeout=seconds * 1000, caret="initial"
                )
        except (Error, TimeoutError):
            return False
        return True


async def _box_of(page: Page, found: Found) -> Box | None:
    """Where an element stands in what the window shows; None where it is out of sight, or no longer one element."""
    if found.locator is None:
        return None
    element = locate(page, found.locator)
    try:
        async with asyncio.timeout(CROP_SECONDS):
            if await element.count() != 1 or not await element.is_visible():
                return None
            box = await element.bounding_box()
            width, height = await page.evaluate("[window.innerWidth, window.innerHeight]")
    except (Error, TimeoutError):
        return None
    return _within(box, width, height) if box else None


def _within(box: FloatRect, width: float, height: float) -> Box | None:
    left, top = max(0.0, box["x"]), max(0.0, box["y"])
    right, bottom = min(width, box["x"] + box["width"]), min(height, box["y"] + box["height"])
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


FRAME_SECONDS = 1.0
"""How often the current picture of a run is renewed at most: a picture costs a step some 50 ms."""


class FrameCamera:
    """Another camera, that also keeps one small picture of how the page looks now, for those who watch."""

    def __init__(self, camera: RunCamera, file: Path, clock: Clock, secrets: Sequence[str] = ()) -> None:
        self._camera = camera
        self._file = file
        self._clock = clock
        self._secrets = secrets
        self._taken_at = float("-inf")

    async def before_act(self, session: Session, index: int, found: Found, *, offered: bool) -> str | None:
        """The other camera's picture."""
        return await self._camera.before_act(session, index, found, offered=offered)

    async def after_step(self, session: Session, index: int, found: Found | None, *, passed: bool) -> Picture | None:
        """The picture of the other camera; the current picture is renewed when it is a second old."""
        picture = await self._camera.after_step(session, index, found, passed=passed)
        if self._clock.monotonic() - self._taken_at >= FRAME_SECONDS:
            self._taken_at = self._clock.monotonic()
            await self._renew(session.page)
        return picture

    async def _renew(self, page: Page) -> None:
        """Written beside it and moved there, so that nobody reads half a picture."""
        fresh = self._file.with_name(f".{self._file.stem}.new{self._file.suffix}")
        if await take_screenshot(page, fresh, self._secrets, seconds=FRAME_SECONDS):
            await asyncio.to_thread(fresh.replace, self._file)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "screenshot"
