"""The demo's files."""

from __future__ import annotations

import re
from pathlib import Path

from tierwright.demo.assets import copy_suite, site_dir, suite_dir


def test_the_suite_is_copied_and_other_files_stay(tmp_path: Path):
    (tmp_path / "mine.tw.yaml").write_text("name: Mine\n")
    copied = copy_suite(tmp_path)
    assert copied == tmp_path
    assert {file.name for file in suite_dir().iterdir()} | {"mine.tw.yaml"} == {
        file.name for file in tmp_path.iterdir()
    }


def test_the_site_asks_for_nothing_outside():
    for file in site_dir().rglob("*.*"):
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(https?:)?//[\w-]+\.\w", text), file


def test_no_test_file_holds_the_password():
    for file in suite_dir().glob("*.tw.yaml"):
        assert "kiln-4-fern" not in file.read_text()
