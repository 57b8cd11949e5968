"""Every numbered rule of healing has a test that names it in its docstring."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
RULES = [f"H-{number}" for number in range(1, 32)]
_RULE = re.compile(r"H-(\d+)(?:\s*(?:to|-|–)\s*H-(\d+))?")


def docstrings() -> Iterator[str]:
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield ast.get_docstring(node) or ""


def named() -> Counter[str]:
    found: Counter[str] = Counter()
    for text in docstrings():
        for first, last in _RULE.findall(text):
            found.update(f"H-{n}" for n in range(int(first), int(last or first) + 1))
    return found


NAMED = named()


@pytest.mark.parametrize("rule", RULES)
def test_a_test_names_the_rule(rule: str):
    assert NAMED[rule], f"no test's docstring names {rule}"


def test_no_test_names_a_rule_that_is_not_there():
    assert not set(NAMED) - set(RULES)
