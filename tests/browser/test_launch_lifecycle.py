"""No browser process outlives its command: kill -9, Ctrl-C, SIGTERM, a close that hangs. Real child processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from tierwright.browser import reaper
from tierwright.browser.launch import LaunchOptions, launch

pytestmark = pytest.mark.browser

COMMAND = """
import asyncio, sys
from pathlib import Path
from tierwright.browser.launch import LaunchOptions, launch, started_playwright

async def main():
    async with started_playwright() as playwright:
        browser = await launch(playwright, LaunchOptions(executable=Path(sys.argv[1]), stagehand=False))
        try:
            await browser.page.goto("data:text/html,running")
            print(browser.profile, flush=True)
            if sys.argv[2] == "busy":
                await browser.page.evaluate("() => { while (true) {} }")
            await asyncio.sleep(60)
        finally:
            await browser.close()

asyncio.run(main())
"""


def start(chromium: Path, how: str = "idle") -> tuple[subprocess.Popen[str], str]:
    child = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(chromium), how],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    with child.stdout as lines:
        return child, lines.readline().strip()


def gone_after(profile: str, seconds: float) -> float:
    """Seconds until neither process nor profile was left, at most so many."""
    started = time.monotonic()
    while (reaper.processes_of(profile) or Path(profile).exists()) and time.monotonic() - started < seconds:
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.mark.parametrize("how", ["idle", "busy"])
def test_nothing_is_left_after_kill_9_of_the_command(chromium_path: Path, how: str):
    child, profile = start(chromium_path, how)
    assert reaper.processes_of(profile)
    child.kill()
    child.wait()
    assert gone_after(profile, 10) < 10


def test_nothing_is_left_when_the_driver_is_stopped_and_the_command_killed(chromium_path: Path):
    """Playwright's own driver, which would end the browser too, hangs here: the reaper has to do it alone."""
    child, profile = start(chromium_path)
    driver = int(Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()[0])
    os.kill(driver, signal.SIGSTOP)
    try:
        child.kill()
        child.wait()
        assert gone_after(profile, 10) < 10
    finally:
        os.kill(driver, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_after_a_signal_to_the_whole_group(chromium_path: Path, number: signal.Signals):
    """As a terminal does on Ctrl-C: command, driver and browser all in reach of the signal."""
    child, profile = start(chromium_path)
    os.killpg(child.pid, number)
    child.wait(15)
    assert gone_after(profile, 10) < 10


@pytest.mark.serial
async def test_a_close_that_hangs_is_ended_by_force(playwright: Playwright, chromium_path: Path):
    browser = await launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False))
    for pid in reaper.processes_of(str(browser.profile)):
        os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    await browser.close(seconds=1)
    assert time.monotonic() - started < 5
    assert gone_after(str(browser.profile), 1) < 1


async def test_a_cancelled_close_still_closes(playwright: Playwright, chromium_path: Path):
    browser = await launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False))
    closing = asyncio.create_task(browser.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    await browser.close()
    assert gone_after(str(browser.profile), 1) < 1


async def test_a_launch_cancelled_at_any_moment_leaves_no_profile(
    playwright: Playwright, chromium_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for seconds in (0, 0.001, 0.01, 0.05, 0.3):
        launching = asyncio.create_task(launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False)))
        await asyncio.sleep(seconds)
        launching.cancel()
        await asyncio.wait([launching])
        if not launching.cancelled():
            await launching.result().close()
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_a_launch_cancelled_as_its_browser_answers_breaks_nobody_else(
    playwright: Playwright, chromium_path: Path
):
    """Playwright raises what a half-made context breaks in the next call, whoever makes it."""
    for pause in (0.15, 0.3, 0.45, 0.6):
        launching = asyncio.create_task(launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False)))
        await asyncio.sleep(pause)
        launching.cancel()
        await asyncio.wait([launching])
        if not launching.cancelled():
            await launching.result().close()
        other = await playwright.request.new_context()
        await other.dispose()


async def test_a_browser_that_crashed_is_seen_and_its_profile_removed(playwright: Playwright, chromium_path: Path):
    browser = await launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False))
    for pid in reaper.processes_of(str(browser.profile)):
        os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if not browser.alive:
            break
        await asyncio.sleep(0.05)
    assert not browser.alive
    await browser.close()
    assert not browser.profile.exists()


def test_the_reaper_touches_no_process_of_another_profile(chromium_path: Path, tmp_path: Path):
    child, profile = start(chromium_path)
    try:
        assert reaper.reap(str(tmp_path / "another")) == []
        assert reaper.processes_of(profile)
        assert os.getpid() not in reaper.processes_of(profile)
    finally:
        child.kill()
        child.wait()
    assert gone_after(profile, 10) < 10
