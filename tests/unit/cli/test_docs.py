"""docs/command-line.md says what the command does: its flags, its examples, its settings file, its mistakes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.cli.engine import Engine
from tests.unit.reports.factory import simple_run

from tierwright.cli.config import read_settings_file
from tierwright.cli.main import main
from tierwright.cli.options import RUN_FLAGS
from tierwright.core.config import ModelPrice
from tierwright.core.errors import UsageError
from tierwright.core.results import RunStatus

PAGE = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text("utf-8")
EXAMPLES = [line[2:] for line in re.findall(r"^\$ tierwright run .*$", PAGE, re.MULTILINE)]


def settings_example() -> str:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_every_flag_is_on_the_page_and_no_other() -> None:
    flags = {f"--{f.name}" for f in RUN_FLAGS} | {f"--{f.off_name}" for f in RUN_FLAGS if f.off_name}

    assert set(re.findall(r"--[a-z][a-z0-9-]+", PAGE)) == flags | {"--help"}


@pytest.mark.parametrize("example", sorted(set(EXAMPLES)))
def test_the_examples_run(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "login.tw.yaml").touch()
    monkeypatch.chdir(tmp_path)
    engine = Engine(runs=[simple_run(RunStatus.PASSED, "Buy a mug")])

    result = CliRunner().invoke(main, shlex.split(example)[1:], obj=engine.services)

    assert result.exit_code == 0, result.output


def test_the_settings_file_of_the_page_is_read(tmp_path: Path) -> None:
    file = tmp_path / "tierwright.toml"
    file.write_text(settings_example())

    said = read_settings_file(file)

    assert said.values["project"] == "shop"
    assert said.values["html"] == tmp_path / "out/report.html"
    assert said.prices == {"my-model": ModelPrice(0.25, 2.0)}


def test_the_mistakes_of_the_page_are_told_as_it_says(tmp_path: Path) -> None:
    file = tmp_path / "tierwright.toml"
    file.write_text('heal-polcy = "fail"\ntimeout-tier2 = 900\n')

    with pytest.raises(UsageError) as caught:
        read_settings_file(file)

    assert str(caught.value).replace(str(tmp_path), "/work/shop/tests") in PAGE
