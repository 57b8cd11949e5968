"""The door itself: where Stagehand cannot work it says so; what is begun ends; nothing is left, nothing leaves."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Playwright
from tests.browser.engine_fixture import EngineBench, failed
from tests.browser.stagehand.conftest import Shared
from tests.browser.stagehand.models import element_id
from tests.browser.stagehand.pages import OPTION_B, by_stagehand
from tests.conftest import Site

from tierwright.browser.launch import LaunchedBrowser, LaunchOptions, launch
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.core.errors import StepError
from tierwright.core.results import ErrorKind
from tierwright.models.stagehand import Choice, Question, StagehandDoor, nothing

BUTTON = "<button id=s2 onclick=\"document.title += 'x'\">Send the order</button>"
CLICK = "- {action: click, instruction: 'the \"Send the order\" button', selector: '#s'}"


def soon(seconds: float = 3.0) -> Deadline:
    return Deadline.after(SystemClock(), seconds)


async def none(question: Question) -> Mapping[str, Any]:
    return nothing(question.purpose)


# --- unavailable (H-28) -----------------------------------------------------------------------------------


async def unavailable(engine: EngineBench, words: str) -> None:
    step = failed(await engine.run(CLICK, settings=OPTION_B), ErrorKind.NOT_FOUND, words)
    error = step.attempts[-1].error
    assert error is not None
    assert error.kind is ErrorKind.UNAVAILABLE
    assert await engine.page.title() == ""


async def test_a_page_of_another_context_is_unavailable(shared: Shared, site: Site, tmp_path: Path) -> None:
    """H-28: in a context made by new_context() Stagehand's act would hang for ever."""
    site.page("/x", BUTTON)
    browser = shared.browser.context.browser
    assert browser is not None
    context = await browser.new_context()
    engine = EngineBench(await context.new_page(), tmp_path, site.origin, shared.door)
    await engine.open("/x")
    await unavailable(engine, "Stagehand")
    await context.close()


async def test_a_page_loaded_before_stagehand_is_unavailable_until_it_is_loaded_again(
    launched: LaunchedBrowser, site: Site, tmp_path: Path
) -> None:
    """H-28: said within a second, not after the tier's deadline."""
    site.page("/x", BUTTON)
    engine = EngineBench(launched.page, tmp_path, site.origin)
    await engine.open("/x")
    assert launched.cdp_url
    engine.door = await StagehandDoor.connect(launched.cdp_url)
    await unavailable(engine, "loaded before Stagehand")
    await engine.page.reload()
    by_stagehand((await engine.run(CLICK, settings=OPTION_B)).steps[0])
    await engine.door.close()


async def test_a_browser_that_cannot_be_reached_is_unavailable() -> None:
    with pytest.raises(StepError, match="could not be connected") as caught:
        await StagehandDoor.connect("http://127.0.0.1:9", seconds=1.0)
    assert caught.value.kind is ErrorKind.UNAVAILABLE


async def test_a_browser_without_extensions_is_unavailable(playwright: Playwright, chromium_path: Path) -> None:
    """H-28: launched without what Stagehand needs, as a locked-down Chrome is."""
    plain = LaunchOptions(
        executable=chromium_path, stagehand=False, extra_args=("--remote-debugging-port=0", "--disable-extensions")
    )
    browser = await launch(playwright, plain)
    port = (browser.profile / "DevToolsActivePort").read_text().split()[0]
    with pytest.raises(StepError) as caught:
        await StagehandDoor.connect(f"http://127.0.0.1:{port}", seconds=3.0)
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    await browser.close()


async def test_without_stagehand_tier_3_says_why(engine: EngineBench, site: Site) -> None:
    """H-28: tier 2 works without it."""
    site.page("/x", BUTTON)
    await engine.open("/x")
    engine.door = None
    await unavailable(engine, "no Stagehand in this test")


# --- what is begun ends -----------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def opened(engine: EngineBench, site: Site) -> AsyncIterator[EngineBench]:
    site.page("/x", BUTTON)
    await engine.open("/x")
    yield engine


@pytest.mark.serial
async def test_a_question_that_is_never_answered_ends_with_the_deadline(shared: Shared, opened: EngineBench) -> None:
    """H-5: a deadline around every call; the question is cancelled, and the next one is answered."""
    ended = asyncio.Event()

    async def never(question: Question) -> Mapping[str, Any]:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return nothing(question.purpose)

    started = time.monotonic()
    with pytest.raises(StepError) as caught:
        await shared.door.act("x", opened.page, soon(1.0), never)
    assert caught.value.kind is ErrorKind.MODEL
    assert time.monotonic() - started < 1.6
    assert ended.is_set()
    assert await shared.door.observe("x", opened.page, soon(), none) == ()


