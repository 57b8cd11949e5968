"""`tierwright run` from its flags to its exit code, the engine's stand-in behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from junitparser import JUnitXml
from tests.unit.cli.engine import SCENARIOS, Engine, engine_of
from tests.unit.reports.factory import simple_run

from tierwright.cli.main import main
from tierwright.cli.run import Services
from tierwright.core.config import Shard
from tierwright.core.results import RunStatus
from tierwright.testfiles.loader import load


def invoke(engine: Engine, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["run", *map(str, arguments)], obj=engine.services)


def green() -> Engine:
    return Engine(runs=[simple_run(RunStatus.PASSED, "Buy"), simple_run(RunStatus.PASSED_HEALED, "Pay", heals=1)])


def test_a_green_run_is_0_and_its_heals_are_on_standard_error(tmp_path: Path) -> None:
    """H-30: the default policy is warn."""
    result = invoke(green(), tmp_path)

    assert result.exit_code == 0
    assert "PASS    Buy" in result.stdout
    assert "1 step was healed" in result.stderr
    assert "1 step was healed" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--heal-policy", "allow"], 0),
        (["--heal-policy", "fail"], 4),
        (["--max-heals", "0"], 1),
        (["--max-heals", "1"], 0),
        (["--grep", "Buy", "--heal-policy", "fail"], 0),
    ],
)
def test_heals_and_the_exit_code(tmp_path: Path, arguments: list[str], code: int) -> None:
    """H-30: exit 4 under the policy fail."""
    assert invoke(green(), tmp_path, *arguments).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--heal-policy", "fail"], "tierwright: exit 4: 1 step was healed, and the heal policy is fail\n"),
        (["--max-heals", "0"], "tierwright: exit 1: 1 step was healed, and --max-heals allows 0\n"),
        (["--max-heals", "1"], ""),
    ],
)
def test_why_heals_alone_end_a_run_red_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    stderr = invoke(green(), tmp_path, *arguments).stderr
    assert [line + "\n" for line in stderr.splitlines() if "exit" in line] == ([said] if said else [])


def test_broken_machinery_in_a_run_is_3(tmp_path: Path) -> None:
    assert invoke(engine_of("all"), tmp_path).exit_code == 3


def test_every_flag_reaches_the_engine(tmp_path: Path) -> None:
    engine = green()
    arguments = (
        "--strategy option_b --workers 2 --var user=bob --var n=1 --tag smoke --shard 1/3 --viewport 800x600 "
        "--timeout-tier2 9 --retries 1 --last-failed --headed --update-baseline --max-cost-usd 0.1"
    )

    result = invoke(engine, tmp_path, *arguments.split())

    assert result.exit_code == 0, result.output
    config = engine.config
    assert config is not None
    assert (config.settings.fallback_strategy, config.workers) == ("option_b", 2)
    assert dict(config.variables) == {"user": "bob", "n": "1"}
    assert (config.shard, config.viewport, config.retries) == (Shard(1, 3), (800, 600), 1)
    assert (config.settings.tier2_timeout_seconds, config.settings.max_cost_usd) == (9, 0.1)
    assert (config.last_failed, config.headed, config.update_baseline) == (True, True, True)


def test_json_on_standard_output_is_a_document_and_people_read_standard_error(tmp_path: Path) -> None:
    result = invoke(green(), tmp_path, "--json", "-")

    assert json.loads(result.stdout)["summary"]["passed"] == 1
    assert "PASS    Buy" in result.stderr


def test_all_report_files_are_written(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("r.json", "r.xml", "r.html")]

    invoke(engine_of("all"), tmp_path, "--json", files[0], "--junit", files[1], "--html", files[2])

    assert json.loads(files[0].read_text())["summary"]["tests"] == 6
    assert sum(suite.tests for suite in JUnitXml.fromfile(str(files[1]))) == 6
    assert "Keep a wish list" in files[2].read_text()


def test_a_report_that_cannot_be_written_is_3_and_the_others_are_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    result = invoke(green(), tmp_path, "--json", tmp_path / "file" / "r.json", "--junit", tmp_path / "r.xml")

    assert result.exit_code == 3
    assert "the JSON report broke and was left out" in result.stderr
    assert (tmp_path / "r.xml").exists()


def test_problems_of_the_files_are_all_listed_and_nothing_runs(tmp_path: Path) -> None:
    engine = Engine(runs=green().runs, problems=["a.tw.yaml:3:5: one", "b.tw.yaml:1:1: two"])

    result = invoke(engine, tmp_path)

    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "tierwright: 2 problems, nothing was run:",
        "a.tw.yaml:3:5: one",
        "b.tw.yaml:1:1: two",
    ]
    assert engine.config is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tag", "nightly", "--grep", "x"], "none of the 2 tests matches --tag nightly --grep x"),
        (["--strategy", "option_d"], "'option_d' is not one of option_a, option_b, option_c"),
        (["--timeout-tier1", "900"], "1 to 300"),
        (["--locale", "de DE"], "is not a locale; write one such as de-DE"),
        (["--retries-per-tier", "4"], "0 to 3"),
        (["--stratgy", "option_a"], "--strategy"),
        (["--json", "-", "--junit", "-"], "only one of"),
    ],
)
def test_a_wrong_command_is_2_and_says_what_is_right(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = invoke(green(), tmp_path, *arguments)

    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_no_tests_and_no_path_are_2(tmp_path: Path) -> None:
    assert "give" in invoke(Engine(), tmp_path).stderr
    assert invoke(Engine(), tmp_path).exit_code == 2
    assert "does not exist" in invoke(Engine(), tmp_path / "nope").stderr
    assert invoke(Engine()).exit_code == 2


def test_tags_and_grep_choose_tests(tmp_path: Path) -> None:
    engine = green()

    invoke(engine, tmp_path, "--tag", "smoke", "--tag", "other", "--grep", "^P")

    assert engine.names == ["Pay"]


def test_no_browser_is_3_and_the_reports_say_why(tmp_path: Path) -> None:
    result = invoke(engine_of("no-browser"), tmp_path, "--json", tmp_path / "r.json")

    assert result.exit_code == 3
    assert "note: no browser was found" in result.stdout
    assert json.loads((tmp_path / "r.json").read_text())["runs"] == []
    assert "Traceback" not in result.output


def test_what_the_engine_calls_a_usage_error_is_2(tmp_path: Path) -> None:
    result = invoke(engine_of("misused"), tmp_path)

    assert (result.exit_code, result.stderr) == (2, "tierwright: the model nope:x is not known\n")


def test_secrets_of_the_environment_are_in_no_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWRIGHT_SECRET_PASSWORD", "gone")
    files = [tmp_path / name for name in ("r.json", "r.xml", "r.html")]

    result = invoke(engine_of("all"), tmp_path, "--json", files[0], "--junit", files[1], "--html", files[2])

    assert "#gone" not in result.output
    assert all("#gone" not in file.read_text() and "#••••" in file.read_text() for file in files)


def test_every_scenario_of_the_stand_in_is_used() -> None:
    used = Path(__file__).read_text() + Path(__file__).with_name("test_process.py").read_text()

    assert all(f'"{name}"' in used for name in SCENARIOS)


def with_real_loader(engine: Engine) -> Services:
    return Services(load, engine.run_suite)


def test_real_files_are_loaded_with_their_variables(tmp_path: Path) -> None:
    (tmp_path / "a.tw.yaml").write_text("name: A\ntags: [smoke]\nsteps: [Go to /x]\n")
    (tmp_path / "b.tw.yaml").write_text('name: B\nsteps: ["Go to /{{where}}"]\n')
    engine = Engine()

    result = CliRunner().invoke(main, ["run", str(tmp_path), "--var", "where=y"], obj=with_real_loader(engine))

    assert (result.exit_code, engine.names) == (0, ["A", "B"]), result.output


def test_real_mistakes_name_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "a.tw.yaml"
    file.write_text("name: A\nstpes: [Go to /x]\n")
    engine = Engine()

    result = CliRunner().invoke(main, ["run", str(file)], obj=with_real_loader(engine))

    assert result.exit_code == 2
    assert "a.tw.yaml:2:1" in result.stderr
    assert engine.config is None
