"""docs/accounts.md says what the server does: its numbers, names, scopes, and its example of a login."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastapi import FastAPI
from tests.server.conftest import client_of
from tests.server.test_isolation import api_operations

from tierwright.cli.secrets import secrets
from tierwright.cli.user import user
from tierwright.server.access import Role, Scope
from tierwright.server.platform import Platform
from tierwright.server.projects.settings import ADMINS_ALONE, ProjectSettings
from tierwright.server.security.login_limits import ALL_ADDRESSES, ONE_ADDRESS
from tierwright.server.users.service import NewUser, add_user

PAGE = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text("utf-8")


def names_in_table(head: str) -> set[str]:
    """The names in the first column of the table with this head."""
    table = PAGE.partition(f"| {head} |")[2].partition("\n\n")[0]
    first = re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
    return {name for cell in first for name in re.findall(r"`([^`]+)`", cell)}


def test_the_tables_name_what_there_is() -> None:
    assert names_in_table("role") == {role.value for role in Role}
    assert names_in_table("scope") == {scope.value for scope in Scope}
    assert names_in_table("setting") == set(ProjectSettings.model_fields)
    assert "`{}` and `{}` decide".format(*ADMINS_ALONE) in PAGE


def test_the_numbers_are_those_of_the_limits() -> None:
    words = " ".join(PAGE.split())
    one = [(window.guesses, window.seconds) for window in ONE_ADDRESS]
    everywhere = [(window.guesses, window.seconds) for window in ALL_ADDRESSES]
    assert one == [(5, 15), (10, 60), (20, 300)]
    assert "5 times in 15 seconds, 10 times a minute and 20 times in 5 minutes" in words
    assert everywhere == [(20, 30), (60, 300)]
    assert "20 in 30 seconds, 60 in 5 minutes" in words


def test_its_paths_and_commands_are_there(app: FastAPI) -> None:
    paths = {
        (operation.method.upper(), re.sub(r"\{\w*id\}", "{id}", operation.path)) for operation in api_operations(app)
    }
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^` ]*)", PAGE)
    assert len(named) > 5
    assert set(named) <= paths
    commands = {("user", name) for name in user.commands} | {("secrets", name) for name in secrets.commands}
    assert set(re.findall(r"tierwright (user|secrets) (\w+)", PAGE)) == commands


async def test_the_login_of_the_page_answers_as_it_says(app: FastAPI, platform: Platform) -> None:
    password_hash = await platform.passwords.hashed("correct horse")
    async with platform.database.write() as connection:
        await add_user(platform.database, connection, NewUser(username="anna", password_hash=password_hash))
    shown = re.search(r"^\{\"access_token.*$", PAGE, re.MULTILINE)
    assert shown
    async with client_of(app) as client:
        answer = await client.post("/auth/login", data={"username": "anna", "password": "correct horse"})
    assert answer.json().keys() == json.loads(shown[0]).keys()
