"""`tierwright gym` on an app of its own: what it finds, what it says, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import Site

NOTES = """<title>Notes</title><h1>What to remember</h1>
<form onsubmit="event.preventDefault(); state.textContent = 'Saved ' + note.value">
<label for=note>Note</label> <input id=note> <button id=save>Save</button></form>
<button id=print type=button>Print</button> <p id=state>nothing yet</p>"""
# The text has no live region: a learned contract (H-16) would notice that it changes, and nothing would be a gap.

COVERED = """\
name: Keep a note
steps:
  - {action: navigate, value: /notes}
  - {action: fill, instruction: Enter a note in the Note field, selector: "#note", value: milk}
  - {action: click, instruction: Click the Save button, selector: "#save"}
  - {action: expect, instruction: The status says it, selector: "#state", condition: text, value: Saved milk}
"""
UNCOVERED = """\
name: Click and look away
steps:
  - {action: navigate, value: /notes}
  - {action: click, instruction: Click the Save button, selector: "#save"}
"""


@pytest.fixture
def notes(site: Site) -> Site:
    site.page("/notes", NOTES)
    return site


def gym(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tierwright", "gym", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)


def written(folder: Path, text: str) -> str:
    (folder / "notes.tw.yaml").write_text(text)
    return "notes.tw.yaml"


def verdicts(done: subprocess.CompletedProcess[str]) -> Sequence[tuple[str, str]]:
    document = json.loads(done.stdout)
    return [(t["kind"], t["verdict"]) for t in document["strategies"][0]["trials"]]


QUICK = ("--strategy", "option_a", "--patience", "1.5", "--json", "-")


def test_what_a_test_covers_is_caught_and_what_is_benign_is_healed(tmp_path: Path, notes: Site):
    kinds = [w for kind in ("moved", "tag_swap", "removed", "handler_gone") for w in ("--kind", kind)]

    done = gym(tmp_path, written(tmp_path, COVERED), "--base-url", notes.origin, "--trials", "6", *kinds, *QUICK)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {v for k, v in verdicts(done) if k in ("moved", "tag_swap")} == {"right"}
    assert {v for k, v in verdicts(done) if k in ("removed", "handler_gone")} == {"caught"}
    assert not (tmp_path / ".tierwright").exists()


def test_what_nothing_in_a_test_notices_is_a_gap(tmp_path: Path, notes: Site):
    done = gym(
        tmp_path,
        written(tmp_path, UNCOVERED),
        "--base-url",
        notes.origin,
        "--kind",
        "handler_gone",
        "--trials",
        "1",
        *QUICK,
    )

    assert done.returncode == 0, done.stderr
    (gap,) = json.loads(done.stdout)["gaps"]
    assert gap["step"] == "Click the Save button"


def test_a_ranker_told_to_be_sure_of_everything_is_found_out(tmp_path: Path, notes: Site):
    (tmp_path / "tierwright.toml").write_text("min-margin = 0\n")
    brave = ("--min-confidence", "0", "--kind", "removed", "--trials", "2", *QUICK)

    done = gym(tmp_path, written(tmp_path, UNCOVERED), "--base-url", notes.origin, *brave)

    assert done.returncode == 1, done.stdout + done.stderr
    assert verdicts(done) == [("removed", "masked")]


def test_a_page_without_a_test_is_looked_at(tmp_path: Path, notes: Site):
    done = gym(tmp_path, notes.url("/notes"), "--kind", "rename_id", "--kind", "removed", "--trials", "4", *QUICK)

    assert done.returncode == 0, done.stdout + done.stderr
    assert {v for _, v in verdicts(done)} <= {"right", "abstained", "caught"}
    assert len(verdicts(done)) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [(COVERED.replace("Saved milk", "Saved tea"), "is not green without any change"), ("name: x\n", "steps")],
)
def test_a_test_that_is_not_green_by_itself_is_refused(tmp_path: Path, notes: Site, text: str, says: str):
    done = gym(tmp_path, written(tmp_path, text), "--base-url", notes.origin, *QUICK)

    assert done.returncode == 2
    assert says in done.stderr


def test_a_word_that_is_no_path_and_no_address_is_named(tmp_path: Path):
    done = gym(tmp_path, "nowhere.tw.yaml")

    assert done.returncode == 2
    assert "nowhere.tw.yaml" in done.stderr
