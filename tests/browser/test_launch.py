"""The launched browser: its profile, its flags, what it is given before the first page, and its end."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
from pathlib import Path

import pytest
from playwright.async_api import Playwright

from tierwright.browser import reaper
from tierwright.browser.features import OURS, disabled_features, playwrights_features
from tierwright.browser.find import is_root
from tierwright.browser.launch import (
    LaunchedBrowser,
    LaunchOptions,
    browser_flags,
    launch,
    load_storage_state,
    save_storage_state,
)
from tierwright.core.errors import BrowserMissingError, MachineryError, UsageError
from tierwright.core.steps import HttpCredentials

pytestmark = pytest.mark.browser


async def test_each_launch_has_a_profile_of_its_own_and_leaves_nothing(playwright: Playwright, chromium_path: Path):
    first, second = await asyncio.gather(
        *(launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False)) for _ in range(2))
    )
    assert first.profile != second.profile
    assert reaper.processes_of(str(first.profile))
    await asyncio.gather(first.close(), second.close())
    await first.close()
    for closed in (first, second):
        assert not closed.alive
        assert not closed.profile.exists()
        assert reaper.processes_of(str(closed.profile)) == []


async def test_only_root_goes_without_the_sandbox(launched: LaunchedBrowser):
    pids = reaper.processes_of(str(launched.profile))
    lines = [await asyncio.to_thread(Path(f"/proc/{pid}/cmdline").read_bytes) for pid in pids]
    assert any(b"--no-sandbox" in line for line in lines) is is_root()


async def test_no_page_of_the_browser_s_own_window_runs_beside_the_test(launched: LaunchedBrowser):
    """And what Playwright switches off stays off: Chromium heeds one flag of the kind alone."""
    session = await launched.context.new_cdp_session(launched.page)
    targets = (await session.send("Target.getTargets", {"filter": [{}]}))["targetInfos"]
    assert "page" in {target["type"] for target in targets}
    assert [target["url"] for target in targets if target["url"].startswith("chrome://")] == []
    theirs = playwrights_features()
    assert {"MediaRouter", "OptimizationHints", "ThirdPartyStoragePartitioning"} <= set(theirs)
    (flag,) = disabled_features()
    assert flag == f"--disable-features={','.join((*theirs, *OURS))}"


async def test_options_reach_the_page(playwright: Playwright, chromium_path: Path, site):
    url = site.page("/", "<title>x</title>")
    options = LaunchOptions(
        executable=chromium_path,
        stagehand=False,
        viewport=(640, 400),
        locale="de-CH",
        http_credentials=HttpCredentials("ada", "secret"),
    )
    browser = await launch(playwright, options)
    try:
        await browser.page.goto(url)
        seen = await browser.page.evaluate("[innerWidth, innerHeight, navigator.language]")
    finally:
        await browser.close()
    assert seen == [640, 400, "de-CH"]
    assert "secret" not in repr(options)


async def test_http_credentials_answer_a_server_that_asks(playwright: Playwright, chromium_path: Path, site):
    url = site.respond("/", b"who?", status=401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))
    options = LaunchOptions(executable=chromium_path, stagehand=False, http_credentials=HttpCredentials("ada", "pw"))
    browser = await launch(playwright, options)
    try:
        await browser.page.goto(url)
    finally:
        await browser.close()
    sent = [r.headers["Authorization"] for r in site.requests if "Authorization" in r.headers]
    assert sent[0] == "Basic " + base64.b64encode(b"ada:pw").decode()


async def test_the_debugging_port_is_open_for_stagehand_only(launched: LaunchedBrowser, playwright, chromium_path):
    assert launched.cdp_url is not None
    plain = LaunchOptions(executable=chromium_path, stagehand=False)
    assert not any("remote-debugging" in flag for flag in browser_flags(plain))
    attached = await playwright.chromium.connect_over_cdp(launched.cdp_url)
    assert attached.is_connected()
    await attached.close()


async def test_storage_state_is_there_before_the_first_navigation(launched, playwright, chromium_path, site, tmp_path):
    url = site.page("/", "<script>document.title = document.cookie + '|' + localStorage.getItem('k')</script>")
    await launched.page.goto(url)
    await launched.page.evaluate("document.cookie = 'who=ada'; localStorage.setItem('k', 'v')")
    file = tmp_path / "states" / "ada.json"
    await save_storage_state(launched, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    site.requests.clear()
    fresh = await launch(playwright, LaunchOptions(executable=chromium_path, stagehand=False))
    try:
        await load_storage_state(fresh, file)
        assert site.requests == []
        await fresh.page.goto(url)
        assert await fresh.page.title() == "who=ada|v"
    finally:
        await fresh.close()
    assert site.requests[0].headers["Cookie"] == "who=ada"


@pytest.mark.parametrize("text", [None, "not json", json.dumps({"cookies": [{"name": 1}]})])
async def test_a_storage_state_that_is_none_is_a_usage_error(launched: LaunchedBrowser, tmp_path: Path, text):
    file = tmp_path / "state.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match=r"state\.json"):
        await load_storage_state(launched, file)


async def test_a_missing_browser_and_a_program_that_is_none_are_told_apart(playwright: Playwright, tmp_path: Path):
    with pytest.raises(BrowserMissingError, match="no browser at"):
        await launch(playwright, LaunchOptions(executable=tmp_path / "none"))
    wrong = tmp_path / "wrong"
    wrong.write_text("#!/bin/sh\necho I am no browser >&2\nexit 1\n")
    wrong.chmod(0o755)
    with pytest.raises(MachineryError, match="did not start"):
        await launch(playwright, LaunchOptions(executable=wrong))
