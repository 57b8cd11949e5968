"""Playwright's driver: what is said when its Node does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tierwright.browser.launch import driver_complaint, started_playwright
from tierwright.core.errors import MachineryError


def test_a_driver_that_starts_has_no_complaint():
    assert driver_complaint() is None


def test_a_library_that_is_missing_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho 'node: error while loading shared libraries: libatomic.so.1' >&2\nexit 127\n")
    node.chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    complaint = driver_complaint()
    assert complaint is not None
    for words in ("libatomic.so.1", "apt-get install libatomic1", "PLAYWRIGHT_NODEJS_PATH"):
        assert words in complaint


async def test_a_node_that_is_not_there_ends_in_a_machinery_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", "/no/such/node")
    with pytest.raises(MachineryError, match="/no/such/node"):
        async with started_playwright():
            pass
