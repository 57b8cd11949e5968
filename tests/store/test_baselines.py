from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.store.examples import BEGAN, BUTTON, TEST, heal, reject, result, told

from tierwright.core.errors import UsageError
from tierwright.core.identity import Fingerprint
from tierwright.core.keys import baseline_key_of, baseline_keys
from tierwright.core.operable import digests_of
from tierwright.core.ports import Baseline
from tierwright.core.results import StepStatus
from tierwright.store.baselines import LayeredBaselineStore, SqlBaselineStore
from tierwright.store.database import Database
from tierwright.store.lockfile import LOCK_NAME, LockFile, Rejected, telling
from tierwright.store.recorder import RunRecorder

KEY = baseline_key_of("default", "Sign in", "Click the Log in button", "#login")
OTHER = baseline_key_of("default", "Sign in", "Open the menu", "")
OLD, NEW = BEGAN, BEGAN + timedelta(days=1)


def known(name: str = "Log in", when: object = OLD, **parts: object) -> Baseline:
    return Baseline(KEY.digest, replace(BUTTON, name=name, text=name), updated_at=when, **parts)  # type: ignore[arg-type]


async def record(database: Database, *steps: object) -> None:
    recorder = RunRecorder(database)
    for event in told(steps=steps):  # type: ignore[arg-type]
        await recorder.on_event(event)
    await recorder.close()


async def test_a_baseline_comes_back_as_it_was_stored(database: Database) -> None:
    """H-11, H-16: the whole fingerprint, and what the green runs had in common."""
    store = SqlBaselineStore(database)
    baseline = known(contract=frozenset({"POST /login", "path /home"}), greens=4)
    await store.put(KEY, baseline)
    assert await store.get(KEY) == baseline
    assert await store.get(OTHER) is None


async def test_the_newest_baseline_wins(database: Database) -> None:
    """H-13: two runs that end in another order than they began do not turn time back."""
    store = SqlBaselineStore(database)
    await store.put(KEY, known("new", NEW))
    await store.put(KEY, known("old", OLD))
    found = await store.get(KEY)
    assert found is not None
    assert (found.fingerprint.name, found.updated_at) == ("new", NEW)


async def test_seen_means_that_the_selector_matched_once(database: Database) -> None:
    """H-18: a step that passed without an element (hidden, and never there) is no proof; a match is."""
    store = SqlBaselineStore(database)
    key = baseline_keys("default", TEST.name, TEST.all_steps)[2]
    assert not await store.seen(key)
    await record(database, result(2, xpath=None))
    assert not await store.seen(key)
    recorder = RunRecorder(database)
    for event in told("run-2", (result(2, StepStatus.FAILED), result(1))):
        await recorder.on_event(event)
    for event in told("run-3", (result(2),)):
        await recorder.on_event(event)
    await recorder.close()
    assert await store.seen(key)
    same_selector = baseline_key_of("default", TEST.name, "The Log in button is gone", "#login")
    assert await store.seen(same_selector)
    assert not await store.seen(baseline_key_of("default", "Other test", "The Log in button is gone", "#login"))
    assert not await store.seen(OTHER)
    await store.put(OTHER, known())
    assert await store.seen(OTHER)


async def test_rejected_heals_are_remembered_for_their_step_alone(database: Database) -> None:
    """H-31: same fingerprint key, same candidate."""
    await record(database)
    store = SqlBaselineStore(database)
    assert await store.rejected(KEY) == frozenset()
    await reject(database, heal().id)
    assert await store.rejected(KEY) == {heal().candidate_key}
    assert await store.rejected(OTHER) == frozenset()


# --- the lock file ----------------------------------------------------------------------------------------

REVIEWABLE = """\
# What each step of the tests beside this file means. Written by `tierwright run --update-baseline`
# and `tierwright heals approve|reject`; commit it and review it like code.
version: 1
baselines:
  - test: Sign in
    step: Click the Log in button
    selector: '#login'
    element:
      tag: button
      role: button
      name: Log in
      id: login
      test_ids:
        data-testid: login
      ancestors:
        - form#login-form
        - main
        - body
      page_path: /login
      headings:
        - Welcome
      neighbours:
        - Forgot password?
    updated_at: '2026-11-22T10:00:00Z'
rejected:
  - test: Sign in
    step: Open the menu
    candidate: abc123
    locator: '#wrong'
    rejected_at: '2026-11-22T10:00:00Z'
"""
REJECTED = Rejected("Sign in", "Open the menu", "", "abc123", "#wrong", BEGAN)


