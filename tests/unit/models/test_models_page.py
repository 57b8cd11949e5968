"""The user page about models: its examples run, and its table is the program's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tierwright.cli.config import read_settings_file
from tierwright.models.pricing import Prices, Tokens, how_to_price
from tierwright.models.providers import PROVIDERS

PAGE = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found.group(1)


def test_the_prices_on_the_page_are_read(tmp_path: Path) -> None:
    file = tmp_path / "tierwright.toml"
    file.write_text(example("toml"), encoding="utf-8")
    prices = Prices(read_settings_file(file).prices)
    assert prices.cost_usd("openai-compatible:qwen3", Tokens(1_000_000, 1_000_000)) == 0.0
    assert prices.cost_usd("openai:my-fine-tuned-model", Tokens(1_000_000, 1_000_000)) == 1.5


def test_the_way_to_give_a_price_that_messages_tell_is_read(tmp_path: Path) -> None:
    told = re.search(r"(\[prices\]) (.*\})", how_to_price("openai:mine"))
    assert told
    file = tmp_path / "tierwright.toml"
    file.write_text("\n".join(told.groups()), encoding="utf-8")
    assert Prices(read_settings_file(file).prices).cost_usd("openai:mine", Tokens(1_000_000, 0)) == 0.5


def test_the_example_for_tests_prints_what_the_page_says() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", example("python")], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == example("text")


def test_every_provider_is_on_the_page_with_its_variables() -> None:
    rows = {row.split("`")[1].partition(":")[0]: row for row in PAGE.splitlines() if re.match(r"\| `\w", row)}
    assert set(rows) == {"local", *PROVIDERS}
    for name, provider in PROVIDERS.items():
        for variable in (*provider.key_variables, provider.base_url_variable or "TIERWRIGHT_MODEL_BASE_URL"):
            assert f"`{variable}`" in rows[name]
