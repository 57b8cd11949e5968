"""Flags, then environment, then tierwright.toml, then defaults; everything wrong in the file at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tierwright.cli.config import find_settings_file, read_settings_file, resolve_run, resolve_state, secrets_from
from tierwright.cli.options import RUN_FLAGS
from tierwright.core.config import STDOUT, ModelPrice, RunConfig, ScreenshotMode, Shard, TraceMode
from tierwright.core.errors import UsageError
from tierwright.core.settings import ExecutionSettings, HealPolicy
from tierwright.core.strategy import FallbackStrategy

EVERY_KEY = """
strategy = "option_a"
base-url = "http://127.0.0.1:9000"
state = "state"
heal-policy = "fail"
workers = 3
model = "openai:small"
model-base-url = "http://127.0.0.1:1234/v1"
max-cost-usd = 0.5
json = "out/result.json"
junit = "out/junit.xml"
html = "out/report.html"
trace = "on"
screenshots = "off"
headed = true
browser = "chrome"
timeout-tier1 = 1
timeout-tier2 = 2.5
timeout-tier3 = 300
retries-per-tier = 3
retries = 2
max-failures = 4
max-heals = 0
min-confidence = 0.8
min-margin = 0.2
expect-timeout = 7
track-effectiveness = false
viewport = "1280x800"
locale = "de-DE"
storage-state = "login.json"
project = "shop"

[prices."small"]
input = 0.25
output = 2
"""


def resolved(
    folder: Path, *, flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> RunConfig:
    return resolve_run(flags or {}, [folder], environ or {}, folder)


def written(folder: Path, text: str) -> Path:
    file = folder / "tierwright.toml"
    file.write_text(text)
    return file


def test_without_anything_the_defaults_of_the_contract(tmp_path: Path) -> None:
    assert resolved(tmp_path) == RunConfig(paths=(tmp_path,))
    config = RunConfig(paths=())
    assert config.settings == ExecutionSettings()
    assert (config.state_dir, config.model, config.project) == (Path(".tierwright"), "local", "default")
    assert (config.heal_policy, config.settings.fallback_strategy) == (HealPolicy.WARN, FallbackStrategy.OPTION_C)


def test_the_settings_file_sets_every_key(tmp_path: Path) -> None:
    for name in ("chrome", "login.json"):
        (tmp_path / name).touch()
    written(tmp_path, EVERY_KEY)

    assert resolved(tmp_path) == RunConfig(
        paths=(tmp_path,),
        settings=ExecutionSettings(
            fallback_strategy=FallbackStrategy.OPTION_A,
            tier1_timeout_seconds=1,
            tier2_timeout_seconds=2.5,
            tier3_timeout_seconds=300,
            max_retries_per_tier=3,
            track_effectiveness=False,
            expect_timeout_seconds=7,
            min_confidence=0.8,
            min_margin=0.2,
            max_cost_usd=0.5,
        ),
        base_url="http://127.0.0.1:9000",
        state_dir=tmp_path / "state",
        project="shop",
        heal_policy=HealPolicy.FAIL,
        workers=3,
        model="openai:small",
        model_base_url="http://127.0.0.1:1234/v1",
        prices={"small": ModelPrice(0.25, 2)},
        json_file=tmp_path / "out/result.json",
        junit_file=tmp_path / "out/junit.xml",
        html_file=tmp_path / "out/report.html",
        trace=TraceMode.ON,
        screenshots=ScreenshotMode.OFF,
        headed=True,
        browser_path=tmp_path / "chrome",
        retries=2,
        max_failures=4,
        max_heals=0,
        viewport=(1280, 800),
        locale="de-DE",
        storage_state=tmp_path / "login.json",
    )


def test_every_flag_of_the_file_is_in_this_test() -> None:
    """A new flag must be added above, or it could be read and thrown away."""
    keys = {line.split(" = ")[0] for line in EVERY_KEY.splitlines() if " = " in line}

    assert {flag.name for flag in RUN_FLAGS if flag.in_file} <= keys


def test_flags_reach_the_configuration(tmp_path: Path) -> None:
    config = resolved(
        tmp_path,
        flags={
            "var": (("user", "bob"), ("empty", "")),
            "tag": ("smoke", "slow"),
            "grep": "sign",
            "last_failed": True,
            "shard": Shard(1, 3),
            "update_baseline": True,
            "json": STDOUT,
        },
    )

    assert config.variables == {"user": "bob", "empty": ""}
    assert (config.tags, config.grep, config.shard) == (("smoke", "slow"), "sign", Shard(1, 3))
    assert (config.last_failed, config.update_baseline, config.json_file) == (True, True, STDOUT)


@pytest.mark.parametrize(
    ("flags", "environ", "model"),
    [
        ({"model": "of the flag"}, {"TIERWRIGHT_MODEL": "of the environment"}, "of the flag"),
        ({}, {"TIERWRIGHT_MODEL": "of the environment"}, "of the environment"),
        ({}, {"TIERWRIGHT_MODEL": ""}, "of the file"),
        ({}, {}, "of the file"),
    ],
)
def test_the_order_is_flag_environment_file(
    tmp_path: Path, flags: Mapping[str, Any], environ: Mapping[str, str], model: str
) -> None:
    written(tmp_path, 'model = "of the file"')

    assert resolved(tmp_path, flags=flags, environ=environ).model == model


def test_a_flag_can_take_back_a_switch_of_the_file(tmp_path: Path) -> None:
    written(tmp_path, "headed = true\nworkers = 4")

    assert resolved(tmp_path, flags={"headed": False}).headed is False
    assert resolved(tmp_path).workers == 4


def test_the_environment_of_the_contract(tmp_path: Path) -> None:
    chrome, plain = tmp_path / "chrome", tmp_path / "plain"
    chrome.touch()
    plain.touch()
    environ = {
        "TIERWRIGHT_DATABASE_URL": "postgresql://u:p@h/d",
        "TIERWRIGHT_MODEL_BASE_URL": "http://127.0.0.1:1/v1",
        "TIERWRIGHT_STATE_DIR": str(tmp_path / "s"),
        "TIERWRIGHT_CHROME_PATH": str(chrome),
        "CHROME_PATH": str(plain),
        "TIERWRIGHT_SECRET_PASSWORD": "hunter2",
    }
    config = resolved(tmp_path, environ=environ)

    assert (config.database_url, config.model_base_url) == ("postgresql://u:p@h/d", "http://127.0.0.1:1/v1")
    assert (config.state_dir, config.browser_path) == (tmp_path / "s", chrome)
    assert config.secrets == {"password": "hunter2"}
    assert resolved(tmp_path, environ={"CHROME_PATH": str(plain)}).browser_path == plain
    assert "hunter2" not in repr(config)
    assert "postgresql" not in repr(config)


def test_a_bad_value_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"environment variable TIERWRIGHT_CHROME_PATH: there is no file '/no/such'"):
        resolved(tmp_path, environ={"TIERWRIGHT_CHROME_PATH": "/no/such"})


def test_all_that_is_wrong_in_the_file_is_told_at_once(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
heal-polcy = "fail"
timeout_tier1 = 5
timeout-tier2 = 900
retries-per-tier = 1.5
workers = "four"
headed = "yes"
strategy = "option_d"
viewport = "wide"
base-url = "localhost"
browser = "nowhere"
grep = "sign"
flavour = "mint"
[prices.small]
input = -1
outptu = 2
""",
    )

    with pytest.raises(UsageError) as caught:
        read_settings_file(file)

    assert [line.removeprefix(f"{file}: ").split("; known")[0] for line in str(caught.value).splitlines()] == [
        "heal-polcy: unknown key; did you mean heal-policy?",
        "timeout_tier1: unknown key; did you mean timeout-tier1?",
        "timeout-tier2: 900 is out of range: 1 to 300",
        "retries-per-tier: '1.5' is not a whole number",
        "workers: 'four' is not a number",
        "headed: 'yes' is not true or false",
        "strategy: 'option_d' is not one of option_a, option_b, option_c",
        "viewport: 'wide' is not a size; write width x height in pixels, such as 1280x800",
        "base-url: 'localhost' is not a web address; it begins with http:// or https://",
        f"browser: there is no file '{tmp_path / 'nowhere'}'",
        "grep: unknown key; --grep is said on the command line, run by run",
        "flavour: unknown key",
        "prices.small.outptu: unknown key; did you mean output?",
        "prices.small.input: -1 is not a price in US dollars a million tokens",
        "prices.small.output: is missing",
    ]


