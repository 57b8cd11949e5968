"""`serve --demo`: a shop on loopback in two versions, and its tests, once."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import delete, func, select
from tests.server.conftest import SetClock

from tierwright.core.errors import UsageError
from tierwright.demo.assets import REMOVED_TEST
from tierwright.demo.shop import DEMO_PASSWORD
from tierwright.server.app import open_platform
from tierwright.server.demo_data import PORTS_FILE, demo_shops, words_about
from tierwright.server.platform import Platform
from tierwright.server.projects.secrets.service import project_secrets
from tierwright.server.settings import ServerSettings
from tierwright.server.users.service import create_demo_user
from tierwright.store.platform_tables import projects, suite_tests, suites, tests
from tierwright.testfiles.loader import load_text


@pytest.fixture
async def demo(settings: ServerSettings, clock: SetClock) -> AsyncIterator[Platform]:
    """An open platform with the demo's user and nothing else."""
    async with open_platform(settings.model_copy(update={"demo": True}), clock) as platform:
        await create_demo_user(platform.database, platform.passwords, platform.settings)
        yield platform


async def test_an_empty_database_gets_the_shops_tests_in_a_suite_with_their_secret_hosts_and_files(
    demo: Platform,
) -> None:
    async with demo_shops(demo) as shops, demo.database.read() as connection:
        order = select(tests).join(suite_tests, suite_tests.c.test_id == tests.c.id).order_by(suite_tests.c.position)
        stored = (await connection.execute(order)).all()
        assert [row.name for row in stored][:2] == ["Sign in and out", "Find a product"]
        assert stored[-1].name == REMOVED_TEST
        assert len(stored) == 9
        parsed = [load_text(row.yaml, row.name).tests[0] for row in stored]
        assert {test.base_url for test in parsed} == {shops[1].base_url}
        assert await connection.scalar(select(func.count()).select_from(suites)) == 1
        assert await project_secrets(connection, demo.secret_box, "default") == {"password": DEMO_PASSWORD}
        kept = await connection.scalar(select(projects.c.settings).where(projects.c.id == "default"))
        addresses = [one for shop in shops.values() for one in (shop.base_url, shop.payment_url)]
        assert kept == {"allowed_hosts": [urlsplit(one).netloc for one in addresses]}
        assert (demo.settings.state_dir / "projects" / "default" / "files" / "engraving.txt").exists()
        assert shops[1].base_url in words_about(shops)
        assert shops[2].base_url in words_about(shops)


async def test_the_shop_answers_in_both_versions_while_the_server_runs_and_no_longer(demo: Platform) -> None:
    async with demo_shops(demo) as shops, httpx.AsyncClient() as client:
        before, after = [(await client.get(f"{shops[v].base_url}/login")).text for v in (1, 2)]
        assert 'id="login-btn"' in before
        assert 'id="login-btn"' not in after
    for shop in shops.values():
        for address in (shop.base_url, shop.payment_url):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", urlsplit(address).port or 0), 5)


async def test_the_next_start_has_the_same_addresses_and_makes_nothing_again(demo: Platform) -> None:
    async with demo_shops(demo) as first:
        pass
    async with demo.database.write() as connection:
        await connection.execute(delete(tests).where(tests.c.name == REMOVED_TEST))
    async with demo_shops(demo) as second:
        assert {v: shop.base_url for v, shop in first.items()} == {v: shop.base_url for v, shop in second.items()}
    async with demo.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(tests)) == 8
        assert await connection.scalar(select(func.count()).select_from(suites)) == 1


async def test_a_port_of_the_shop_that_is_taken_is_named_and_the_other_shop_is_stopped(demo: Platform) -> None:
    async with demo_shops(demo):
        pass
    (first, _), (taken, _) = json.loads((demo.settings.state_dir / PORTS_FILE).read_text())
    with socket.create_server(("127.0.0.1", taken)), pytest.raises(UsageError, match=f"{taken}.*--state"):
        async with demo_shops(demo):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", first), 5)


async def test_without_demo_there_is_no_shop_and_no_test(settings: ServerSettings, clock: SetClock) -> None:
    async with open_platform(settings, clock) as platform, demo_shops(platform) as shops:
        assert shops == {}
        async with platform.database.read() as connection:
            assert await connection.scalar(select(func.count()).select_from(tests)) == 0
