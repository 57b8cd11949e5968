"""The same page and the same question give the same answer in every process, to the last digit."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
from itertools import combinations
from tests.unit.models.test_local_ranker import button, field, link, page, rank
from tierwright.models.local.words import likeness, words

NAMES = ("Send me news from the kiln", "Send me news by e-mail", "Keep me signed in on this device",
         "Stay logged in here",
         "Save this address and go on", "Enter the delivery address", "A few words about you and your work")
uneven = {word: 1 / (3 + len(word)) for name in NAMES for word in words(name)}.get
print([likeness(words(a), words(b), lambda word: uneven(word, 0.7)) for a, b in combinations(NAMES, 2)])
beside = [button(name, neighbours=NAMES[:3]) for name in NAMES]
for name in NAMES:
    answer = rank(page(beside), baseline=button(f"{name} now", neighbours=NAMES[2:]))
    print(answer.confidence, answer.margin, [scored.score for scored in answer.best])
"""


def said_with(seed: int) -> str:
    """What a process says in which sets and dictionaries of words have another order."""
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=env, timeout=60, check=True
    )
    return done.stdout


def test_no_score_depends_on_the_order_of_words_in_a_set() -> None:
    """H-14: a heal at the edge of a threshold is one in every run, or in none."""
    assert len({said_with(seed) for seed in range(1, 7)}) == 1
