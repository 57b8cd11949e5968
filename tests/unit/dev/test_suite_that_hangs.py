"""What a suite prints while it runs, and that a test whose clean-up hangs ends: a real pytest on files of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

HANGING = """
import asyncio
import pytest

@pytest.fixture
def never_ends():
    async def waiting_for_godot():
        await asyncio.Event().wait()
    yield
    asyncio.run(waiting_for_godot())

def test_before(): pass

@pytest.mark.timeout(1)
def test_that_fails_and_hangs(never_ends): assert 1 == 2

def test_after(): pass
"""

DEAF = """
import time
import pytest

@pytest.mark.timeout(1)
def test_deaf():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

def test_after(): pass
"""


def run_pytest(folder: Path, *arguments: str, **files: str) -> subprocess.CompletedProcess[str]:
    """pytest in a folder with these files (by their names without `.py`) and short deadlines."""
    (folder / "pytest.ini").write_text("[pytest]\ntimeout = 20\nwatchdog_grace_seconds = 1\n")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    plugins = ("xdist", "pytest_timeout", "tests.watchdog", "tests.progress")
    command = [sys.executable, "-m", "pytest", "-q", *(word for name in plugins for word in ("-p", name)), *arguments]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    env = {**own, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=100, check=False)


def test_a_clean_up_that_never_ends_is_interrupted_and_the_rest_still_runs(tmp_path: Path):
    done = run_pytest(tmp_path, "-n", "1", test_hanging=HANGING)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 2 passed, 1 error" in done.stdout
    assert "HangingError" in done.stdout
    assert "test_that_fails_and_hangs hangs, and is interrupted" in done.stderr
    assert "in never_ends" in done.stderr
    assert "in waiting_for_godot" in done.stderr


def test_one_that_no_exception_ends_ends_the_suite_which_is_not_called_flaky(tmp_path: Path):
    done = run_pytest(tmp_path, "-n", "1", "--max-worker-restart", "0", test_hanging=DEAF)
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "crashed while running 'test_hanging.py::test_deaf'" in done.stdout
    assert "only 1 of 2 tests ran to their end" in done.stdout
    assert "test_deaf still hangs, and its process is ended" in done.stderr


def test_each_file_that_is_through_has_a_line_and_so_has_a_failure(tmp_path: Path):
    mixed = "import pytest\ndef test_a(): pass\ndef test_b(): assert False\n@pytest.mark.skip\ndef test_c(): pass\n"
    done = run_pytest(tmp_path, test_good="def test_a(): pass\ndef test_b(): pass\n", test_mixed=mixed)
    assert " test_good.py: 2 passed in 0 s; 2 of 5 tests" in done.stdout
    assert " FAILED test_mixed.py::test_b (call) assert False" in done.stdout
    assert " test_mixed.py: 1 skipped, 1 passed, 1 failed in 0 s; 5 of 5 tests" in done.stdout


def test_what_runs_long_is_named(tmp_path: Path):
    sooner = "import tests.progress as p\np.SAID_EVERY_SECONDS = 0.05\np.LONG_SECONDS = 1.0\n"
    done = run_pytest(tmp_path, conftest=sooner, test_slow="import time\ndef test_slow(): time.sleep(3)\n")
    assert "still running: test_slow.py::test_slow (1 s)" in done.stdout
