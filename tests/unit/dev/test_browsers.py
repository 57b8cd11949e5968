"""Which browser shows the pages of tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.browsers import SHELL, browser_of_pages

from tierwright.browser.find import BrowserSource, FoundBrowser


@pytest.mark.parametrize("source", list(BrowserSource))
def test_the_shell_is_used_unless_somebody_named_a_browser(tmp_path: Path, source: BrowserSource):
    shell = tmp_path / SHELL
    shell.touch(mode=0o755)
    found = FoundBrowser(Path("/opt/chromium"), source)
    named = source not in {BrowserSource.MACHINE, BrowserSource.PLAYWRIGHT}
    assert browser_of_pages(found, {"PATH": str(tmp_path)}) == (found.path if named else shell)


def test_without_a_shell_the_found_browser_is_used(tmp_path: Path):
    found = FoundBrowser(Path("/opt/chromium"), BrowserSource.MACHINE)
    assert browser_of_pages(found, {"PATH": str(tmp_path)}) == found.path
