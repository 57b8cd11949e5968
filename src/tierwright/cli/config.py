"""Settings from flags, then the environment, then `tierwright.toml` beside the tests, then defaults."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from tierwright.cli.options import FLAGS_BY_NAME, RUN_FLAGS, NumberType, TextType, UrlType
from tierwright.core.config import (
    DEFAULT_MODEL,
    DEFAULT_PROJECT,
    DEFAULT_STATE_DIR,
    STDOUT,
    ModelPrice,
    RunConfig,
    ScreenshotMode,
    StateLocation,
    TraceMode,
)
from tierwright.core.errors import UsageError
from tierwright.core.settings import TIMEOUT_RANGE_SECONDS, ExecutionSettings, HealPolicy
from tierwright.core.strategy import FallbackStrategy
from tierwright.core.variables import SECRET_PREFIX, secret_key

SETTINGS_FILE = "tierwright.toml"

_ENVIRONMENT = {
    "state": ("TIERWRIGHT_STATE_DIR",),
    "model": ("TIERWRIGHT_MODEL",),
    "model-base-url": ("TIERWRIGHT_MODEL_BASE_URL",),
    "browser": ("TIERWRIGHT_CHROME_PATH", "CHROME_PATH"),
}
_FILE_ONLY: Mapping[str, click.ParamType[Any] | None] = MappingProxyType(
    {
        "project": TextType("NAME"),
        "model-base-url": UrlType(),
        "expect-timeout": NumberType("S", *TIMEOUT_RANGE_SECONDS),
        "min-margin": NumberType("X", 0, 1),
        "track-effectiveness": None,
    }
)
_TABLES = ("prices", "server")
_PRICE_KEYS = ("input", "output")
_PATH_KEYS = frozenset({"state", "json", "junit", "html", "browser", "storage-state"})


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a `tierwright.toml` says, checked: values by key, prices by model; `server` is not yet."""

    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    prices: Mapping[str, ModelPrice] = field(default_factory=lambda: MappingProxyType({}))
    server: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def resolve_run(flags: Mapping[str, Any], paths: Sequence[Path], environ: Mapping[str, str], cwd: Path) -> RunConfig:
    """The whole configuration of a run; `flags` by parameter name, None where not given.

    Raises UsageError that lists everything wrong at once.
    """
    file = find_settings_file(paths[0] if paths else cwd, cwd)
    said = read_settings_file(file) if file else FileSettings()
    layers = (_given_flags(flags), _from_environment(environ), said.values)
    config = _Resolved(tuple(layers)).run_config(tuple(paths), said.prices, environ)
    if config.report_files.count(STDOUT) > 1:
        raise UsageError("only one of --json, --junit and --html can go to standard output (-)")
    return config


def resolve_state(state: Path | None, environ: Mapping[str, str], cwd: Path) -> StateLocation:
    """Where runs are remembered, for commands that take no tests: flag, environment, settings file, default."""
    file = find_settings_file(cwd, cwd)
    said = read_settings_file(file) if file else FileSettings()
    flags = {"state": state} if state else {}
    return _Resolved((flags, _from_environment(environ), said.values)).state(environ)


