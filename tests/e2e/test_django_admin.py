"""The command against something none of us wrote: Django's admin, from PyPI, in an environment of its own."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON = ROOT / ".dev" / "envs" / "django" / ("Scripts" if os.name == "nt" else "bin") / "python"
SUITE = HERE / "django_admin.tw.yaml"
PASSWORD, NEW_PASSWORD = "loopback-only-41", "Quartz-lamp-73"
READY_SECONDS = 30.0
GONE_SECONDS = 10.0

ADD_USER = 6
"""The step that clicks Add user, counted from 0."""

QUICK = ("--timeout-tier1", "3", "--timeout-tier2", "3", "--timeout-tier3", "3")
"""What fails, fails soon."""

BROKEN = {
    '"#id_username"': '"#account-name"',
    '"#id_password"': '"#account-password"',
    '"ul.object-tools a.addlink"': '"a.new-user"',
    '"#id_password1"': '"#first-password"',
    '"#id_first_name"': '"#given-name"',
    '"#id_email"': '"#mail-address"',
    '"#id_is_staff"': '"#staff-member"',
    '"#searchbar"': '"#user-search"',
    '"a.deletelink"': '"#remove-user"',
}
"""Selectors as somebody might have written them for another version: nothing has these ids and classes."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON.exists() and os.environ.get("CI") != "true",
        reason="Django's environment is missing: ./dev setup makes it",
    ),
]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and the result it printed."""

    code: int
    result: Mapping[str, Any]
    stderr: str

    @property
    def run(self) -> Mapping[str, Any]:
        (only,) = self.result["runs"]
        return only

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        return self.run["steps"]

    def why(self) -> str:
        """What went wrong, for the message of an assertion."""
        bad = [s for s in self.steps if s["status"] not in ("passed", "skipped")]
        return json.dumps(bad, indent=1) + self.stderr


@contextmanager
def django_admin(folder: Path, *options: str) -> Iterator[str]:
    """Django's admin with a superuser, on a port of its own; its origin. The process is gone when the block ends."""
    folder.mkdir()
    user = {"USERNAME": "admin", "PASSWORD": PASSWORD, "EMAIL": "admin@example.com"}
    log = folder / "log.txt"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [PYTHON, HERE / "django" / "admin_site.py", folder, *options],
            env={**os.environ, **{f"DJANGO_SUPERUSER_{k}": v for k, v in user.items()}},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        port = _port(process)
        assert port, f"Django's admin did not start: {log.read_text()}"
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)
    assert "Traceback" not in log.read_text(), log.read_text()


def _port(process: subprocess.Popen[str]) -> int | None:
    """The port it says it listens on, None when it says nothing in time."""
    assert process.stdout
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        said = process.stdout.readline() if waiting.select(READY_SECONDS) else ""
    return int(said.split()[1]) if said.startswith("ready ") else None


def _end(process: subprocess.Popen[str]) -> None:
    """Close its standard input, upon which it ends; kill it where it does not."""
    try:
        process.communicate(timeout=GONE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def tierwright_run(suite: Path, origin: str, state: Path, *flags: str) -> Ran:
    """The real command, in a process of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TIERWRIGHT_") or k == "TIERWRIGHT_TEST_SESSION"}
    secrets = {"TIERWRIGHT_SECRET_PASSWORD": PASSWORD, "TIERWRIGHT_SECRET_NEW_PASSWORD": NEW_PASSWORD}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tierwright",
            "run",
            suite,
            "--base-url",
            origin,
            "--state",
            state,
            "--json",
            "-",
            *flags,
        ],
        cwd=ROOT,
        env={**kept, **secrets},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.stdout, done.stderr
    return Ran(done.returncode, json.loads(done.stdout), done.stderr)


@dataclass(frozen=True)
class Known:
    """A suite that was green once, and the state of that run."""

    suite: Path
    state: Path
    ran: Ran

    def broken(self, folder: Path) -> Path:
        """A copy of the suite in which a third of the selectors match nothing."""
        text = self.suite.read_text(encoding="utf-8")
        for right, wrong in BROKEN.items():
            assert right in text
            text = text.replace(right, wrong)
        copy = folder / self.suite.name
        copy.write_text(text, encoding="utf-8")
        return copy

    def memory(self, folder: Path) -> Path:
        """A copy of the state, so that each test begins with what the green run taught."""
        return Path(shutil.copytree(self.state, folder / "state"))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """The suite after one run on the admin as it is."""
    folder = tmp_path_factory.mktemp("django")
    suite = Path(shutil.copy(SUITE, folder))
    with django_admin(folder / "site") as origin:
        return Known(suite, folder / "state", tierwright_run(suite, origin, folder / "state"))


def test_django_admin_is_driven_by_tier_1_alone(known: Known) -> None:
    """H-8, H-15: 30 steps as written, no other tier, no warning, no heal."""
    ran = known.ran

    assert (ran.code, ran.run["status"]) == (0, "passed"), ran.why()
    assert len(ran.steps) >= 15
    assert {(s["status"], s["tier"]) for s in ran.steps} == {("passed", 1)}, ran.why()
    assert [s["warnings"] for s in ran.steps if s["warnings"]] == []
    assert PASSWORD not in json.dumps(ran.result)
    assert NEW_PASSWORD not in json.dumps(ran.result)


def assert_healed(ran: Ran, known: Known, at_least: int) -> None:
    """Everything the suite expects holds, and every step acted on the very element it acted on before."""
    assert (ran.code, ran.run["status"]) == (0, "passed_healed"), ran.why()
    healed = [s for s in ran.steps if s["status"] == "healed"]
    assert len(healed) >= at_least
    assert {s["tier"] for s in healed} == {2}
    assert [s["xpath"] for s in ran.steps] == [s["xpath"] for s in known.ran.steps]
    assert (ran.result["summary"]["tokens"], ran.result["summary"]["cost_usd"]) == (0, 0)


def test_a_redesign_that_renames_ids_and_classes_heals_on_the_same_elements(known: Known, tmp_path: Path) -> None:
    """H-10, H-14: the page changed and the test did not; what the green run learned finds every element again."""
    with django_admin(tmp_path / "site", "--redesigned") as origin:
        ran = tierwright_run(known.suite, origin, known.memory(tmp_path), *QUICK)

    assert_healed(ran, known, at_least=10)


def test_selectors_broken_by_hand_heal_on_the_same_elements_by_their_words(known: Known, tmp_path: Path) -> None:
    """H-12, H-14: an edited selector starts without a baseline; the step's words are all there is."""
    with django_admin(tmp_path / "site") as origin:
        ran = tierwright_run(known.broken(tmp_path), origin, known.memory(tmp_path), *QUICK)

    assert_healed(ran, known, at_least=len(BROKEN))


@pytest.mark.parametrize("edited", [False, True], ids=["as learned", "selectors broken by hand"])
def test_a_removed_feature_fails(known: Known, tmp_path: Path, edited: bool) -> None:
    """H-14: nobody may add users any more. The button is gone, and no other element is taken for it."""
    suite = known.broken(tmp_path) if edited else known.suite
    with django_admin(tmp_path / "site", "--without-add") as origin:
        ran = tierwright_run(suite, origin, known.memory(tmp_path), *QUICK)

    assert (ran.code, ran.run["status"]) == (1, "failed"), ran.why()
    assert ran.steps[ADD_USER]["error"]["kind"] == "not_found"
    assert {s["status"] for s in ran.steps[:ADD_USER]} <= {"passed", "healed"}
    assert {s["status"] for s in ran.steps[ADD_USER + 1 :]} == {"skipped"}
