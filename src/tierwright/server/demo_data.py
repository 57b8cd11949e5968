"""What `serve --demo` brings besides its user: the demo shop before and after its redesign, its tests as one suite."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.config import DEFAULT_PROJECT
from tierwright.core.errors import UsageError
from tierwright.demo.assets import suite_dir
from tierwright.demo.server import DemoShop, Version, start
from tierwright.demo.shop import DEMO_PASSWORD
from tierwright.server.platform import Platform
from tierwright.server.projects.secrets.service import keep_secret
from tierwright.server.projects.service import change_project
from tierwright.server.projects.settings import project_settings
from tierwright.server.suites.schemas import SuiteNew
from tierwright.server.suites.service import create_suite
from tierwright.server.tests.schemas import OnConflict
from tierwright.server.tests.service import Author, import_tests
from tierwright.server.tests.source import CheckedTest, checked_all
from tierwright.server.users.service import DEMO_USER
from tierwright.store.platform_tables import projects, tests, users
from tierwright.worker.opening import files_of_project

PORTS_FILE = "demo-shop.json"
"""The shop's ports, in the state folder: the demo's tests name them, so that the next start needs the same."""

SUITE = "Demo shop"
_VERSIONS: tuple[Version, ...] = (1, 2)
_PORTS = range(20_000, 32_000)  # below those that systems give to whoever asks for any port
_TRIES = 20


@asynccontextmanager
async def demo_shops(platform: Platform) -> AsyncIterator[dict[Version, DemoShop]]:
    """Both versions of the shop while this is open, and its tests in a database that has none; nothing without --demo.

    Raises UsageError where something else is on the shop's ports.
    """
    shops = await asyncio.to_thread(_started, platform.settings.state_dir) if platform.settings.demo else {}
    try:
        if shops:
            await _fill(platform, shops)
        yield shops
    finally:
        await asyncio.to_thread(_stop, shops)


def words_about(shops: dict[Version, DemoShop]) -> str:
    """Where the shop is, for people."""
    return (
        f'DEMO: the shop of suite "{SUITE}" is at {shops[1].base_url}, '
        f"and after its redesign at {shops[2].base_url}: run the suite there with the override base_url"
    )


# --- the shop ---------------------------------------------------------------------------------------------


def _started(state_dir: Path) -> dict[Version, DemoShop]:
    file = state_dir / PORTS_FILE
    ports = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    shops: dict[Version, DemoShop] = {}
    try:
        for at, version in enumerate(_VERSIONS):
            shops[version] = _on(version, *ports[at]) if ports else _on_free_ports(version)
    except BaseException:
        _stop(shops)
        raise
    if not ports:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps([_ports_of(shop) for shop in shops.values()]), encoding="utf-8")
    return shops


def _on(version: Version, port: int, payment_port: int) -> DemoShop:
    try:
        return start(version, port, payment_port)
    except OSError as error:
        raise UsageError(
            f"the demo shop needs ports {port} and {payment_port} again, which its tests name "
            f"({error.strerror or error}); stop what uses them, or name another folder with --state"
        ) from error


def _on_free_ports(version: Version) -> DemoShop:
    for _ in range(_TRIES):
        with suppress(OSError):
            return start(version, *random.sample(_PORTS, 2))
    raise UsageError(f"no free port was found for the demo shop in {_TRIES} tries")


def _ports_of(shop: DemoShop) -> tuple[int, int]:
    return _port(shop.base_url), _port(shop.payment_url)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _stop(shops: dict[Version, DemoShop]) -> None:
    for shop in shops.values():
        shop.stop()


# --- its tests --------------------------------------------------------------------------------------------


async def _fill(platform: Platform, shops: dict[Version, DemoShop]) -> None:
    """Store the suite with all it needs, unless there is any test."""
    files = files_of_project(platform.settings.state_dir, DEFAULT_PROJECT)
    made = await checked_all(await asyncio.to_thread(_suite_text, shops[1].base_url))
    sealed = await asyncio.to_thread(platform.secret_box.seal, DEMO_PASSWORD)
    async with platform.database.write() as connection:
        if await connection.scalar(select(tests.c.id).limit(1)) is not None:
            return
        await _store(platform, connection, made)
        await keep_secret(platform.database, connection, DEFAULT_PROJECT, "password", sealed)
        await _allow(platform, connection, shops)
    await asyncio.to_thread(_copy_uploads, files)


def _suite_text(base_url: str) -> str:
    """The demo's tests as one stream, each with the shop's address after its name."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(suite_dir().glob("*.tw.yaml")))
    return "---\n".join(text.replace("\ntags:", f"\nbase_url: {base_url}\ntags:", 1) for text in texts)


async def _store(platform: Platform, connection: AsyncConnection, made: tuple[CheckedTest, ...]) -> None:
    user_id = await connection.scalar(select(users.c.id).where(users.c.username == DEMO_USER))
    author = Author(DEFAULT_PROJECT, str(user_id))
    stored = await import_tests(connection, platform.database, author, made, OnConflict.FAIL)
    suite = SuiteNew(
        name=SUITE,
        description="The suite of docs/demo.md. After the shop's redesign one test must fail: its feature is gone.",
        test_ids=[test.id for test in stored.created],
    )
    await create_suite(connection, platform.database, DEFAULT_PROJECT, suite)


async def _allow(platform: Platform, connection: AsyncConnection, shops: dict[Version, DemoShop]) -> None:
    """Let the project's browsers open the shop, on its ports and no others of this machine."""
    stored = await connection.scalar(select(projects.c.settings).where(projects.c.id == DEFAULT_PROJECT))
    hosts = [f"127.0.0.1:{port}" for shop in shops.values() for port in _ports_of(shop)]
    settings = {**(stored or {}), "allowed_hosts": [*project_settings(stored or {}).allowed_hosts, *hosts]}
    await change_project(platform.database, connection, DEFAULT_PROJECT, {"settings": settings})


def _copy_uploads(files: Path) -> None:
    files.mkdir(parents=True, exist_ok=True)
    for file in suite_dir().glob("*.txt"):
        shutil.copy(file, files)
