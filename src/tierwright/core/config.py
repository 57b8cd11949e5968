"""Everything one `run` needs to know, read once at the edge and passed inward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from tierwright.core.settings import ExecutionSettings, HealPolicy

STDOUT = Path("-")
"""A report file that means standard output."""

DEFAULT_STATE_DIR = Path(".tierwright")
DEFAULT_MODEL = "local"
DEFAULT_PROJECT = "default"


class TraceMode(StrEnum):
    """When the Playwright trace of a try is kept."""

    OFF = "off"
    ON = "on"
    RETAIN_ON_FAILURE = "retain-on-failure"


class ScreenshotMode(StrEnum):
    """After which steps a picture is taken."""

    OFF = "off"
    ON = "on"
    ONLY_ON_FAILURE = "only-on-failure"


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of a suite that is split over machines: part `index` of `total`, counted from 1."""

    index: int
    total: int

    def __str__(self) -> str:
        return f"{self.index}/{self.total}"


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """What a model costs, in US dollars a million tokens."""

    input_usd_per_million: float
    output_usd_per_million: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLocation:
    """Where runs are remembered. `database_url` None means SQLite inside `state_dir`."""

    state_dir: Path = DEFAULT_STATE_DIR
    database_url: str | None = field(default=None, repr=False)
    project: str = DEFAULT_PROJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything one `run` needs.

    `variables` override those of the test files; `secrets` are the values of the `secrets:` of the test files by
    lower-case name. `prices` are the user's own, by model name, and come before any other table. `tags` selects
    tests with any of them, `grep` is a regular expression searched in test names. `retries` repeats a whole test.
    `max_failures` stops the run, `max_heals` fails it; None is no limit. `viewport` is width and height in CSS
    pixels. `storage_state` is loaded before the first step, `save_storage` written after a passed run. The three
    report files are None when not wanted, and `STDOUT` for standard output.
    """

    paths: tuple[Path, ...]
    settings: ExecutionSettings = field(default_factory=ExecutionSettings)
    base_url: str | None = None
    state_dir: Path = DEFAULT_STATE_DIR
    database_url: str | None = field(default=None, repr=False)
    project: str = DEFAULT_PROJECT
    heal_policy: HealPolicy = HealPolicy.WARN
    workers: int = 1
    model: str = DEFAULT_MODEL
    model_base_url: str | None = None
    prices: Mapping[str, ModelPrice] = field(default_factory=lambda: MappingProxyType({}))
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    tags: tuple[str, ...] = ()
    grep: str | None = None
    json_file: Path | None = None
    junit_file: Path | None = None
    html_file: Path | None = None
    trace: TraceMode = TraceMode.OFF
    screenshots: ScreenshotMode = ScreenshotMode.ONLY_ON_FAILURE
    headed: bool = False
    browser_path: Path | None = None
    retries: int = 0
    max_failures: int | None = None
    last_failed: bool = False
    shard: Shard | None = None
    max_heals: int | None = None
    viewport: tuple[int, int] | None = None
    locale: str | None = None
    storage_state: Path | None = None
    save_storage: Path | None = None
    update_baseline: bool = False

    @property
    def report_files(self) -> tuple[Path, ...]:
        """The report files that are wanted."""
        return tuple(f for f in (self.json_file, self.junit_file, self.html_file) if f is not None)

    @property
    def state(self) -> StateLocation:
        """Where this run is remembered."""
        return StateLocation(state_dir=self.state_dir, database_url=self.database_url, project=self.project)
