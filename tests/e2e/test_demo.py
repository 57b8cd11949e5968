"""`tierwright demo` shows what it promises, by itself, as the first command of a new user."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.children import said_by


@pytest.mark.serial
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(280)
async def test_the_demo_heals_the_redesign_and_fails_the_removed_feature(tmp_path: Path) -> None:
    """H-3, H-14, H-22: v1 all tier 1; v2 healed but for what is gone; v2 again from the cache, without a model."""
    code, output = await said_by("tierwright", "demo", cwd=tmp_path, env=os.environ, seconds=270)
    assert code == 0, output
    totals = re.findall(r"(\d+) steps \(tier 1: (\d+), .*?(\d+) from the cache, (\d+) model tokens", output)
    (steps, direct, _, _), (_, _, _, _), (_, _, remembered, tokens) = [tuple(map(int, found)) for found in totals]
    assert steps == direct >= 40
    assert remembered > 100
    assert tokens == 0
    assert re.findall(r"FAIL  (.*?)  \d", output) == ["Have a present gift wrapped"] * 2