async def test_the_lock_file_is_small_and_reviewable(tmp_path: Path) -> None:
    """H-13: one entry a step, the telling fields only, a stable order, rejections listed."""
    lock = LockFile(tmp_path)
    await lock.put_all({KEY: known()})
    await lock.reject(REJECTED)
    written = (tmp_path / LOCK_NAME).read_text()
    assert sorted(written.splitlines()) == sorted(REVIEWABLE.splitlines())
    assert written.splitlines()[:8] == REVIEWABLE.splitlines()[:8]
    found = await LockFile(tmp_path).get(KEY)
    assert found is not None
    assert found.fingerprint == telling(BUTTON)
    assert await LockFile(tmp_path).rejected(OTHER) == {"abc123"}


async def test_what_did_not_change_makes_no_difference(tmp_path: Path) -> None:
    """H-13: a second --update-baseline of an unchanged page leaves the file byte for byte."""
    await LockFile(tmp_path).put_all({KEY: known(), OTHER: known("Menu")})
    before = (tmp_path / LOCK_NAME).read_bytes()
    moved = Baseline(KEY.digest, replace(BUTTON, box=None, sibling_index=9), updated_at=NEW)
    await LockFile(tmp_path).put_all({OTHER: known("Menu", NEW), KEY: moved})
    assert (tmp_path / LOCK_NAME).read_bytes() == before


async def test_what_else_a_page_shows_is_one_line_for_all_of_its_steps(tmp_path: Path) -> None:
    """H-13: a fresh CI machine knows it too, and who reviews the file is not shown numbers at every step."""
    others = digests_of(["Log in", "Help", "Sign up"])
    both = {key: Baseline(key.digest, replace(BUTTON, others=others), updated_at=OLD) for key in (KEY, OTHER)}
    await LockFile(tmp_path).put_all(both)
    written = (tmp_path / LOCK_NAME).read_text()
    [page] = re.findall(r"^  ['\"]?([0-9a-f]{8})['\"]?: \S{16}$", written, re.MULTILINE)
    assert len(re.findall(rf"^    page: ['\"]?{page}['\"]?$", written, re.MULTILINE)) == 2
    assert "others" not in written
    for key in (KEY, OTHER):
        found = await LockFile(tmp_path).get(key)
        assert found is not None
        assert found.fingerprint == replace(telling(BUTTON), others=others)


async def test_the_lock_file_alone_is_enough_on_a_fresh_machine(database: Database, tmp_path: Path) -> None:
    """H-13: a CI machine without a state directory is not blind: baseline, seen and rejections."""
    await LockFile(tmp_path).put_all({KEY: known()})
    await LockFile(tmp_path).reject(REJECTED)
    store = LayeredBaselineStore(LockFile(tmp_path), SqlBaselineStore(database))
    found = await store.get(KEY)
    assert found is not None
    assert found.fingerprint == telling(BUTTON)
    assert await store.seen(KEY)
    assert await store.rejected(OTHER) == {"abc123"}


@pytest.mark.parametrize(("in_lock", "in_database", "winner"), [(OLD, NEW, "database"), (NEW, OLD, "lock file")])
async def test_where_they_disagree_the_newer_wins(
    database: Database, tmp_path: Path, in_lock, in_database, winner: str
) -> None:
    """H-13: and doctor can say so."""
    lock, sql = LockFile(tmp_path), SqlBaselineStore(database)
    await lock.put_all({KEY: known("lock file", in_lock), OTHER: known("same", OLD)})
    await sql.put(KEY, known("database", in_database))
    await sql.put(OTHER, known("same", NEW))
    store = LayeredBaselineStore(lock, sql)
    found = await store.get(KEY)
    assert found is not None
    assert found.fingerprint.name == winner
    (disagreement,) = await store.disagreements("default")
    assert (disagreement.step_text, disagreement.newer) == (KEY.step_text, winner)


