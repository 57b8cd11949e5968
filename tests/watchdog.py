"""A test that hangs ends its process, with the stack of every thread, instead of the whole suite's time.

pytest-timeout raises once in the main thread and is disarmed by a test that failed: a fixture that then never finishes
its clean-up would wait for ever. This one is armed until the test and its clean-up are through. With xdist the process
is replaced and the test is a failed one; by itself the suite ends there.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import io
import os
import sys
import threading
from collections.abc import Generator

import pytest

GRACE = "watchdog_grace_seconds"
EXIT_CODE = 70


class Watchdog:
    """Ends this process when one test outlives its `timeout` by the grace."""

    def __init__(self, stderr: int, grace_seconds: float) -> None:
        self._stderr = stderr
        self._grace_seconds = grace_seconds

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        timer = threading.Timer(seconds_of(item) + self._grace_seconds, self._end, [item.nodeid])
        timer.daemon = True
        timer.start()
        try:
            return (yield)
        finally:
            timer.cancel()

    def _end(self, nodeid: str) -> None:
        os.write(self._stderr, f"\n{nodeid} hangs, and its process is ended. What every thread does:\n".encode())
        faulthandler.dump_traceback(self._stderr)
        os.write(self._stderr, f"\nWhat its tasks wait for:\n{stacks_of_tasks()}\n".encode())
        os._exit(EXIT_CODE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Settings of pyproject.toml."""
    parser.addini(GRACE, "what a test's clean-up may take after its own time is over", type="string", default="90")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the real standard error, which pytest and xdist replace while tests run."""
    stream = sys.__stderr__
    if stream is not None:
        config.pluginmanager.register(Watchdog(os.dup(stream.fileno()), float(config.getini(GRACE))), "watchdog")


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
