"""The command line in a process of its own: exit codes, streams, signals, start-up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import tierwright

REPOSITORY = Path(__file__).parents[3]


def environment(**extra: str) -> Mapping[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TIERWRIGHT_")}
    return {**kept, **extra}


def tierwright_command(*arguments: object, **extra: str) -> subprocess.CompletedProcess[str]:
    return _completed("-m", "tierwright", *map(str, arguments), **extra)


def with_engine(scenario: str, *arguments: object, **extra: str) -> subprocess.CompletedProcess[str]:
    return _completed("-m", "tests.unit.cli.engine", scenario, "run", *map(str, arguments), **extra)


def _completed(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_version_and_help() -> None:
    version = tierwright_command("--version")
    helped = tierwright_command("--help")

    assert version.stdout == f"tierwright, version {tierwright.__version__}\n"
    assert "heals      Review heals: list, show, approve, reject." in helped.stdout
    assert (version.returncode, helped.returncode) == (0, 0)


def test_no_command_shows_the_help_and_an_unknown_one_is_2() -> None:
    assert "Commands:" in tierwright_command().stderr
    unknown = tierwright_command("rnu")

    assert unknown.returncode == 2
    assert "rnu" in unknown.stderr
    assert "Traceback" not in unknown.stderr


def test_help_imports_no_command_and_nothing_heavy() -> None:
    code = (
        "import sys; from tierwright.cli.main import main; main(['--help'], standalone_mode=False);"
        "import tierwright.cli.run;"
        "heavy = {'rich', 'jinja2', 'playwright', 'stagehand', 'sqlalchemy', 'numpy', 'ruamel', 'pydantic'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = _completed("-c", code)

    assert done.returncode == 0, done.stderr


def test_a_bug_says_so_in_one_line_and_how_to_see_more(tmp_path: Path) -> None:
    short = with_engine("bug", tmp_path)
    long = with_engine("bug", tmp_path, TIERWRIGHT_DEBUG="1")

    assert (short.returncode, long.returncode) == (3, 3)
    assert "this is a bug in tierwright: ZeroDivisionError: oops" in short.stderr
    assert "TIERWRIGHT_DEBUG=1" in short.stderr
    assert "Traceback" not in short.stderr
    assert "Traceback" in long.stderr


def test_a_pipe_has_no_escape_codes(tmp_path: Path) -> None:
    done = with_engine("all", tmp_path, FORCE_COLOR="1")

    assert "\x1b" not in done.stdout + done.stderr
    assert "FAIL    Keep a wish list" in done.stdout


def test_text_that_the_terminal_cannot_write_is_replaced(tmp_path: Path) -> None:
    done = with_engine("all", tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "tiers 1 ? 2 ? 3" in done.stdout


@pytest.mark.parametrize("scenario", ["hang", "close"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_writes_its_reports_says_what_was_not_run_and_is_130(
    tmp_path: Path, scenario: str, number: signal.Signals
) -> None:
    """H-4: what was stopped is cancelled, never passed."""
    file = tmp_path / "r.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.cli.engine", scenario, "run", str(tmp_path), "--json", str(file)],
        cwd=REPOSITORY,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in err
    assert "not run, or stopped before the end:\n  stopped" in out
    statuses = [(run["test"], run["status"]) for run in json.loads(file.read_text())["runs"]]
    assert statuses == [("done", "passed"), ("stopped", "cancelled")]
