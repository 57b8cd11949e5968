"""`tierwright doctor`: is everything here that a run needs, and which settings would it use."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import click

from tierwright.browser.find import FoundBrowser, find_browser, find_ffmpeg, install_browser
from tierwright.browser.launch import LaunchedBrowser, LaunchOptions, launch, started_playwright
from tierwright.cli.config import find_settings_file, resolve_run
from tierwright.cli.exit_codes import MACHINERY, PASSED
from tierwright.core.config import DEFAULT_MODEL, RunConfig
from tierwright.core.deadline import SystemClock
from tierwright.core.errors import MachineryError, StepError, TierwrightError
from tierwright.core.variables import SECRET_PREFIX
from tierwright.store.baselines import LayeredBaselineStore, SqlBaselineStore
from tierwright.store.database import open_database, parse_url
from tierwright.store.health import SchemaState, schema_state
from tierwright.store.lockfile import LOCK_NAME, LockFile

BROWSER_SECONDS = 45.0
DATABASE_SECONDS = 15.0

_PACKAGES = ("tierwright", "playwright", "stagehand", "sqlalchemy", "alembic", "numpy", "pydantic-ai-slim", "psycopg")
_PREFIX = "TIERWRIGHT_"
_READ = frozenset(
    _PREFIX + name
    for name in (
        "CHROME_PATH",
        "DATABASE_URL",
        "DEBUG",
        "FORBID_PAID_MODELS",
        "MODEL",
        "MODEL_API_KEY",
        "MODEL_BASE_URL",
        "STATE_DIR",
        *("HOST", "PORT", "WORKERS", "DEMO", "ENCRYPTION_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "CORS_ORIGINS"),
        *("SESSION_HOURS", "BODY_LIMIT_BYTES", "PRICES", "TRACING"),
    )
)
_READ_PLAINLY = ("CHROME_PATH", "PLAYWRIGHT_BROWSERS_PATH", "PLAYWRIGHT_NODEJS_PATH", "NO_COLOR")
_SECRET_WORDS = ("KEY", "SECRET", "TOKEN", "PASSWORD")


class State(StrEnum):
    """What a finding means: fine, worth knowing, or in the way of a run."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    detail: str


@click.command(epilog="Example: tierwright doctor tests/ --json")
@click.argument("path", type=click.Path(path_type=Path, exists=True), default=".")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Folder of the state.")
@click.option("--browser", type=click.Path(path_type=Path), metavar="PATH", help="The browser to look at.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--install-browser", "install", is_flag=True, help="Install a browser first if there is none.")
def doctor(path: Path, state: Path | None, browser: Path | None, *, as_json: bool, install: bool) -> int:
    """Check this machine, and print the settings a run of PATH would use, with secrets masked.

    Launches the browser for real. Exits 0 when a run can start, 3 when something is in its way.
    """
    flags = {"state": state, "browser": browser}
    config = resolve_run({k: v for k, v in flags.items() if v is not None}, (path,), os.environ, Path.cwd())
    if install:
        _install(config)
    findings = asyncio.run(_collect(_findings(path, config, os.environ)))
    click.echo(_as_json(findings) if as_json else _as_text(findings))
    return MACHINERY if any(f.state is State.FAILED for f in findings) else PASSED


def _install(config: RunConfig) -> None:
    try:
        _browser_of(config, os.environ)
    except MachineryError:
        install_browser(lambda line: click.echo(line, err=True), os.environ)


