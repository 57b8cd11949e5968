"""A test file and its tests as pytest's nodes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from _pytest.fixtures import TopRequest

from tierwright.compose import RunPlan
from tierwright.core.errors import TierwrightError, UsageError
from tierwright.core.results import RunResult, RunStatus
from tierwright.core.settings import HealPolicy
from tierwright.core.steps import TestCase
from tierwright.pytest_plugin import FLAKY, HEAL
from tierwright.pytest_plugin.files import session_files
from tierwright.pytest_plugin.host import host_of, run_config_of
from tierwright.reports import words
from tierwright.reports.summary import Line, failure_lines, heal_lines


class RunFailedError(Exception):
    """A run was not green, or was healed where that is not allowed; the message is its report."""


class TestFile(pytest.File):
    """A `*.tw.yaml` file."""

    __test__ = False

    def collect(self) -> Iterable[pytest.Item]:
        """An item for each test, and for each row of its examples."""
        try:
            config = run_config_of(self.config)
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        for test in session_files(self.config, config.variables).tests_of(self.path):
            for example in test.examples or (None,):
                values = "" if example is None else f"[{', '.join(f'{k}={v}' for k, v in example.items())}]"
                yield TestItem.from_parent(self, name=words.plain(test.name + values), test=test, example=example)


class TestItem(pytest.Item):
    """One run of a test. Fixtures that are used automatically surround it, as they do any test."""

    __test__ = False

    def __init__(self, *, test: TestCase, example: Mapping[str, str] | None, **known: Any) -> None:
        super().__init__(**known)
        self.test, self.example = test, example
        for tag in test.tags:
            self.config.addinivalue_line("markers", f"{tag}: a tag of test files")
            self.add_marker(tag)
        # An item that is no function gets fixtures as pytest's own doctest items do.
        self.obj = None
        self.funcargs: dict[str, object] = {}
        self._fixtureinfo = self.session._fixturemanager.getfixtureinfo(node=self, func=None, cls=None)
        self.fixturenames = self._fixtureinfo.names_closure
        self._request = TopRequest(self, _ispytest=True)  # type: ignore[arg-type]

    def setup(self) -> None:
        """Set up its fixtures, and ask two of them for what the test begins with."""
        self._request._fillfixtures()
        base_url = self._request.getfixturevalue("tierwright_base_url")
        variables = self._request.getfixturevalue("tierwright_variables")
        self.test = replace(
            self.test,
            base_url=base_url or self.test.base_url,
            variables={**self.test.variables, **{name: str(value) for name, value in variables.items()}},
        )

    def runtest(self) -> None:
        """Run it. Raises RunFailedError, UsageError and MachineryError."""
        plan = RunPlan(uuid.uuid4().hex, self.test, self.example)
        result = host_of(self.config).run(plan, more=self._more)
        self._tell(result)
        policy = run_config_of(self.config).heal_policy
        if not result.status.green:
            raise RunFailedError(_text(failure_lines(result)) or words.STATUS_WORDS[result.status])
        if result.healed_steps and policy is HealPolicy.FAIL:
            healed = words.counted(len(result.healed_steps), "step was healed", "steps were healed")
            raise RunFailedError(f"{healed}, and the heal policy is fail:\n{_text(heal_lines(result))}")

    def _more(self) -> bool:
        """Whether the next test needs a browser too."""
        following = self.session.items[self.session.items.index(self) + 1 :][:1]
        return any(isinstance(item, TestItem) for item in following)

    def _tell(self, result: RunResult) -> None:
        """What the summary at the end, and JUnit's properties, say of it."""
        self.user_properties.append(("tierwright_run", result.run_id))
        if run_config_of(self.config).heal_policy is not HealPolicy.ALLOW:
            self.user_properties += [(HEAL, line.text) for line in heal_lines(result)]
        if result.status is RunStatus.FLAKY:
            self.user_properties.append((FLAKY, f"{words.run_title(result)}  {len(result.tries)} tries"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:
        """What a person needs to know; a traceback through the engine is none of it."""
        if isinstance(excinfo.value, RunFailedError | TierwrightError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File, line from 0, name."""
        return self.path, max(0, self.test.line - 1), self.name


def _text(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines).strip("\n")
