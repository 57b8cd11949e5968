"""Which features of Chromium are off, beside those that Playwright switches off (docs/decisions/0200)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

OURS = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""The lists below the address bar as web pages: two more pages in every browser, which no test looks at."""
_LISTED = re.compile(r"\bdisabledFeatures = \[(.*?)\]", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*")


def playwrights_features() -> tuple[str, ...]:
    """What the installed Playwright switches off, read from its driver; empty where that is written otherwise."""
    _, cli = compute_driver_executable()
    try:
        code = (Path(cli).parent / "lib" / "coreBundle.js").read_text(encoding="utf-8")
    except OSError:
        return ()
    found = _LISTED.search(code)
    return tuple(re.findall(r'"(\w+)"', _COMMENT.sub("", found[1]))) if found else ()


@cache
def disabled_features() -> tuple[str, ...]:
    """The flag that switches off Playwright's features and ours; none where Playwright's are not known.

    Chromium heeds the last such flag alone, so that one with ours only would switch Playwright's on again.
    """
    theirs = playwrights_features()
    return (f"--disable-features={','.join((*theirs, *OURS))}",) if theirs else ()
