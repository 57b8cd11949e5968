"""The script that sets up and runs everything: what it decides, on files and machines made for the test."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from tests.conftest import REQUESTS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def dev(tmp_path: Path) -> ModuleType:
    """The script as a module of its own, whose reports lie in a folder of the test."""
    loader = importlib.machinery.SourceFileLoader("dev_script", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dev_script"] = module  # dataclasses look their module up
    loader.exec_module(module)
    module.PARALLEL_REPORT = tmp_path / "parallel.xml"
    module.SERIAL_REPORT = tmp_path / "serial.xml"
    module.AGAIN_REPORT = tmp_path / "again.xml"
    return module


def script(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "dev"), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=30,
        check=False,
    )


def test_help_names_every_command_and_needs_no_set_up(dev: ModuleType):
    done = script("--help", PATH="/nowhere")
    assert done.returncode == 0
    for command in dev.COMMANDS:
        assert f"  {command}" in done.stdout


def test_an_unknown_command_is_refused(dev: ModuleType):
    done = script("tset")
    assert done.returncode == 2
    assert "'tset'" in done.stderr


def test_it_imports_the_standard_library_only():
    """A fresh machine has nothing else: python -I -S sees no site-packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "dev"), "--help"], capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_it_starts_keeps_what_it_compiled(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """Importing the package takes four times as long where each process compiles all of it anew."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("KEPT", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in dev.environment()
    assert dev.environment()["KEPT"] == "1"


def report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="tests.unit.test_x" name="{name}">{inside}</testcase>'


def test_the_summary_counts_both_suites(dev: ModuleType):
    dev.PARALLEL_REPORT.write_text(report(case("a"), case("b", "<failure/>"), case("c", "<skipped/>")))
    dev.SERIAL_REPORT.write_text(report(case("d"), case("e", "<error/>")))
    assert dev.summary_line() == "2 passed, 2 failed, 1 skipped"


def test_a_test_that_passes_by_itself_is_flaky_and_named(dev: ModuleType):
    dev.PARALLEL_REPORT.write_text(report(case("a"), case("b", "<failure/>"), case("c", "<error/>")))
    dev.AGAIN_REPORT.write_text(report(case("b", "<system-out/>"), case("c", "<failure/>")))
    assert dev.flaky_tests() == {"tests.unit.test_x::b"}
    assert dev.summary_line() == "1 flaky: tests.unit.test_x::b\n2 passed, 1 failed, 0 skipped"


def test_a_second_try_that_was_skipped_does_not_clear_a_failure(dev: ModuleType):
    dev.PARALLEL_REPORT.write_text(report(case("b", "<failure/>")))
    dev.AGAIN_REPORT.write_text(report(case("b", "<skipped/>")))
    assert dev.flaky_tests() == set()


@pytest.mark.parametrize(
    ("codes", "failed", "again", "holds"),
    [
        ([0, 0], [], [], True),
        ([0, 5], [], [], True),
        ([1, 0], ["a"], [case("a")], True),
        ([1, 0], ["a"], [case("a", "<failure/>")], False),
        ([1, 0], ["a", "b"], [case("a")], False),
        ([1, 0], ["a", "b", "c", "d"], [case(n) for n in "abcd"], False),
        ([3, 0], ["a"], [case("a")], False),
        ([2, 1], ["a"], [case("a")], False),
    ],
    ids=["clean", "no serial tests", "flaky", "broken", "one broken", "too many", "pytest broke", "interrupted"],
)
def test_few_failures_get_one_more_try(
    dev: ModuleType, tmp_path: Path, codes: list[int], failed: list[str], again: list[str], *, holds: bool
):
    dev.ROOT = tmp_path
    dev.COVERAGE_REPORT = tmp_path / "coverage.json"
    written = {
        dev.PARALLEL_REPORT: (codes[0], report(*(case(n, "<failure/>") for n in failed))),
        dev.SERIAL_REPORT: (codes[1], report()),
        dev.AGAIN_REPORT: (0, report(*again)),
    }

    def pytest_stands_in(*command: str | Path, limit_seconds: float) -> int:
        assert limit_seconds == dev.SUITE_SECONDS
        path = Path(str(command[-1]).removeprefix("--junit-xml="))
        code, text = written[path]
        path.write_text(text)
        return code

    dev.run = pytest_stands_in
    assert dev.run_suites() is holds
    assert dev.AGAIN_REPORT.exists() is (codes[0] == 1 and 0 < len(failed) <= dev.FLAKY_AT_MOST)


def test_a_command_over_its_limit_is_ended_and_says_so(dev: ModuleType, capsys: pytest.CaptureFixture[str]):
    assert dev.run(sys.executable, "-c", "import time; time.sleep(60)", limit_seconds=0.2) == dev.OVER_THE_LIMIT
    assert "did not end within 0 min" in capsys.readouterr().err


def test_a_skip_that_is_not_listed_fails_in_ci_only(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    dev.ROOT = tmp_path
    (tmp_path / "tests").mkdir()
    listed = tmp_path / "tests" / "accepted_skips.txt"
    listed.write_text("# a list\ntests.unit.test_x::ok_*  # needs another machine\n")
    dev.PARALLEL_REPORT.write_text(report(case("ok_1", "<skipped/>")))
    monkeypatch.setenv("CI", "true")
    assert dev.skips_are_accepted()
    dev.PARALLEL_REPORT.write_text(report(case("ok_1", "<skipped/>"), case("other", "<skipped/>")))
    assert not dev.skips_are_accepted()
    monkeypatch.delenv("CI")
    assert dev.skips_are_accepted()


def test_too_few_requests_to_the_api_fail_in_ci_only(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def asked(requests: int) -> str:
        return f'<properties><property name="{REQUESTS}" value="{requests}"/></properties>'

    monkeypatch.setenv("CI", "true")
    dev.PARALLEL_REPORT.write_text(report(case("a", asked(1500)), case("b", asked(500)), case("c")))
    assert dev.schema_is_asked_enough()
    assert "OpenAPI schema: 2000" in capsys.readouterr().err
    dev.PARALLEL_REPORT.write_text(report(case("a", asked(1999)), case("c")))
    assert not dev.schema_is_asked_enough()
    monkeypatch.delenv("CI")
    assert dev.schema_is_asked_enough()


def test_branches_are_counted_for_one_package_only(dev: ModuleType):
    files = {
        "src/tierwright/core/a.py": {"summary": {"covered_branches": 3, "num_branches": 4}},
        "src/tierwright/core/b/c.py": {"summary": {"covered_branches": 1, "num_branches": 1}},
        "src/tierwright/cli/core.py": {"summary": {"covered_branches": 0, "num_branches": 9}},
    }
    assert dev.branches_of(files, "core") == (4, 5)
    assert dev.percent(4, 5) == 80.0


def test_every_check_runs_and_one_failure_is_enough(dev: ModuleType, capsys: pytest.CaptureFixture[str]):
    ran: list[str] = []

    def check(name: str, *, passes: bool):
        return dev.Check(name, lambda: ran.append(name) is None and passes)

    assert dev.run_checks([check("one", passes=False), check("two", passes=True)]) == 1
    assert ran == ["one", "two"]
    assert "FAILED: one" in capsys.readouterr().err
    assert dev.run_checks([check("three", passes=True)]) == 0


@pytest.mark.parametrize(("code", "passes"), [(0, True), (3, False)])
def test_what_runs_beside_others_is_waited_for_and_shown(
    dev: ModuleType, capsys: pytest.CaptureFixture[str], code: int, *, passes: bool
):
    words = f"import sys, time; print('one'); time.sleep(0.2); print('two', file=sys.stderr); sys.exit({code})"
    with dev.beside("slow", sys.executable, "-c", words) as check:
        assert check.passes() is passes
    assert sorted(capsys.readouterr().err.split()) == ["one", "two"]


def test_what_runs_beside_others_ends_with_them(dev: ModuleType):
    started = time.monotonic()
    with dev.beside("endless", sys.executable, "-c", "import time; time.sleep(60)"):
        pass
    assert time.monotonic() - started < 30


def test_the_stamp_changes_with_the_lock_file(dev: ModuleType, tmp_path: Path):
    for name in ("uv.lock", "pyproject.toml", "dev"):
        (tmp_path / name).write_text(name)
    dev.ROOT = tmp_path
    before = dev.fingerprint()
    assert dev.fingerprint() == before
    (tmp_path / "uv.lock").write_text("other")
    assert dev.fingerprint() != before


def test_who_cannot_install_is_told_the_command(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get there
    with pytest.raises(dev.SetupError, match="sudo apt-get install python3-venv"):
        dev.apt_install("Python's venv module", "python3-venv")


def test_ci_runs_nothing_but_the_same_command():
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]
    assert lines[-1] == "exec ./dev test"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
