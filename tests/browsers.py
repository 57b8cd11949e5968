"""Which build of Chromium shows a page to a test (docs/decisions/0170)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tierwright.browser.find import BrowserSource, FoundBrowser

SHELL = "chromium-headless-shell"
NAMED = (BrowserSource.FLAG, BrowserSource.TIERWRIGHT_CHROME_PATH, BrowserSource.CHROME_PATH)


def browser_of_pages(found: FoundBrowser, env: Mapping[str, str]) -> Path:
    """Chromium's build without windows, which Playwright itself uses by default, else the browser that was found.

    A new page of it costs a third of the processor time. A browser that somebody named is used for everything.
    """
    if found.source in NAMED:
        return found.path
    shell = shutil.which(SHELL, path=env.get("PATH", os.defpath))
    return Path(shell) if shell else found.path
