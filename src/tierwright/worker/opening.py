"""From a claimed row to something that can make tries: the test, its values, an engine on the process's machinery."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from tierwright.browser.access import AccessPolicy
from tierwright.compose import Engine, Machinery, RunPlan, engine_for
from tierwright.core.cancel import CancelToken
from tierwright.core.config import DEFAULT_MODEL, ModelPrice, RunConfig, ScreenshotMode, TraceMode
from tierwright.core.errors import UsageError
from tierwright.core.ports import Listener
from tierwright.core.results import TryResult
from tierwright.core.settings import ExecutionSettings
from tierwright.core.steps import TestCase
from tierwright.core.strategy import FallbackStrategy
from tierwright.core.variables import Variables, secret_key
from tierwright.store.database import Database
from tierwright.store.leftovers import FRAMES_FOLDER, PROJECTS_FOLDER
from tierwright.store.spending import ProjectPurse
from tierwright.worker.claims import Claim
from tierwright.worker.requests import test_of

SecretsOf = Callable[[str], Awaitable[Mapping[str, str]]]
"""The secrets of a project, by name."""


async def no_secrets(_project_id: str) -> Mapping[str, str]:
    """The secrets of projects that have none."""
    return {}


AccessOf = Callable[[Mapping[str, Any]], Awaitable[AccessPolicy | None]]
"""What browsers may open under a project's settings; None is everything."""


async def everything(_project_settings: Mapping[str, Any]) -> AccessPolicy | None:
    """The access of those who are alone on their machine."""
    return None


Hiding = Callable[[Iterable[str]], AbstractContextManager[None]]
"""Keeps values out of the logs of the process for as long as it is open."""


def hidden_by_nobody(_values: Iterable[str]) -> AbstractContextManager[None]:
    """For those who write no logs."""
    return nullcontext()


class OpenedRun(Protocol):
    """A run that is ready to be tried. Fake: tierwright.testing.StubRun."""

    @property
    def test(self) -> TestCase:
        """The test."""
        ...

    @property
    def model(self) -> str:
        """The model it may ask."""
        ...

    @property
    def retries(self) -> int:
        """How often a red try is made again."""
        ...

    def mask(self, text: str) -> str:
        """A text without the run's secrets."""
        ...

    async def run_try(self, ordinal: int, listener: Listener, cancel: CancelToken) -> TryResult:
        """Make one try, and tell of it."""
        ...


class Opener(Protocol):
    """Opens claimed runs. Fake: tierwright.testing.StubOpener."""

    def open(self, claim: Claim, database: Database) -> AbstractAsyncContextManager[OpenedRun]:
        """A run that writes to this database. Raises UsageError and MachineryError when it cannot be made."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What the runs of a worker have in common. `state_dir` holds artifacts, frames and the projects' files."""

    state_dir: Path
    model: str = DEFAULT_MODEL
    model_base_url: str | None = None
    browser_path: Path | None = None
    prices: Mapping[str, ModelPrice] = field(default_factory=lambda: MappingProxyType({}))
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)


def files_of_project(state_dir: Path, project_id: str) -> Path:
    """The folder of the files that a project's tests may upload."""
    if project_id in {"", ".", ".."} or "/" in project_id or "\\" in project_id:
        raise UsageError(f"a project cannot be called {project_id!r}")
    return state_dir / PROJECTS_FOLDER / project_id / "files"


def frame_of(state_dir: Path, run_id: str) -> Path:
    """The current picture of a run."""
    return state_dir / FRAMES_FOLDER / f"{run_id}.jpg"


