"""`tierwright user`: the first administrator, and others, on the machine of the server. No password is a default."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from pydantic import TypeAdapter, ValidationError

from tierwright.cli.db import on_state, state_option
from tierwright.core.config import StateLocation
from tierwright.core.deadline import SystemClock
from tierwright.core.errors import UsageError
from tierwright.server.access import Role
from tierwright.server.problems import Problem
from tierwright.server.security.passwords import SHORTEST, Passwords, password_fault
from tierwright.server.text import Username
from tierwright.server.users.service import NewUser, add_user, has_admin
from tierwright.store.database import Database, open_database

Answer = TypeVar("Answer")


@click.group(epilog="Example: tierwright user create anna")
def user() -> None:
    """Make users of the server."""


@user.command(epilog="Example: tierwright user create anna --role admin")
@state_option
@click.argument("name", metavar="NAME")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="What they may do (default: admin for the first user, then member). Example: --role viewer",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input, for scripts. Example: --password-stdin < password.txt",
)
def create(name: str, role: str | None, password_stdin: bool, state: Path | None) -> None:
    """Make a user with a project of their own.

    The first administrator's project is `default`, where the runs of the command line are.
    """
    username = _checked_name(name)
    password = _password(username, from_stdin=password_stdin)

    async def make(database: Database, _location: StateLocation) -> Role:
        return await _made(database, username, password, Role(role) if role else None)

    made = on_state(state, make)
    click.echo(f"{username} is {'an administrator' if made is Role.ADMIN else f'a {made.value}'}")


def offer_first_administrator(address: str | Path) -> None:
    """On a terminal, ask for the first administrator of a state that has none; elsewhere leave it to the command."""
    if not sys.stdin.isatty() or asyncio.run(_on(address, _administered)):
        return
    click.echo("Nobody administers this installation yet. Make the first administrator:")
    username = click.prompt("User name", value_proc=_prompted(_checked_name))
    password = click.prompt(
        f"Password (at least {SHORTEST} characters)",
        hide_input=True,
        value_proc=_prompted(lambda given: _fit_password(username, given)),
        confirmation_prompt="The same again",
    )

    async def make(database: Database) -> Role:
        return await _made(database, username, password, Role.ADMIN)

    asyncio.run(_on(address, make))
    click.echo(f"{username} is an administrator")


async def _on(address: str | Path, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    async with open_database(address, SystemClock()) as database:
        return await work(database)


async def _administered(database: Database) -> bool:
    async with database.read() as connection:
        return await has_admin(connection)


def _prompted(check: Callable[[str], str]) -> Callable[[str], str]:
    """The check as click's prompt wants it: it tells what is wrong, and asks again."""

    def checked(given: str) -> str:
        try:
            return check(given)
        except UsageError as error:
            raise click.UsageError(str(error)) from None

    return checked


async def _made(database: Database, username: str, password: str, role: Role | None) -> Role:
    password_hash = await Passwords().hashed(password)
    async with database.write() as connection:
        first = not await has_admin(connection)
        wanted = role or (Role.ADMIN if first else Role.MEMBER)
        if first and wanted is not Role.ADMIN:
            raise UsageError("nobody administers this installation yet; make an administrator first")
        try:
            await add_user(database, connection, NewUser(username=username, password_hash=password_hash, role=wanted))
        except Problem as problem:
            raise UsageError(problem.body.detail) from None
    return wanted


def _checked_name(name: str) -> str:
    try:
        return TypeAdapter[str](Username).validate_python(name).lower()
    except ValidationError:
        raise UsageError(
            f"the user name {name!r} will not do: write up to 64 letters, digits and . _ @ + -, first a letter or digit"
        ) from None


def _password(username: str, *, from_stdin: bool) -> str:
    return _fit_password(username, sys.stdin.readline().rstrip("\r\n") if from_stdin else _asked_password())


def _fit_password(username: str, password: str) -> str:
    fault = password_fault(username, password)
    if fault:
        raise UsageError(fault)
    return password


def _asked_password() -> str:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for the password; give it by --password-stdin")
    asked: str = click.prompt(
        f"Password (at least {SHORTEST} characters)", hide_input=True, confirmation_prompt="The same again"
    )
    return asked