@pytest.mark.parametrize("text", ["model = ", 'model = "a"\nmodel = "b"', "prices = 3", "prices.small = 3"])
def test_a_file_that_is_no_settings_file_is_an_error_with_its_name(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, text)

    with pytest.raises(UsageError) as caught:
        read_settings_file(file)

    assert str(caught.value).startswith(f"{file}: ")


def test_the_file_is_looked_for_from_the_tests_up_to_the_repository(tmp_path: Path) -> None:
    tests = tmp_path / "repo" / "tests" / "web"
    tests.mkdir(parents=True)
    (tests / "a.tw.yaml").touch()
    above = written(tmp_path, "")
    (tmp_path / "repo" / ".git").mkdir()

    assert find_settings_file(tests / "a.tw.yaml", tests) is None
    root = written(tmp_path / "repo", "")
    assert find_settings_file(tests / "a.tw.yaml", tests) == root
    near = written(tests, "")
    assert find_settings_file(tests, tmp_path) == near
    assert above.exists()


def test_without_a_repository_the_working_directory_is_the_end(tmp_path: Path) -> None:
    tests = tmp_path / "work" / "tests"
    tests.mkdir(parents=True)
    written(tmp_path, "")

    assert find_settings_file(tests, tmp_path / "work") is None
    found = written(tmp_path / "work", "")
    assert find_settings_file(tests, tmp_path / "work") == found
    assert find_settings_file(tests, tmp_path / "elsewhere") is None


def test_only_one_report_can_go_to_standard_output(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only one of --json, --junit and --html"):
        resolved(tmp_path, flags={"json": STDOUT, "html": STDOUT})


def test_other_commands_find_the_same_state(tmp_path: Path) -> None:
    written(tmp_path, 'state = "kept"\nproject = "shop"')
    environ = {"TIERWRIGHT_DATABASE_URL": "sqlite:///x.db"}

    run = resolved(tmp_path, environ=environ)
    assert resolve_state(None, environ, tmp_path) == run.state
    assert (run.state.state_dir, run.state.project) == (tmp_path / "kept", "shop")
    assert resolve_state(Path("mine"), environ, tmp_path).state_dir == Path("mine")


def test_secrets_are_named_in_lower_case() -> None:
    environ = {"TIERWRIGHT_SECRET_API_KEY": "k", "TIERWRIGHT_SECRET_": "x", "TIERWRIGHT_SECRET_EMPTY": "", "OTHER": "o"}

    assert secrets_from(environ) == {"api_key": "k"}
    assert secrets_from({"TIERWRIGHT_SECRET_api-key": "k"}) == {"api_key": "k"}
