"""`tierwright doctor` in a child process: what it finds, what it never prints, how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def doctor(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, in an environment without any setting but these."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("TIERWRIGHT_", "CHROME_PATH"))}
    kept = {k: v for k, v in os.environ.items() if k == "TIERWRIGHT_TEST_SESSION"}
    return subprocess.run(
        [sys.executable, "-m", "tierwright", "doctor", *arguments],
        cwd=folder,
        env={**inherited, **kept, **env},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    report = json.loads(done.stdout)
    assert report["ok"] is (done.returncode == 0)
    return {f["name"]: f for f in report["findings"]}


def test_a_machine_with_all_it_needs(tmp_path: Path, chromium_path: Path):
    done = doctor(tmp_path, "--json")
    found = findings(done)
    assert done.returncode == 0, done.stderr
    assert {f["state"] for name, f in found.items() if name != "environment"} == {"ok"}
    assert str(chromium_path) in found["browser"]["detail"]
    assert "started in" in found["browser"]["detail"]
    assert found["stagehand"]["detail"].startswith("attached in")
    assert "made by the first run" in found["database"]["detail"]
    assert not (tmp_path / ".tierwright").exists()


def test_secrets_are_masked_and_settings_nobody_reads_are_named(tmp_path: Path):
    done = doctor(
        tmp_path,
        TIERWRIGHT_MODEL="openai:some-model",
        OPENAI_API_KEY="sk-hidden-1",
        TIERWRIGHT_SECRET_PASSWORD="hidden-2",
        TIERWRIGHT_DATABASE_URL="postgresql://postgres:hidden-3@127.0.0.1:1/none",
        TIERWRIGHT_STRATGY="option_a",
        TIERWRIGHT_CHROME_PATH="/bin/false",
    )
    assert done.returncode == 3
    assert "hidden" not in done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("FAIL  browser") and "/bin/false did not start" in line for line in lines)
    assert any(line.startswith("FAIL  database") and "127.0.0.1:1/none" in line for line in lines)
    assert any("openai:some-model" in line and "key set" in line for line in lines)
    assert any("TIERWRIGHT_STRATGY is set, and nothing reads it" in line for line in lines)


def test_a_model_without_its_key_is_in_the_way(tmp_path: Path):
    inherited = dict.fromkeys(("OPENAI_API_KEY",), "")
    done = doctor(tmp_path, "--json", TIERWRIGHT_MODEL="openai:some-model", **inherited)
    assert done.returncode == 3
    model = findings(done)["model"]
    assert model["state"] == "failed"
    assert "OPENAI_API_KEY" in model["detail"]


def test_a_wrong_flag_is_a_usage_error(tmp_path: Path):
    assert doctor(tmp_path, "--jsn").returncode == 2
