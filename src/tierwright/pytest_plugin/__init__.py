"""Runs `*.tw.yaml` files as tests of pytest: its selection, fixtures, reports and workers, our engine (docs/pytest.md).

Only what every pytest of the environment must pay for is imported here; the engine comes with the first of our files.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tierwright.pytest_plugin.flags import add_flags

SUFFIX = ".tw.yaml"
HEAL, FLAKY = "tierwright_heal", "tierwright_flaky"
"""Properties of a report: a line about a heal, and one about a run that passed only when it was tried again."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flags of `tierwright run` that pytest has no word for."""
    add_flags(parser)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of ours, with a test for each of its tests and rows of examples."""
    if not file_path.name.endswith(SUFFIX):
        return None
    from tierwright.pytest_plugin.items import TestFile

    return TestFile.from_parent(parent, path=file_path)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the browsers, write what is left to write."""
    from tierwright.pytest_plugin.host import close_host

    close_host(session.config)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was healed and waits for a person, and what passed only when tried again."""
    heals, flaky = _told(terminalreporter, HEAL), _told(terminalreporter, FLAKY)
    if heals:
        from tierwright.reports.summary import REVIEW

        terminalreporter.section("healed steps", yellow=True)
        for line in heals:
            terminalreporter.write_line(line)
        terminalreporter.write_line(REVIEW)
    if flaky:
        terminalreporter.section("flaky", yellow=True)
        for line in flaky:
            terminalreporter.write_line(line)


def _told(terminalreporter: pytest.TerminalReporter, name: str) -> list[str]:
    reports = (r for found in terminalreporter.stats.values() for r in found if isinstance(r, pytest.TestReport))
    return [str(value) for r in reports if r.when == "call" for key, value in r.user_properties if key == name]


@pytest.fixture(scope="session")
def tierwright_base_url() -> str | None:
    """Where relative addresses of test files start; override it with the address of the application under test."""
    return None


@pytest.fixture
def tierwright_variables() -> Mapping[str, str]:
    """Values for variables of test files, over those in the files; override it with what your fixtures made."""
    return {}