def secrets_from(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets of the environment by lower-case name: TIERWRIGHT_SECRET_PASSWORD is `password`."""
    found = {secret_key(k.removeprefix(SECRET_PREFIX)): v for k, v in environ.items() if k.startswith(SECRET_PREFIX)}
    return MappingProxyType({name: value for name, value in found.items() if name and value})


def find_settings_file(start: Path, cwd: Path) -> Path | None:
    """The nearest `tierwright.toml` at or above the tests, no higher than the repository's root or the cwd."""
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    return next((f / SETTINGS_FILE for f in _up_to_root(folder, cwd.resolve()) if (f / SETTINGS_FILE).is_file()), None)


def _up_to_root(folder: Path, cwd: Path) -> Iterator[Path]:
    chain = (folder, *folder.parents)
    repository = next((f for f in chain if (f / ".git").exists()), None)
    root = repository or (cwd if folder.is_relative_to(cwd) else folder)
    for place in chain:
        yield place
        if place == root:
            return


# --- the settings file ------------------------------------------------------------------------------------


def read_settings_file(path: Path) -> FileSettings:
    """Read and check a `tierwright.toml`. Raises UsageError with every unknown key and every bad value."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: this is not TOML: {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    problems: list[str] = []
    values = _file_values(document, path.parent, problems)
    prices = _file_prices(document.get("prices", {}), problems)
    server = document.get("server", {})
    if not isinstance(server, dict):
        problems.append("server: write a table, [server], with the server's settings below it")
    if problems:
        raise UsageError("\n".join(f"{path}: {problem}" for problem in problems))
    return FileSettings(values, prices, MappingProxyType(server))


def _file_values(document: Mapping[str, Any], folder: Path, problems: list[str]) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for key, raw in document.items():
        if key in _TABLES:
            continue
        try:
            values[key] = _checked(key, _in_folder(key, raw, folder))
        except (UsageError, click.BadParameter) as error:
            problems.append(f"{key}: {error}")
    return MappingProxyType(values)


def _checked(key: str, raw: object) -> object:
    if key not in _file_keys():
        raise UsageError(_unknown(key))
    kind = _FILE_ONLY[key] if key in _FILE_ONLY else FLAGS_BY_NAME[key].type
    if kind is None:
        if not isinstance(raw, bool):
            raise UsageError(f"{raw!r} is not true or false")
        return raw
    wanted: tuple[type, ...] = (int, float) if isinstance(kind, NumberType) else (str,)
    if isinstance(raw, bool) or not isinstance(raw, wanted):
        raise UsageError(f"{raw!r} is not a {'number' if int in wanted else 'text in quotes'}")
    return kind.convert(raw, None, None)


def _unknown(key: str) -> str:
    if key in FLAGS_BY_NAME:
        return f"unknown key; --{key} is said on the command line, run by run"
    return f"unknown key{_nearest(key, _file_keys())}"


def _nearest(word: str, words: Sequence[str]) -> str:
    close = difflib.get_close_matches(word.replace("_", "-").lower(), words, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known keys: {', '.join(words)}"


def _file_keys() -> tuple[str, ...]:
    return (*(flag.name for flag in RUN_FLAGS if flag.in_file), *_FILE_ONLY, *_TABLES)


def _in_folder(key: str, raw: object, folder: Path) -> object:
    """A relative path of the file starts at the file's folder, wherever the command is started."""
    if key in _PATH_KEYS and isinstance(raw, str) and raw not in ("", str(STDOUT)):
        return str(folder / Path(raw).expanduser())
    return raw


def _file_prices(table: object, problems: list[str]) -> Mapping[str, ModelPrice]:
    if not isinstance(table, dict):
        problems.append('prices: write a table for each model, such as [prices."my-model"]')
        return MappingProxyType({})
    prices = {model: _price(model, entry, problems) for model, entry in table.items()}
    return MappingProxyType(prices)


def _price(model: str, entry: object, problems: list[str]) -> ModelPrice:
    where = f"prices.{model}"
    if not isinstance(entry, dict):
        problems.append(f"{where}: write input and output, in US dollars a million tokens")
        return ModelPrice(0, 0)
    problems += [f"{where}.{key}: unknown key{_nearest(key, _PRICE_KEYS)}" for key in entry if key not in _PRICE_KEYS]
    return ModelPrice(*(_dollars(where, key, entry, problems) for key in _PRICE_KEYS))


def _dollars(where: str, key: str, entry: Mapping[str, object], problems: list[str]) -> float:
    value = entry.get(key)
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
    if not good:
        said = "is missing" if value is None else f"{value!r} is not a price in US dollars a million tokens"
        problems.append(f"{where}.{key}: {said}")
        return 0.0
    return float(str(value))


# --- putting the layers together --------------------------------------------------------------------------


def _given_flags(flags: Mapping[str, Any]) -> Mapping[str, Any]:
    return {f.name: flags[f.parameter] for f in RUN_FLAGS if flags.get(f.parameter) not in (None, ())}


def _from_environment(environ: Mapping[str, str]) -> Mapping[str, Any]:
    found = {key: next((environ[n] for n in names if environ.get(n)), None) for key, names in _ENVIRONMENT.items()}
    return {key: _environment_value(key, text) for key, text in found.items() if text is not None}


def _environment_value(key: str, text: str) -> object:
    kind = _FILE_ONLY.get(key) or FLAGS_BY_NAME[key].type
    assert kind is not None
    try:
        return kind.convert(text, None, None)
    except click.BadParameter as error:
        raise UsageError(f"environment variable {_ENVIRONMENT[key][0]}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Resolved:
    """Layers of values, the strongest first."""

    layers: tuple[Mapping[str, Any], ...]

    def get(self, key: str, default: Any = None) -> Any:
        return next((layer[key] for layer in self.layers if key in layer), default)

    def whole(self, key: str, default: int | None = None) -> Any:
        number = self.get(key, default)
        return None if number is None else int(number)

    def state(self, environ: Mapping[str, str]) -> StateLocation:
        return StateLocation(
            state_dir=self.get("state", DEFAULT_STATE_DIR),
            database_url=environ.get("TIERWRIGHT_DATABASE_URL") or None,
            project=self.get("project", DEFAULT_PROJECT),
        )

    def settings(self) -> ExecutionSettings:
        default = ExecutionSettings()
        return ExecutionSettings(
            fallback_strategy=self.get("strategy", FallbackStrategy.OPTION_C),
            tier1_timeout_seconds=self.get("timeout-tier1", default.tier1_timeout_seconds),
            tier2_timeout_seconds=self.get("timeout-tier2", default.tier2_timeout_seconds),
            tier3_timeout_seconds=self.get("timeout-tier3", default.tier3_timeout_seconds),
            max_retries_per_tier=self.whole("retries-per-tier", default.max_retries_per_tier),
            track_effectiveness=self.get("track-effectiveness", default.track_effectiveness),
            expect_timeout_seconds=self.get("expect-timeout", default.expect_timeout_seconds),
            min_confidence=self.get("min-confidence"),
            min_margin=self.get("min-margin"),
            max_cost_usd=self.get("max-cost-usd"),
        )

    def run_config(
        self, paths: tuple[Path, ...], prices: Mapping[str, ModelPrice], environ: Mapping[str, str]
    ) -> RunConfig:
        state = self.state(environ)
        config = RunConfig(
            paths=paths,
            settings=self.settings(),
            state_dir=state.state_dir,
            database_url=state.database_url,
            project=state.project,
            model=self.get("model", DEFAULT_MODEL),
            model_base_url=self.get("model-base-url"),
            prices=prices,
            secrets=secrets_from(environ),
        )
        return self._with_reports(self._with_browser(self._with_choice(config)))

    def _with_choice(self, config: RunConfig) -> RunConfig:
        """Which tests, how often, and what counts as failure."""
        return replace(
            config,
            base_url=self.get("base-url"),
            variables=MappingProxyType(dict(self.get("var", ()))),
            tags=tuple(self.get("tag", ())),
            grep=self.get("grep"),
            last_failed=bool(self.get("last-failed", False)),
            shard=self.get("shard"),
            retries=self.whole("retries", 0),
            max_failures=self.whole("max-failures"),
            heal_policy=self.get("heal-policy", HealPolicy.WARN),
            max_heals=self.whole("max-heals"),
            update_baseline=bool(self.get("update-baseline", False)),
        )

    def _with_browser(self, config: RunConfig) -> RunConfig:
        return replace(
            config,
            workers=self.whole("workers", 1),
            headed=bool(self.get("headed", False)),
            browser_path=self.get("browser"),
            viewport=self.get("viewport"),
            locale=self.get("locale"),
            storage_state=self.get("storage-state"),
            save_storage=self.get("save-storage"),
        )

    def _with_reports(self, config: RunConfig) -> RunConfig:
        return replace(
            config,
            json_file=self.get("json"),
            junit_file=self.get("junit"),
            html_file=self.get("html"),
            trace=self.get("trace", TraceMode.OFF),
            screenshots=self.get("screenshots", ScreenshotMode.ONLY_ON_FAILURE),
        )
