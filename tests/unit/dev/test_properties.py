"""On CI a property test draws the same examples in every process, whatever ran before it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DRAWING = """
import os, sys, json
sys.path.insert(0, os.getcwd())
from tests.properties import load_profile
load_profile(os.environ)
from hypothesis import given, settings, strategies as st
if "more" in sys.argv:
    import tierwright.cli.main, tierwright.core.errors
seen = []

@settings(max_examples=60)
@given(st.text(), st.integers())
def drawn(text, number):
    seen.append((text, number))

drawn()
print(json.dumps(seen))
"""


def examples(ci: str, *words: str) -> str:
    env = {**os.environ, "CI": ci, "PYTHONHASHSEED": "random"}
    done = subprocess.run(
        [sys.executable, "-c", DRAWING, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_ci_draws_the_same_whatever_is_imported() -> None:
    assert examples("true") == examples("true", "more")


def test_elsewhere_each_run_draws_anew() -> None:
    assert examples("") != examples("")
