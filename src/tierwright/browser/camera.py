"""Pictures of a run by policy: after steps, of healed elements, and where a step asks for one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error, Locator, Page

from tierwright.browser.screenshots import COVER_COLOUR, SCREENSHOT_SECONDS, locators_to_cover, take_screenshot
from tierwright.core.config import ScreenshotMode
from tierwright.core.deadline import Clock
from tierwright.core.errors import StepError
from tierwright.core.results import ErrorKind
from tierwright.core.tier import Found, Session
from tierwright.page.place import locate


@dataclass(frozen=True, slots=True)
class RunCamera:
    """Takes one try's pictures into a folder, password fields and secrets covered."""

    folder: Path
    mode: ScreenshotMode
    secrets: Sequence[str] = ()

    async def after_step(self, session: Session, index: int, *, passed: bool) -> tuple[str, ...]:
        """The picture after a step, where the policy asks for one."""
        wanted = self.mode is ScreenshotMode.ON or (self.mode is ScreenshotMode.ONLY_ON_FAILURE and not passed)
        if not wanted:
            return ()
        outcome = "passed" if passed else "failed"
        taken = await take_screenshot(session.page, self.folder / f"step-{index + 1:02}-{outcome}.png", self.secrets)
        return (str(taken),) if taken else ()

    async def of_heal(self, session: Session, index: int, found: Found) -> str | None:
        """A healed element, cut out; None when pictures are off or the page has moved on."""
        if self.mode is ScreenshotMode.OFF or found.locator is None:
            return None
        file = self.folder / f"step-{index + 1:02}-healed.png"
        element = locate(session.page, found.locator)
        return str(file) if await self._element(session.page, element, file, seconds=1.0) else None

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
                if await element.count() != 1:
                    return False
                covered = await locators_to_cover(page, self.secrets)
                await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
                await element.screenshot(
                    path=file, mask=covered, mask_color=COVER_COLOUR, timeout=seconds * 1000, caret="initial"
                )
        except (Error, TimeoutError):
            return False
        return True


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

    async def after_step(self, session: Session, index: int, *, passed: bool) -> tuple[str, ...]:
        """The pictures of the other camera; the current picture is renewed when it is a second old."""
        pictures = await self._camera.after_step(session, index, passed=passed)
        if self._clock.monotonic() - self._taken_at >= FRAME_SECONDS:
            self._taken_at = self._clock.monotonic()
            await self._renew(session.page)
        return pictures

    async def of_heal(self, session: Session, index: int, found: Found) -> str | None:
        """The other camera's picture."""
        return await self._camera.of_heal(session, index, found)

    async def _renew(self, page: Page) -> None:
        """Written beside it and moved there, so that nobody reads half a picture."""
        fresh = self._file.with_name(f".{self._file.stem}.new{self._file.suffix}")
        if await take_screenshot(page, fresh, self._secrets, seconds=FRAME_SECONDS):
            await asyncio.to_thread(fresh.replace, self._file)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "screenshot"
