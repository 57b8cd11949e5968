"""An engine that stays open between tests, on an event loop in a thread of its own.

pytest calls tests one by one and without a loop, and the loops of its asyncio plug-ins come and go with their tests.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Thread

import pytest

from tierwright.cli.config import resolve_run
from tierwright.compose import RunPlan
from tierwright.core.cancel import CancelToken
from tierwright.core.config import RunConfig
from tierwright.core.deadline import SystemClock
from tierwright.core.errors import MachineryError
from tierwright.core.results import RunResult
from tierwright.pytest_plugin.flags import given_flags
from tierwright.worker.before import check_before
from tierwright.worker.told_runs import ToldRuns, open_runs

OPEN_SECONDS = 60.0
CANCEL_SECONDS = 15.0
CLOSE_SECONDS = 30.0

_CONFIG = pytest.StashKey[RunConfig]()
_HOST = pytest.StashKey["Host"]()


class Host:
    """Makes runs on one engine until it is closed; the engine opens with the first of them."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._opened: Future[tuple[asyncio.AbstractEventLoop, ToldRuns, asyncio.Event]] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._stay_open()), name="tierwright", daemon=True)
        self._thread.start()

    def run(self, plan: RunPlan, more: Callable[[], bool]) -> RunResult:
        """Make one run and wait for it; whatever interrupts the waiting cancels the run.

        Raises UsageError and MachineryError when it cannot be made.
        """
        try:
            loop, runs, _ = self._opened.result(OPEN_SECONDS)
        except TimeoutError as error:
            raise MachineryError(f"the engine did not open within {OPEN_SECONDS:.0f} s") from error
        cancel = CancelToken()
        made = asyncio.run_coroutine_threadsafe(self._checked_run(runs, plan, more, cancel), loop)
        try:
            return made.result()
        except BaseException:
            if not made.done():
                loop.call_soon_threadsafe(cancel.cancel)
                wait([made], CANCEL_SECONDS)
            raise

    def close(self) -> None:
        """End the browsers and close the database."""
        if not self._opened.done() or not self._opened.exception():
            loop, _, closing = self._opened.result(OPEN_SECONDS)
            loop.call_soon_threadsafe(closing.set)
        self._thread.join(CLOSE_SECONDS)

    async def _stay_open(self) -> None:
        closing = asyncio.Event()
        try:
            async with open_runs(self._config, (), SystemClock()) as runs:
                self._opened.set_result((asyncio.get_running_loop(), runs, closing))
                await closing.wait()
        except Exception as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)

    async def _checked_run(
        self, runs: ToldRuns, plan: RunPlan, more: Callable[[], bool], cancel: CancelToken
    ) -> RunResult:
        check_before(self._config, [plan], runs.engine.variables_of)
        return await runs.run(plan, more, cancel)


def run_config_of(config: pytest.Config) -> RunConfig:
    """What the flags, the environment and `tierwright.toml` say. Raises UsageError with everything wrong at once."""
    if _CONFIG not in config.stash:
        cwd = config.invocation_params.dir
        named = [cwd / argument.partition("::")[0] for argument in config.args]
        paths = [path for path in named if path.exists()] or [Path(cwd)]
        config.stash[_CONFIG] = resolve_run(given_flags(config), paths, os.environ, cwd)
    return config.stash[_CONFIG]


def host_of(config: pytest.Config) -> Host:
    """The host of this process, opened when it is first asked for."""
    if _HOST not in config.stash:
        config.stash[_HOST] = Host(run_config_of(config))
    return config.stash[_HOST]


def close_host(config: pytest.Config) -> None:
    """Close the host, where there is one."""
    if _HOST in config.stash:
        config.stash[_HOST].close()
        del config.stash[_HOST]
