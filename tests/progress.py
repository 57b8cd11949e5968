"""What `./dev test` prints while it runs: a line for every file that is through, and each minute what is running.

A plug-in of pytest (`-p tests.progress`). A suite that somebody stops after an hour then says where the hour went and
what it was waiting for, which a row of dots does not.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

SAID_EVERY_SECONDS = 60.0
LONG_SECONDS = 20.0
"""A test that runs longer is named when the minute is over."""


def pytest_configure(config: pytest.Config) -> None:
    """In the process that prints, which with xdist is none of those that test."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(os.dup(1)), "progress-of-files")


@dataclass
class File:
    """How far a file of tests is. Its tests may have run in more than one process."""

    outcomes: Counter[str] = field(default_factory=Counter)
    test_seconds: float = 0.0


class Progress:
    """Counts tests by file, from the reports that every process sends."""

    def __init__(self, stdout: int) -> None:
        self._stdout = stdout
        self._of_file: Counter[str] = Counter()
        self._files: defaultdict[str, File] = defaultdict(File)
        self._running: dict[str, float] = {}
        self._done = 0
        self._all = 0
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._say_each_minute, daemon=True)

    # --- what pytest and xdist tell ---------------------------------------------------------------------

    def pytest_sessionstart(self) -> None:
        self._clock.start()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A suite that ended early (a process of it crashed) must not pass for one of which few tests failed."""
        self._over.set()
        if self._done < self._all and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._say(f"only {self._done} of {self._all} tests ran to their end")
            session.exitstatus = pytest.ExitCode.INTERRUPTED

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._expect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        self._expect(ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running[nodeid] = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        file = self._files[file_of(report.nodeid)]
        file.test_seconds += report.duration
        if report.when == "call" or report.outcome != "passed":
            file.outcomes[report.outcome] += 1
        if report.outcome == "failed":
            self._say(f"FAILED {report.nodeid} ({report.when}) {reason_of(report)}")
        if report.when not in ("setup", "call", "teardown"):  # its process crashed, and nobody says that it ended
            self.pytest_runtest_logfinish(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._running.pop(nodeid, None)
        self._done += 1
        name = file_of(nodeid)
        self._of_file[name] -= 1
        if not self._of_file[name]:
            self._say_file(name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No letter for a test: its file has a line, and so has a failure."""
        if hasattr(report, "wasxfail") or (report.passed and report.when != "call"):
            return None
        return ("error" if report.failed and report.when != "call" else report.outcome), "", ""

    # --- what is printed --------------------------------------------------------------------------------

    def _expect(self, ids: Sequence[str]) -> None:
        """Every process collects all tests; the first tells how many a file has."""
        if not self._of_file:
            self._of_file.update(file_of(nodeid) for nodeid in ids)
            self._all = len(ids)

    def _say_file(self, name: str) -> None:
        file = self._files[name]
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(file.outcomes.items(), reverse=True))
        self._say(f"{name}: {outcomes} in {file.test_seconds:.0f} s; {self._done} of {self._all} tests")

    def _say_each_minute(self) -> None:
        while not self._over.wait(SAID_EVERY_SECONDS):
            now = time.monotonic()
            slow = {name: now - since for name, since in dict(self._running).items() if now - since > LONG_SECONDS}
            if slow:
                self._say("still running: " + ", ".join(f"{name} ({seconds:.0f} s)" for name, seconds in slow.items()))

    def _say(self, text: str) -> None:
        """Past pytest's capture, which would take what another thread prints for the words of a test."""
        os.write(self._stdout, f"{time.strftime('%H:%M:%S')} {text}\n".encode())


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def reason_of(report: pytest.TestReport) -> str:
    """The first line of what went wrong; the whole is printed at the end."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longrepr).strip().partition("\n")[0][:300]
