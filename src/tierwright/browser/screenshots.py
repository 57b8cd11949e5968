"""Pictures of a page, with password fields and everything that shows a secret covered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Error, Frame, Locator, Page

SCREENSHOT_SECONDS = 5.0
COVER_COLOUR = "#3a3a3a"

_FIELDS = "input, textarea, select"
_HOLDING = """(fields, secrets) => fields.flatMap((field, index) =>
  secrets.some((secret) => String(field.value ?? '').includes(secret)) ? [index] : [])"""


async def take_screenshot(
    page: Page,
    file: Path,
    secrets: Sequence[str] = (),
    *,
    full_page: bool = False,
    seconds: float = SCREENSHOT_SECONDS,
) -> Path | None:
    """Write a PNG of the page; None when the page could not be drawn, or not be covered, in time.

    A picture is evidence and never a verdict, so that its failure fails nothing.
    """
    try:
        async with asyncio.timeout(seconds):
            covered = await locators_to_cover(page, secrets)
            await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
            await page.screenshot(
                path=file,
                full_page=full_page,
                mask=covered,
                mask_color=COVER_COLOUR,
                timeout=seconds * 1000,
                scale="css",  # its pixels are the page's: boxes of elements are drawn over it
                animations="allow",
                caret="initial",  # hiding it would write style attributes into the page under test
            )
    except (Error, TimeoutError):
        return None
    return file


async def locators_to_cover(page: Page, secrets: Sequence[str]) -> list[Locator]:
    """Password fields, fields whose value holds a secret and elements whose text does, in every frame."""
    per_frame = await asyncio.gather(*(_in_frame(frame, list(secrets)) for frame in page.frames))
    return [locator for found in per_frame for locator in found]


async def _in_frame(frame: Frame, secrets: list[str]) -> list[Locator]:
    found = [frame.locator("input[type=password]"), *(frame.get_by_text(secret) for secret in secrets)]
    if secrets and not frame.is_detached():
        fields = frame.locator(_FIELDS)
        holding: list[int] = await fields.evaluate_all(_HOLDING, secrets)
        found += [fields.nth(index) for index in holding]
    return found
