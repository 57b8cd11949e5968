"""A test that hangs is interrupted, or its process ended, with what it waited for: it does not take the suite's time.

pytest-timeout raises once in the main thread and is disarmed by a test that failed: a fixture that then never finishes
its clean-up would wait for ever. This one is armed until the test and its clean-up are through. It raises in the main
thread once more; where even that does not help, it ends the process.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Generator
from types import FrameType

import pytest
from pytest_timeout import is_debugging

GRACE = "watchdog_grace_seconds"
EXIT_CODE = 70
SIGNAL = signal.SIGUSR1


class HangingError(Exception):
    """Raised in the main thread, wherever it waits."""


class Watchdog:
    """Interrupts a test that outlives its `timeout` by the grace, and ends this process after one more grace."""

    def __init__(self, stderr: int, grace_seconds: float) -> None:
        self._stderr = stderr
        self._grace_seconds = grace_seconds

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        over = threading.Event()
        allowed = seconds_of(item) + self._grace_seconds
        threading.Thread(target=self._watch, args=(item.nodeid, allowed, over), daemon=True).start()
        try:
            return (yield)
        finally:
            over.set()

    def _watch(self, nodeid: str, allowed_seconds: float, over: threading.Event) -> None:
        if over.wait(allowed_seconds) or is_debugging():
            return
        self._tell(f"{nodeid} hangs, and is interrupted. What every thread does:")
        faulthandler.dump_traceback(self._stderr)
        self._tell(f"What its tasks wait for:\n{stacks_of_tasks()}")
        signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
        if not over.wait(self._grace_seconds):
            self._tell(f"{nodeid} still hangs, and its process is ended.")
            os._exit(EXIT_CODE)

    def _tell(self, text: str) -> None:
        os.write(self._stderr, f"\n{text}\n".encode())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Settings of pyproject.toml."""
    parser.addini(GRACE, "what a test's clean-up may take after its own time is over", type="string", default="90")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the real standard error, which pytest and xdist replace while tests run."""
    stream = sys.__stderr__
    if stream is not None:
        signal.signal(SIGNAL, interrupt)
        config.pluginmanager.register(Watchdog(os.dup(stream.fileno()), float(config.getini(GRACE))), "watchdog")


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise HangingError("the test or its clean-up did not end; what it waited for is on standard error")


def seconds_of(item: pytest.Item) -> float:
    """The time that pytest-timeout gives the test: its marker's, else the suite's."""
    marker = item.get_closest_marker("timeout")
    given = marker.args[0] if marker is not None and marker.args else item.config.getini("timeout")
    return float(given or 0.0)


def stacks_of_tasks() -> str:
    """Where each unfinished task of any event loop stands: threads only show that their loop waits."""
    said = io.StringIO()
    for task in gc.get_objects():
        if isinstance(task, asyncio.Task) and not task.done():
            task.print_stack(file=said)
    return said.getvalue()
