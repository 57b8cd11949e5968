"""The commands that show and change the state, in child processes."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.store.examples import TEST, told

from tierwright.cli.analytics import analytics
from tierwright.cli.cache import cache
from tierwright.cli.db import db
from tierwright.cli.heals import heals
from tierwright.core.deadline import SystemClock
from tierwright.core.keys import baseline_key_of, baseline_keys, cache_key
from tierwright.core.ports import CacheEntry
from tierwright.store.baselines import SqlBaselineStore
from tierwright.store.database import open_database
from tierwright.store.element_cache import SqlElementCache
from tierwright.store.lockfile import LOCK_NAME, LockFile
from tierwright.store.recorder import RunRecorder

SIGN_IN = """\
name: Sign in
tags: [smoke, login]
secrets: [password]
steps:
  - action: navigate
    value: /login
  - action: fill # the password
    instruction: the Password field
    selector: "#pw"
    value: "{{password}}"
  # the button that moved
  - action: click
    instruction: Click the Log in button
    selector: "#login"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a test, and a state in which one run of it healed a step."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "sign_in.tw.yaml").write_text(SIGN_IN)
    asyncio.run(_fill(tmp_path))
    return tmp_path


async def _fill(folder: Path) -> None:
    async with open_database(folder / ".tierwright", SystemClock()) as database:
        recorder = RunRecorder(database)
        for event in told():
            await recorder.on_event(event)
        await recorder.close()
        elements = SqlElementCache(database)
        healed = told()[-3].proposal  # type: ignore[union-attr]
        key = cache_key("default", TEST.steps[2], "/login")
        fingerprint = healed.candidate
        await elements.save(CacheEntry(key=key, locators=(), xpath="/a", fingerprint=fingerprint, provisional=False))


def tierwright(folder: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).parent / "tierwright"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIERWRIGHT_")}
    settings = {"stdin": subprocess.DEVNULL, **options}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [script, *arguments],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        **settings,
    )


def only_heal(folder: Path) -> str:
    (found,) = json.loads(tierwright(folder, "heals", "list", "--json").stdout)
    return str(found["id"])


