"""Where the demo's files are: its site and its suite of tests."""

from __future__ import annotations

import shutil
from pathlib import Path

_HERE = Path(__file__).parent

REMOVED_TEST = "Have a present gift wrapped"
"""The test of the feature that v2 no longer has: it must pass on v1 and fail on v2."""


def site_dir() -> Path:
    """The folder of the shop's pages: `shared`, `v1`, `v2`."""
    return _HERE / "site"


def suite_dir() -> Path:
    """The folder of the demo's test files."""
    return _HERE / "suite"


def copy_suite(to: Path) -> Path:
    """Copy the suite into a folder, which is made if it is missing; its own files are overwritten, others stay."""
    shutil.copytree(suite_dir(), to, dirs_exist_ok=True)
    return to