async def test_a_cancelled_call_has_ended_when_it_says_so(shared: Shared, opened: EngineBench) -> None:
    """Ctrl-C reaches into the question, and Stagehand does not act on what was never answered."""
    asked, ended = asyncio.Event(), asyncio.Event()

    async def slow(question: Question) -> Mapping[str, Any]:
        asked.set()
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()
        return Choice(element_id(question.prompt, "button: Send"), "click").as_json()

    acting = asyncio.create_task(shared.door.act("x", opened.page, soon(20), slow))
    await asked.wait()
    acting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await acting
    assert ended.is_set()
    assert await shared.door.observe("x", opened.page, soon(), none) == ()
    assert await opened.page.title() == ""


async def test_what_an_answer_raises_reaches_whoever_asked(shared: Shared, opened: EngineBench) -> None:
    """A bug in an answer is a bug of the run, and never a miss that the next tier heals."""

    async def broken(question: Question) -> Mapping[str, Any]:
        raise ZeroDivisionError(question.purpose)

    with pytest.raises(ZeroDivisionError):
        await shared.door.act("x", opened.page, soon(), broken)


async def test_a_second_act_is_not_made_of_one_answer(shared: Shared, opened: EngineBench) -> None:
    """H-6: one answer, one act; whatever else Stagehand asks is answered with none."""
    asked = []

    async def click(question: Question) -> Mapping[str, Any]:
        asked.append(question)
        return {**Choice(element_id(question.prompt, "button: Send"), "click").as_json(), "twoStep": True}

    await shared.door.act("x", opened.page, soon(), click)
    assert len(asked) == 1
    assert await opened.page.title() == "x"


# --- nothing is left --------------------------------------------------------------------------------------


async def test_closing_leaves_no_task_behind(launched: LaunchedBrowser) -> None:
    before = asyncio.all_tasks()
    assert launched.cdp_url
    door = await StagehandDoor.connect(launched.cdp_url)
    await door.close()
    await asyncio.sleep(0.1)
    assert [t for t in asyncio.all_tasks() - before if "stagehand" in t.get_name()] == []
    with pytest.raises(StepError, match="not connected"):
        await door.observe("x", launched.page, soon(), none)


async def test_a_browser_that_goes_first_leaves_no_task_behind(launched: LaunchedBrowser) -> None:
    """A pool ends browsers without asking Stagehand."""
    before = asyncio.all_tasks()
    assert launched.cdp_url
    door = await StagehandDoor.connect(launched.cdp_url)
    await launched.close()
    left = [t for t in asyncio.all_tasks() - before if "stagehand" in t.get_name()]
    if left:
        _, left_over = await asyncio.wait(left, timeout=5)
        assert left_over == set()
    await door.close()


SCRIPT = """
import asyncio, sys
from pathlib import Path
from tierwright.browser.launch import LaunchOptions, launch, started_playwright
from tierwright.core.deadline import Deadline, SystemClock
from tierwright.models.stagehand import Choice, StagehandDoor

async def main():
    async with started_playwright() as playwright:
        browser = await launch(playwright, LaunchOptions(executable=Path(sys.argv[1]), extra_args=sys.argv[3:]))
        door = await StagehandDoor.connect(browser.cdp_url)
        await browser.page.goto(sys.argv[2])
        async def click(question):
            line = next(l for l in question.prompt.splitlines() if "button: Send" in l)
            return Choice(line.split("[")[1].split("]")[0], "click").as_json()
        assert await door.act("x", browser.page, Deadline.after(SystemClock(), 20), click) is None
        assert await browser.page.title() == "x"
        await door.close()
        await browser.close()

asyncio.run(main())
"""


@contextlib.contextmanager
def recording_proxy() -> Iterator[tuple[int, list[str]]]:
    """A proxy that refuses, and remembers what was asked of it."""
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def refuse(self) -> None:
            asked.append(self.path)
            self.send_error(502)

        do_GET = do_POST = do_CONNECT = refuse  # noqa: N815 - the base class's names

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()
    thread.join()


async def test_stagehand_says_nothing_and_calls_nobody(site: Site, chromium_path: Path) -> None:
    """Not a line on stderr with every warning on; not a request beyond loopback, not of its extension either."""
    address = site.page("/x", BUTTON)
    with recording_proxy() as (port, asked):
        command = [sys.executable, "-W", "error", "-c", textwrap.dedent(SCRIPT), str(chromium_path), address]
        done = await asyncio.to_thread(
            subprocess.run,
            [*command, f"--proxy-server=http://127.0.0.1:{port}", "--proxy-bypass-list=127.0.0.1"],
            capture_output=True,
            text=True,
            timeout=50,
        )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert asked == []
