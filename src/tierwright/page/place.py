"""From a locator's words to Playwright's locator, and to the words a person reads."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from playwright.async_api import FrameLocator, Locator, Page

from tierwright.core.identity import ElementLocator
from tierwright.page.probe import playwright_selector


def locate(page: Page, place: ElementLocator) -> Locator:
    """Playwright's locator for a place, through its frames."""
    scope: Page | FrameLocator = page
    for frame in place.frame:
        scope = scope.frame_locator(playwright_selector(frame))
    return scope.locator(playwright_selector(place.selector))


def is_relative(address: str) -> bool:
    """Whether an address needs a base URL to be one."""
    return not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", address)


def is_of_the_web(address: str) -> bool:
    """Whether a browser would open it over http or https, or as an empty page; it drops blanks and line breaks."""
    seen = re.sub(r"[\t\r\n]", "", address).strip("".join(map(chr, range(0x21)))).lower()
    return seen == "about:blank" or bool(re.match(r"https?:", seen)) or is_relative(seen)


def absolute_url(address: str, base_url: str | None) -> str:
    """An address of a test as a whole URL; relative ones start at the base URL."""
    if not is_relative(address) or not base_url:
        return address
    base = base_url if base_url.endswith("/") or "." in base_url.rsplit("/", 1)[-1] else base_url + "/"
    return urljoin(base, address)
