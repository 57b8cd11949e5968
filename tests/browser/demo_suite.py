"""The demo's tests, in the order of their files."""

from __future__ import annotations

from tierwright.core.steps import TestCase
from tierwright.demo.assets import suite_dir
from tierwright.testfiles.loader import load


def load_suite() -> tuple[TestCase, ...]:
    loaded = load([suite_dir()])
    assert loaded.problems == ()
    return loaded.tests