async def _collect(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


def _as_text(findings: list[Finding]) -> str:
    width = max(len(f.name) for f in findings)
    marks = {State.OK: "ok  ", State.NOTE: "note", State.FAILED: "FAIL"}
    return "\n".join(f"{marks[f.state]}  {f.name.ljust(width)}  {f.detail}" for f in findings)


def _as_json(findings: list[Finding]) -> str:
    ok = all(f.state is not State.FAILED for f in findings)
    return json.dumps({"ok": ok, "findings": [asdict(f) for f in findings]}, indent=2)


async def _findings(path: Path, config: RunConfig, env: Mapping[str, str]) -> AsyncIterator[Finding]:
    yield Finding("python", State.OK, f"{platform.python_version()} at {sys.executable}, {platform.platform()}")
    for finding in (_packages(), _settings_file(path)):
        yield finding
    for finding in await _browser_findings(config, env):
        yield finding
    yield _ffmpeg(env)
    for finding in await _database_findings(path, config):
        yield finding
    yield _model(config, env)
    for finding in await asyncio.to_thread(_server_findings, config, env):
        yield finding
    for finding in _environment(env):
        yield finding


def _packages() -> Finding:
    return Finding("packages", State.OK, ", ".join(f"{name} {_version(name)}" for name in _PACKAGES))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _settings_file(path: Path) -> Finding:
    file = find_settings_file(path, Path.cwd())
    return Finding("settings", State.OK, str(file) if file else "no tierwright.toml: defaults")


# --- browser ----------------------------------------------------------------------------------------------


def _browser_of(config: RunConfig, env: Mapping[str, str]) -> FoundBrowser:
    """The browser a run would use, with who named it: the configured path may itself come from the environment."""
    named = {Path(env[name]) for name in ("TIERWRIGHT_CHROME_PATH", "CHROME_PATH") if env.get(name)}
    return find_browser(None if config.browser_path in named else config.browser_path, env)


async def _browser_findings(config: RunConfig, env: Mapping[str, str]) -> list[Finding]:
    try:
        found = _browser_of(config, env)
        async with asyncio.timeout(BROWSER_SECONDS):
            return await _launched_findings(found)
    except MachineryError as error:
        return [Finding("browser", State.FAILED, str(error))]
    except TimeoutError:
        return [Finding("browser", State.FAILED, f"did not start and end within {BROWSER_SECONDS:.0f} s")]


async def _launched_findings(found: FoundBrowser) -> list[Finding]:
    async with started_playwright() as playwright:
        started = time.monotonic()
        browser = await launch(playwright, LaunchOptions(executable=found.path))
        seconds = time.monotonic() - started
        try:
            version = browser.context.browser.version if browser.context.browser else "of unknown version"
            detail = f"{version} at {found.path} (named by {found.source}), started in {seconds:.1f} s"
            return [Finding("browser", State.OK, detail), await _stagehand(browser)]
        finally:
            await browser.close()


async def _stagehand(browser: LaunchedBrowser) -> Finding:
    """Without Stagehand tiers 1 and 2 work all the same, and tier 3 says `unavailable` (H-28)."""
    from tierwright.models.stagehand import StagehandDoor  # takes 0.7 s

    started = time.monotonic()
    try:
        door = await StagehandDoor.connect(str(browser.cdp_url))
    except StepError as error:
        return Finding("stagehand", State.NOTE, f"tier 3 is unavailable: {error}")
    seconds = time.monotonic() - started
    await door.close()
    return Finding("stagehand", State.OK, f"attached in {seconds:.1f} s")


def _ffmpeg(env: Mapping[str, str]) -> Finding:
    ffmpeg = find_ffmpeg(env)
    return Finding("ffmpeg", State.OK, str(ffmpeg) if ffmpeg else "none of Playwright's: no video; traces need none")


# --- state ------------------------------------------------------------------------------------------------


async def _database_findings(path: Path, config: RunConfig) -> list[Finding]:
    place = config.database_url or config.state_dir
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            state = await schema_state(place)
            findings = [_schema(state)]
            if state.current:
                findings += await _disagreements(path, config)
            return findings
    except TierwrightError as error:
        return [Finding("database", State.FAILED, str(error))]
    except TimeoutError:
        shown = parse_url(place).render_as_string(hide_password=True)
        return [Finding("database", State.FAILED, f"{shown} did not answer within {DATABASE_SECONDS:.0f} s")]


def _schema(state: SchemaState) -> Finding:
    if state.current:
        return Finding("database", State.OK, f"{state.shown}, schema {state.found}")
    if state.found is None:
        return Finding("database", State.OK, f"{state.shown} is made by the first run")
    detail = f"{state.shown} has schema {state.found}, {state.needed} is needed; the next command upgrades it"
    return Finding("database", State.NOTE, detail)


async def _disagreements(path: Path, config: RunConfig) -> list[Finding]:
    """Steps whose baseline in the lock file differs from the database's: the newer wins (H-13)."""
    findings = []
    async with open_database(config.database_url or config.state_dir, SystemClock()) as database:
        for folder in _lock_folders(path):
            store = LayeredBaselineStore(LockFile(folder), SqlBaselineStore(database))
            found = await store.disagreements(config.project)
            findings += [
                Finding(
                    "lock file",
                    State.NOTE,
                    f"{folder / LOCK_NAME}: {one.test}, {one.step_text or one.selector!r}: the {one.newer} is newer",
                )
                for one in found
            ]
            if not found:
                findings.append(Finding("lock file", State.OK, f"{folder / LOCK_NAME} agrees with the database"))
    return findings


def _lock_folders(path: Path) -> list[Path]:
    folder = path if path.is_dir() else path.parent
    return sorted(file.parent for pattern in (LOCK_NAME, f"*/{LOCK_NAME}") for file in folder.glob(pattern))


# --- settings ---------------------------------------------------------------------------------------------


def _model(config: RunConfig, env: Mapping[str, str]) -> Finding:
    """Nothing is sent: only whether a call could be made."""
    if config.model == DEFAULT_MODEL:
        return Finding("model", State.OK, "local, the embedded ranker: no key, no network, no cost")
    from tierwright.models.providers import find_endpoint  # heavy, and not needed for the default

    try:
        endpoint = find_endpoint(config.model, base_url=config.model_base_url, env=env)
    except TierwrightError as error:
        return Finding("model", State.FAILED, str(error))
    return Finding("model", State.OK, f"{endpoint.name} at {endpoint.base_url}, key {_masked(endpoint.key)}")


def _server_findings(config: RunConfig, env: Mapping[str, str]) -> list[Finding]:
    from tierwright.cli.doctor_server import server_findings  # the server takes a second to import

    return list(server_findings(config.state_dir, env, Path.cwd()))


def _masked(secret: str | None) -> str:
    return "not set" if not secret else "set"


def _environment(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(env):
        if name.startswith(SECRET_PREFIX) or name in _READ or name in _READ_PLAINLY:
            yield Finding("environment", State.OK, f"{name}={_shown(name, env[name])}")
        elif name.startswith(_PREFIX):
            yield Finding("environment", State.NOTE, f"{name} is set, and nothing reads it")


def _shown(name: str, value: str) -> str:
    if name == "TIERWRIGHT_DATABASE_URL":
        return guarded_url(value)
    secret = any(word in name for word in _SECRET_WORDS)
    return f"({_masked(value)})" if secret else value


def guarded_url(value: str) -> str:
    """A database's URL without its password."""
    try:
        return parse_url(value).render_as_string(hide_password=True)
    except TierwrightError:
        return "(cannot be read)"