def test_approving_writes_the_selector_the_baseline_and_the_lock_file(project: Path) -> None:
    """H-31, H-13: after the difference was shown; only the step's own line changes."""
    heal = only_heal(project)
    shown = tierwright(project, "heals", "show", heal[:6]).stdout
    assert "Click the Log in button" in shown
    assert "same form" in shown
    done = tierwright(project, "heals", "approve", heal, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert '-    selector: "#login"' in done.stdout
    file = project / "tests" / "sign_in.tw.yaml"
    assert [line for line in file.read_text().splitlines() if line not in SIGN_IN.splitlines()] == [
        line for line in file.read_text().splitlines() if "#signin" in line
    ]
    assert len(file.read_text().splitlines()) == len(SIGN_IN.splitlines())
    new = baseline_key_of("default", "Sign in", "Click the Log in button", "#signin")
    assert asyncio.run(_baseline_name(project, new)) == "Sign in"
    locked = asyncio.run(LockFile(project / "tests").get(new))
    assert locked is not None
    assert locked.fingerprint.id == "signin"
    assert json.loads(tierwright(project, "heals", "list", "--json").stdout) == []


async def _baseline_name(folder: Path, key) -> str | None:
    async with open_database(folder / ".tierwright", SystemClock()) as database:
        found = await SqlBaselineStore(database).get(key)
    return found.fingerprint.name if found else None


def test_without_a_terminal_nothing_is_written_unasked(project: Path) -> None:
    """H-31: people decide; a script says --yes."""
    refused = tierwright(project, "heals", "approve", only_heal(project))
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert "+" in refused.stdout
    assert (project / "tests" / "sign_in.tw.yaml").read_text() == SIGN_IN
    assert not (project / "tests" / LOCK_NAME).exists()


@pytest.mark.parametrize(("answer", "written"), [(b"n\n", False), (b"y\n", True)])
def test_at_a_terminal_a_person_is_asked(project: Path, answer: bytes, written: bool) -> None:
    """H-31: the difference first, then the question."""
    keyboard, terminal = pty.openpty()
    try:
        os.write(keyboard, answer)
        asked = tierwright(project, "heals", "approve", only_heal(project), stdin=terminal)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert "Write this to" in asked.stdout
    assert ("#signin" in (project / "tests" / "sign_in.tw.yaml").read_text()) is written
    assert asked.returncode == (0 if written else 130)


def test_a_step_that_was_edited_since_is_not_written_over(project: Path) -> None:
    """H-12, H-31: the heal belongs to the step as it was; a step that only moved is found."""
    file = project / "tests" / "sign_in.tw.yaml"
    heal = only_heal(project)
    file.write_text(SIGN_IN.replace("Click the Log in button", "Click the Enter button"))
    refused = tierwright(project, "heals", "approve", heal, "--yes")
    assert refused.returncode == 2
    assert "was edited" in refused.stderr
    file.write_text(SIGN_IN.replace("steps:\n", "steps:\n  - action: reload\n"))
    assert tierwright(project, "heals", "approve", heal, "--yes").returncode == 0
    assert 'selector: "#pw"' in file.read_text()
    assert "#login" not in file.read_text()


def test_rejecting_evicts_and_is_remembered(project: Path) -> None:
    """H-31, H-23: the entry goes, and the same heal is not offered again, on this machine or on one with the file."""
    heal = only_heal(project)
    assert tierwright(project, "heals", "reject", heal).returncode == 0
    assert json.loads(tierwright(project, "cache", "stats", "--json").stdout)["entries"] == 0
    key = baseline_keys("default", "Sign in", TEST.all_steps)[2]
    assert len(asyncio.run(LockFile(project / "tests").rejected(key))) == 1
    assert len(asyncio.run(_rejected(project, key))) == 1
    assert (project / "tests" / "sign_in.tw.yaml").read_text() == SIGN_IN
    late = tierwright(project, "heals", "approve", heal, "--yes")
    assert (late.returncode, "was rejected" in late.stderr) == (2, True)


async def _rejected(folder: Path, key) -> frozenset[str]:
    async with open_database(folder / ".tierwright", SystemClock()) as database:
        return await SqlBaselineStore(database).rejected(key)


def test_an_id_that_is_nobodys_is_an_error(project: Path) -> None:
    for wrong in ("ffffffffffff", "", "%"):
        refused = tierwright(project, "heals", "show", wrong)
        assert refused.returncode == 2
        assert "heals list" in refused.stderr


def test_analytics_as_tables_json_and_csv(project: Path) -> None:
    shown = tierwright(project, "analytics", "--tag", "smoke")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "1 runs, 3 steps, 0 failed, 100.00 % succeeded" in shown.stdout
    assert "\x1b" not in shown.stdout
    figures = json.loads(tierwright(project, "analytics", "--json", "-", "--bucket", "day").stdout)
    assert figures["tier_distribution"]["tier2_success_count"] == 1
    assert figures["strategy_effectiveness"]["option_c"]["total_steps"] == 3
    assert len(figures["tier_distribution"]["buckets"]) == 1
    lines = list(csv.DictReader(io.StringIO(tierwright(project, "analytics", "--csv", "-").stdout)))
    found = {line["figure"]: line["value"] for line in lines if line["report"] == "tier_distribution"}
    assert (found["total_steps"], found["tier3_success_rate"], found["cache.misses"]) == ("3", "", "1")


def test_a_date_as_end_is_meant_whole(project: Path) -> None:
    asked = ("analytics", "--json", "-", "--from", "2026-11-22", "--to")
    same_day = json.loads(tierwright(project, *asked, "2026-11-22").stdout)
    assert same_day["tier_distribution"]["total_executions"] == 1
    at_nine = json.loads(tierwright(project, *asked, "2026-11-22T09:00:00Z").stdout)
    assert at_nine["tier_distribution"]["total_executions"] == 0
    assert tierwright(project, *asked, "yesterday").returncode == 2


def test_the_cache_is_shown_carried_over_and_cleared(project: Path, tmp_path: Path) -> None:
    """H-23: entries are visible, exportable, clearable."""
    assert "Click the Log in button" in tierwright(project, "cache", "list").stdout
    assert tierwright(project, "cache", "export", "cache.json").returncode == 0
    refused = tierwright(project, "cache", "clear")
    assert (refused.returncode, "--yes" in refused.stderr) == (2, True)
    assert tierwright(project, "cache", "clear", "--yes").stdout == "1 entries forgotten\n"
    assert tierwright(project, "cache", "import", "cache.json").returncode == 0
    assert len(json.loads(tierwright(project, "cache", "list", "--json").stdout)) == 1
    assert "entries    1" in tierwright(project, "cache", "stats").stdout


def test_db_upgrade_makes_a_state_ready(tmp_path: Path) -> None:
    done = tierwright(tmp_path, "db", "upgrade", "--state", "fresh")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "fresh" / "tierwright.db").is_file()


def test_help_of_every_command_has_an_example() -> None:
    for group in (db, cache, heals):
        for name, command in group.commands.items():
            assert "Example" in CliRunner().invoke(command, ["--help"]).output, name
    assert "Example" in CliRunner().invoke(analytics, ["--help"]).output