async def test_where_they_agree_the_fuller_one_is_used(database: Database, tmp_path: Path) -> None:
    """H-13: the database knows more of the same element than the lock file says."""
    lock, sql = LockFile(tmp_path), SqlBaselineStore(database)
    await lock.put_all({KEY: known(when=NEW)})
    await sql.put(KEY, known(when=OLD, greens=5))
    found = await LayeredBaselineStore(lock, sql).get(KEY)
    assert found is not None
    assert (found.greens, found.fingerprint.box) == (5, BUTTON.box)


async def test_the_lock_file_is_written_only_when_asked(database: Database, tmp_path: Path) -> None:
    """H-13: by `run --update-baseline`, at its end."""
    sql = SqlBaselineStore(database)
    plain = LayeredBaselineStore(LockFile(tmp_path), sql)
    await plain.put(KEY, known())
    assert await plain.flush() == 0
    assert not (tmp_path / LOCK_NAME).exists()
    updating = LayeredBaselineStore(LockFile(tmp_path), sql, update_lock=True)
    await updating.put(KEY, known())
    assert not (tmp_path / LOCK_NAME).exists()
    assert await updating.flush() == 1
    assert await LockFile(tmp_path).get(KEY) is not None


async def test_a_change_of_the_file_is_seen(tmp_path: Path) -> None:
    """H-13: what another command wrote is read, not what was read before."""
    reader, writer = LockFile(tmp_path), LockFile(tmp_path)
    assert await reader.get(KEY) is None
    await writer.put_all({KEY: known()})
    assert await reader.get(KEY) is not None
    (tmp_path / LOCK_NAME).unlink()
    assert await reader.get(KEY) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 2\nbaselines: []\n", "newer Tierwright"),
        ("version: 1\nbaselines: []\nlocks: []\n", "unknown key 'locks'"),
        ("version: 1\nbaselines:\n  - {test: a, step: b, element: {smell: c}, updated_at: 2026-01-01}\n", "'smell'"),
        ("version: 1\nbaselines:\n  - {test: a}\n", "not a lock file"),
        ("version: 1\nbaselines: []\npages: {a: AAAA}\n", "not a lock file"),
        ("version: 1\nbaselines: []\npages: {a: 1}\n", "not a lock file"),
        ("version: 1\nbaselines: {\n", r"tierwright\.lock\.yaml:3:1"),
        ("version: 1\nversion: 1\n", "duplicate key"),
    ],
)
async def test_a_lock_file_that_is_wrong_or_newer_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """H-13: guessed at, it would make the run blind or wrong."""
    (tmp_path / LOCK_NAME).write_text(text)
    with pytest.raises(UsageError, match=message):
        await LockFile(tmp_path).get(KEY)


LOCKS = """
import asyncio, sys
from pathlib import Path
from tierwright.core.identity import Fingerprint
from tierwright.core.keys import baseline_key_of
from tierwright.core.ports import Baseline
from tierwright.store.lockfile import LockFile

async def main(folder, name):
    for number in range(8):
        key = baseline_key_of("p", name, f"step {number}", "")
        await LockFile(Path(folder)).put_all({key: Baseline(key.digest, Fingerprint(tag="a"))})

asyncio.run(main(*sys.argv[1:]))
"""


def test_two_commands_on_one_lock_file_lose_nothing(tmp_path: Path) -> None:
    """H-13: read, changed and written by one process at a time."""
    command = [sys.executable, "-W", "error", "-c", LOCKS, str(tmp_path)]
    processes = [subprocess.Popen([*command, name], env=dict(os.environ)) for name in ("a", "b")]
    assert [process.wait(timeout=50) for process in processes] == [0, 0]
    assert (tmp_path / LOCK_NAME).read_text().count("- test: ") == 16
    assert [path.name for path in tmp_path.iterdir()] == [LOCK_NAME]


def test_long_texts_are_shortened_for_the_reader() -> None:
    """H-13: small."""
    short = telling(Fingerprint(tag="p", name="n" * 200, text="t" * 200, headings=("a", "b"), classes=("c",)))
    assert (len(short.name), len(short.text), short.headings, short.classes) == (80, 80, ("a",), ())