@dataclass(frozen=True, slots=True)
class EngineOpener:
    """Opens runs for real browsers."""

    machinery: Machinery
    settings: WorkerSettings
    secrets_of: SecretsOf = no_secrets
    access_of: AccessOf = everything
    hiding: Hiding = hidden_by_nobody

    @asynccontextmanager
    async def open(self, claim: Claim, database: Database) -> AsyncIterator[OpenedRun]:
        """A run on the shared machinery, its project's model, budget, secrets and files. Raises UsageError."""
        secrets = await self.secrets_of(claim.project)
        with self.hiding(secrets.values()):
            async with self._opened(claim, database, run_config(claim, self.settings, secrets)) as run:
                yield run

    @asynccontextmanager
    async def _opened(self, claim: Claim, database: Database, config: RunConfig) -> AsyncIterator[OpenedRun]:
        files = files_of_project(self.settings.state_dir, claim.project)
        await asyncio.to_thread(files.mkdir, parents=True, exist_ok=True)
        test = replace(test_of(claim.yaml, claim.test_name), file=str(files / "test.tw.yaml"))
        _check_secrets(test, config)
        plan = RunPlan(claim.run_id, test, claim.example)
        frame = frame_of(self.settings.state_dir, claim.run_id)
        access = await self.access_of(claim.project_settings)
        purse = ProjectPurse(database, claim.project)
        env = self.settings.env
        async with engine_for(config, self.machinery, database, env, frame.parent, access, purse) as engine:
            try:
                yield _EngineRun(engine, plan, config, engine.variables_of(plan), claim.more)
            finally:
                await asyncio.to_thread(frame.unlink, missing_ok=True)


def _check_secrets(test: TestCase, config: RunConfig) -> None:
    missing = [name for name in test.secrets if secret_key(name) not in config.secrets]
    if missing:
        names = ", ".join(missing)
        raise UsageError(f'the test "{test.name}" needs a secret that its project does not have: {names}')


def run_config(claim: Claim, worker: WorkerSettings, secrets: Mapping[str, str]) -> RunConfig:
    """The configuration of one claimed run: its overrides, then its project's settings, then the worker's."""
    overrides, browser = claim.overrides, claim.overrides.get("browser") or {}
    viewport = browser.get("viewport")
    return RunConfig(
        paths=(),
        settings=settings_from_json(claim.settings),
        base_url=overrides.get("base_url"),
        state_dir=worker.state_dir,
        project=claim.project,
        model=model_for(overrides, claim.project_settings, worker.model),
        model_base_url=claim.project_settings.get("model_base_url") or worker.model_base_url,
        prices=worker.prices,
        variables=overrides.get("variables") or {},
        secrets={secret_key(name): value for name, value in secrets.items()},
        trace=TraceMode(overrides.get("trace") or TraceMode.RETAIN_ON_FAILURE),
        screenshots=ScreenshotMode(overrides.get("screenshots") or ScreenshotMode.ONLY_ON_FAILURE),
        retries=int(overrides.get("retries") or 0),
        viewport=(viewport["width"], viewport["height"]) if viewport else None,
        locale=browser.get("locale"),
    )


def model_for(overrides: Mapping[str, Any], project_settings: Mapping[str, Any], default: str) -> str:
    """The model of a run: asked for, else the project's, else the server's."""
    return str(overrides.get("model") or project_settings.get("model") or default)


def settings_from_json(data: Mapping[str, Any]) -> ExecutionSettings:
    """The settings that were copied onto a run; what an older version wrote and this one does not know is ignored."""
    known = {f.name for f in fields(ExecutionSettings)} & set(data)
    values = {name: data[name] for name in known}
    return ExecutionSettings(**{**values, "fallback_strategy": FallbackStrategy(values["fallback_strategy"])})


@dataclass(frozen=True, slots=True)
class _EngineRun:
    engine: Engine
    plan: RunPlan
    config: RunConfig
    variables: Variables
    more: bool

    @property
    def test(self) -> TestCase:
        return self.plan.test

    @property
    def model(self) -> str:
        return self.config.model

    @property
    def retries(self) -> int:
        return self.config.retries

    def mask(self, text: str) -> str:
        return self.variables.mask(text)

    async def run_try(self, ordinal: int, listener: Listener, cancel: CancelToken) -> TryResult:
        return await self.engine.run_try(self.plan, ordinal, listener, cancel, more=self.more)


@dataclass(frozen=True, slots=True)
class Unopened:
    """A run that could not be opened: every try of it ends with the reason."""

    test: TestCase
    model: str
    why: Exception
    retries: int = 0

    def mask(self, text: str) -> str:
        """A text as it is; without an engine there are no secrets in it."""
        return text

    async def run_try(self, ordinal: int, listener: Listener, cancel: CancelToken) -> TryResult:  # noqa: ARG002
        """Raises the reason, or CancelledError where the run was cancelled meanwhile."""
        with cancel.scope():
            raise self.why
