"""Commands of ours in child processes, which end with the test that started them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path


async def said_by(module: str, *words: str, cwd: Path, env: Mapping[str, str], seconds: float) -> tuple[int, str]:
    """Run `python -m module` to its end; gives its exit code and what it said on both streams."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words),
        cwd=cwd,
        env=dict(env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()  # it ends its own browsers
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()
    return process.returncode or 0, said.decode()
