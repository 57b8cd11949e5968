"""The examples of README and of the first-test page work as they stand, on the demo's shop."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import pytest

from tierwright.demo.server import serve
from tierwright.demo.shop import DEMO_PASSWORD

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```yaml\n(.*?)```", re.DOTALL)


def examples(page: str) -> dict[str, str]:
    return dict(EXAMPLE.findall((ROOT / page).read_text(encoding="utf-8")))


async def tierwright(*words: str, cwd: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tierwright",
        *words,
        cwd=cwd,
        env={**os.environ, "TIERWRIGHT_SECRET_PASSWORD": DEMO_PASSWORD},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(50):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


@pytest.mark.browser
@pytest.mark.parametrize("page", ["README.md", "docs/first-test.md"])
async def test_the_examples_of_a_page_pass_on_the_shop(page: str, tmp_path: Path):
    written = examples(page)
    assert written
    with serve(1) as shop:
        for name, text in written.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        code, output = await tierwright("check", *written, cwd=tmp_path)
        assert code == 0, output
        code, output = await tierwright(
            "run", *written, "--base-url", shop.base_url, "--json", "result.json", cwd=tmp_path
        )
    assert code == 0, output
    result = json.loads((tmp_path / "result.json").read_text())
    assert {step["tier"] for run in result["runs"] for step in run["steps"]} == {1}


def test_every_command_that_the_pages_name_exists():
    from tierwright.cli.main import main

    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {word for page in pages for word in re.findall(r"(?:^|`|/dev )tierwright ([a-z]+)", page.read_text(), re.M)}
    commands = set(main.list_commands(None))  # type: ignore[arg-type]
    assert named - {"heals", "run"} <= commands, named - commands
