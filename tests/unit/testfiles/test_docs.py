"""docs/test-files.md says what the code does: its examples run, and its table holds every pattern of the grammar."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tierwright.core.phrases import read_phrase
from tierwright.core.roles import ROLE_WORDS
from tierwright.core.steps import Action, Condition
from tierwright.testfiles.case_reader import TEST_KEYS
from tierwright.testfiles.grammar import ACTION_RULES, PREDICATES
from tierwright.testfiles.loader import load
from tierwright.testfiles.sentences import compile_sentence
from tierwright.testfiles.step_reader import STEP_KEYS

PAGE = (Path(__file__).parents[3] / "docs" / "test-files.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
ROWS = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in PAGE.splitlines() if line.startswith("| `")]
SENTENCES = [row[2] for row in ROWS if len(row) == 3 and row[0].strip("`").split("`")[0] in list(Action)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_file_loads(tmp_path: Path, example: str):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "sign-in.yaml").write_text('steps:\n  - Enter "{{user}}" in the "Name" field\n')
    (tmp_path / "shared" / "pay.yaml").write_text("steps:\n  - Click Pay\n")
    (tmp_path / "a.tw.yaml").write_text(example)

    result = load([tmp_path], overrides={})

    assert result.problems == ()
    assert len(result.tests) == 1


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_example_sentence_is_understood(sentence: str):
    assert compile_sentence(sentence).action in list(Action)


def test_the_table_shows_every_action_with_every_pattern():
    assert len(SENTENCES) >= len(ACTION_RULES)
    shown = {pattern.replace("\\|", "|") for row in ROWS for cell in row for pattern in re.findall(r"`([^`]+)`", cell)}
    patterns = [p for rule in ACTION_RULES for p in rule.patterns]
    patterns += [p for predicate in PREDICATES for p in (*predicate.base, *predicate.fact)]
    for pattern in patterns:
        written = re.sub(r"\{target\}", "ELEMENT", pattern)
        assert re.sub(r"\{(\w+)\}", lambda slot: slot.group(1).upper(), written) in shown


def test_every_key_condition_and_role_word_is_named():
    for name in (*TEST_KEYS, *STEP_KEYS, *Condition):
        assert f"`{name}`" in PAGE
    roles = " ".join(PAGE.split("Words for roles", 1)[1].split(".\n\n")[0].split())
    for word in ROLE_WORDS:
        assert word in roles


def test_each_phrase_of_the_table_is_clear():
    table = PAGE.split("## Phrases")[1].split("Words for roles")[0]
    phrases = [p for line in table.splitlines() if line.startswith("| `") for p in re.findall(r"`([^`]+)`", line[:70])]
    assert len(phrases) > 10
    for phrase in phrases:
        if "…" not in phrase:
            assert read_phrase(phrase).doubt == "", phrase
