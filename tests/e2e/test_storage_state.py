"""A session that one run signed in to is the next run's beginning."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from tierwright.core.config import RunConfig
from tierwright.core.errors import UsageError
from tierwright.core.results import RunStatus
from tierwright.core.settings import ExecutionSettings
from tierwright.core.strategy import FallbackStrategy
from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD
from tierwright.testfiles.loader import load
from tierwright.worker.suite import run_suite

SIGN_IN = """
name: Sign in
secrets: [password]
steps:
  - Go to "/login"
  - {action: fill, selector: "#email", value: ada@example.com}
  - {action: fill, selector: "#password", value: "{{password}}"}
  - Click the "Sign in" button
  - {action: expect, selector: "#account-link", condition: text, value: Ada Fenwick}
"""
SIGNED_IN = """
name: Still signed in
steps:
  - Go to "/account"
  - {action: expect, selector: "#account-link", condition: text, value: Ada Fenwick}
"""


async def run(folder: Path, url: str, *texts: str, **options: Path) -> list[RunStatus]:
    for number, text in enumerate(texts):
        (folder / f"{number}.tw.yaml").write_text(text)
    config = RunConfig(
        paths=(folder,),
        settings=ExecutionSettings(fallback_strategy=FallbackStrategy.OPTION_A, tier1_timeout_seconds=3),
        base_url=url,
        state_dir=folder / "state",
        secrets={"password": DEMO_PASSWORD},
        **options,
    )
    async with asyncio.timeout(25):
        return [run.status for run in (await run_suite(config, load([folder]).tests, [])).runs]


@pytest.mark.serial
@pytest.mark.browser
@pytest.mark.timeout(120)
async def test_what_one_run_saved_the_next_begins_with(tmp_path: Path):
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    file = tmp_path / "session.json"
    for folder in (first, second, third):
        folder.mkdir()
    with serve(1) as shop:
        assert await run(first, shop.base_url, SIGN_IN, save_storage=file) == [RunStatus.PASSED]
        assert json.loads(file.read_text())["cookies"]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert await run(second, shop.base_url, SIGNED_IN, storage_state=file) == [RunStatus.PASSED]
        assert await run(third, shop.base_url, SIGNED_IN) == [RunStatus.FAILED]


@pytest.mark.browser
async def test_a_storage_file_for_several_runs_is_refused_before_any(tmp_path: Path):
    with pytest.raises(UsageError, match="--grep"):
        await run(tmp_path, "http://127.0.0.1:9", SIGN_IN, SIGNED_IN, save_storage=tmp_path / "session.json")
