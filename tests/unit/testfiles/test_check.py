"""`tierwright check` shows what a file means, or everything wrong with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tierwright", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_valid_file_is_shown_with_its_compiled_steps(tmp_path: Path):
    path = tmp_path / "a.tw.yaml"
    path.write_text('name: t\nsteps:\n  - Enter "{{who}}" in the "Name" field\n  - Press Enter\n')

    done = check(str(path), "--var", "who=ada")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"t  {path}:1",
        '    0  fill            element=[the "Name" field]  value=[{{who}}]',
        "    1  press           key=[Enter]",
        "1 test, 2 steps, no errors",
    ]


def test_all_problems_go_to_standard_error(tmp_path: Path):
    (tmp_path / "a.tw.yaml").write_text("name: a\nsteps:\n  - Clik x\n")
    (tmp_path / "b.tw.yaml").write_text("nme: b\n")

    done = check(str(tmp_path))

    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()[1:]
    assert [line.removeprefix(f"{tmp_path}/").split(": ")[0] for line in lines] == [
        "a.tw.yaml:3:5",
        "b.tw.yaml:1:1",
        "b.tw.yaml:1:1",
        "b.tw.yaml:1:1",
    ]


def test_a_variable_without_a_value_is_refused(tmp_path: Path):
    done = check(str(tmp_path), "--var", "who")

    assert (done.returncode, "write NAME=VALUE" in done.stderr) == (2, True)
