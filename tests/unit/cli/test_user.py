"""`tierwright user` and `tierwright secrets`, in a process of their own. Nobody has a default password."""

from __future__ import annotations

import os
import pty
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from tests.unit.cli.test_process import REPOSITORY, environment, tierwright_command

from tierwright.server.security.secret_box import SecretBox

PASSWORD = "correct horse"


def create(state: Path, *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tierwright", "user", "create", "--state", str(state), *arguments],
        cwd=REPOSITORY,
        env=environment(),
        input=f"{password}\n",
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def rows(state: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(state / "tierwright.db")) as connection:
        return connection.execute(query).fetchall()


def test_the_first_user_administers_and_has_the_command_lines_project(tmp_path: Path) -> None:
    refused = create(tmp_path, "bob", "--role", "member", "--password-stdin")
    first = create(tmp_path, "Anna", "--password-stdin")
    second = create(tmp_path, "bob", "--password-stdin")
    taken = create(tmp_path, "BOB", "--password-stdin")

    assert (refused.returncode, first.returncode, second.returncode, taken.returncode) == (2, 0, 0, 2)
    assert (first.stdout, second.stdout) == ("anna is an administrator\n", "bob is a member\n")
    assert "administrator first" in refused.stderr
    assert "taken" in taken.stderr
    assert rows(tmp_path, "select username, role from users order by username") == [
        ("anna", "admin"),
        ("bob", "member"),
    ]
    owner = "select u.username from project_members m join users u on u.id = m.user_id where m.project_id = 'default'"
    assert rows(tmp_path, owner) == [("anna",)]
    hashes = rows(tmp_path, "select password_hash from users")
    assert all(kept.startswith("$argon2id$") for (kept,) in hashes)


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (("two words", "--password-stdin"), PASSWORD, "user name"),
        (("anna", "--password-stdin"), "short", "at least 8"),
        (("anna", "--password-stdin"), "", "at least 8"),
        (("annaanna", "--password-stdin"), "AnnaAnna", "not the user name"),
        (("anna", "--role", "owner", "--password-stdin"), PASSWORD, "owner"),
        (("anna",), PASSWORD, "no terminal"),
    ],
)
def test_what_will_not_do_is_said_and_makes_nobody(
    tmp_path: Path, arguments: tuple[str, ...], password: str, told: str
) -> None:
    result = create(tmp_path, *arguments, password=password)

    assert result.returncode == 2
    assert told in result.stderr
    assert not (tmp_path / "tierwright.db").exists()


@pytest.mark.parametrize("answers", [[PASSWORD] * 2, [PASSWORD, "another horse", PASSWORD, PASSWORD]])
def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(tmp_path: Path, answers: list[str]) -> None:
    shown, code = on_a_terminal(tmp_path, answers)

    assert code == 0
    assert "anna is an administrator" in shown
    assert PASSWORD not in shown
    assert shown.count("The same again") == len(answers) // 2


def test_secrets_are_sealed_anew_with_the_first_key(tmp_path: Path) -> None:
    create(tmp_path, "anna", "--password-stdin")
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with closing(sqlite3.connect(tmp_path / "tierwright.db")) as connection, connection:
        sealed = SecretBox(tmp_path / "unused", old).seal("hunter2")
        values = ("default", "password", sealed, "2026-01-01 00:00:00")
        connection.execute(
            "insert into project_secrets (project_id, name, sealed, updated_at) values (?,?,?,?)", values
        )

    lost = tierwright_command("secrets", "reseal", "--state", tmp_path, TIERWRIGHT_ENCRYPTION_KEY=new)
    done = tierwright_command("secrets", "reseal", "--state", tmp_path, TIERWRIGHT_ENCRYPTION_KEY=f"{new},{old}")

    assert (lost.returncode, done.returncode) == (3, 0)
    assert "cannot be opened" in lost.stderr
    assert done.stdout == "1 secret is sealed with the first key\n"
    ((resealed,),) = rows(tmp_path, "select sealed from project_secrets")
    assert SecretBox(tmp_path / "unused", new).open(resealed) == "hunter2"


def test_a_first_start_on_a_terminal_asks_for_the_administrator(tmp_path: Path) -> None:
    """Nobody is let in by a default password, and nobody has to know another command first."""
    answers = ["not a name", "anna", "short", PASSWORD, PASSWORD]
    shown, code = on_a_terminal(tmp_path, answers, "serve", "--port", "0", "--workers", "0", ends="Tierwright is at")

    assert code == 0
    assert "will not do" in shown
    assert "Error: a password has at least" in shown
    assert "anna is an administrator" in shown
    assert PASSWORD not in shown
    assert rows(tmp_path, "select username, role from users") == [("anna", "admin")]
    again, code = on_a_terminal(tmp_path, [], "serve", "--port", "0", "--workers", "0", ends="Tierwright is at")
    assert code == 0
    assert "User name" not in again


PROMPT = re.compile(r"(User name|Password \([^)]*\)|The same again): ")


def on_a_terminal(state: Path, answers: list[str], *command: str, ends: str = "") -> tuple[str, int]:
    """What a terminal showed while these answers were typed, each when it was asked for, and the exit code.

    The command is asked to stop once it says what it `ends` with.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tierwright", *(command or ("user", "create", "anna")), "--state", str(state)],
        cwd=REPOSITORY,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, typed = "", 0
    until = time.monotonic() + 50
    while time.monotonic() < until:
        try:
            shown += os.read(ours, 1000).decode()
        except OSError:
            break  # the other end is closed: it has ended
        if typed < len(answers) and len(PROMPT.findall(shown)) > typed:
            os.write(ours, f"{answers[typed]}\n".encode())
            typed += 1
        if ends and ends in shown:
            process.terminate()
    os.close(ours)
    return shown, process.wait(10)
