"""When the browsers of a server are limited, and to what: on both databases, and once in a real browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site
from tests.server.conftest import Person
from tests.server.test_worker import Served, ended, started

from tierwright.browser.access import AccessPolicy, access_policy
from tierwright.cli.serve import settings_from
from tierwright.core.errors import UsageError
from tierwright.server.platform import Platform
from tierwright.server.security.browser_access import browser_access

People = Callable[..., Awaitable[Person]]


async def access(platform: Platform, apart: bool = False, hosts: tuple[str, ...] = (), **other: Any) -> Any:
    settings = platform.settings.model_copy(update=other)
    async with platform.database.read() as connection:
        return await browser_access(connection, settings, {"allowed_hosts": list(hosts)}, apart=apart)


async def test_one_person_on_their_own_machine_is_not_limited(person: People, platform: Platform) -> None:
    await person("ada")
    assert await access(platform) is None
    assert await access(platform, host="localhost") is None
    await person("bob")
    assert await access(platform) == AccessPolicy()


@pytest.mark.parametrize(
    "how", [{"host": "0.0.0.0"}, {"host": "::"}, {"public_url": "https://tests.example"}, {"apart": True}]
)
async def test_who_may_be_reached_by_others_is_limited(how: dict[str, Any], person: People, platform: Platform) -> None:
    await person("ada")
    assert await access(platform, **how) == AccessPolicy()


async def test_the_installation_and_the_project_allow_together(platform: Platform) -> None:
    found = await access(platform, hosts=("shop.test",), allowed_hosts="127.0.0.1:8000, *.x.test")
    assert found == access_policy(["127.0.0.1:8000", "*.x.test", "shop.test"])
    assert found.decide("shop.test", 80, [ip_address("10.0.0.1")]).allowed


def test_a_server_does_not_start_with_a_host_that_is_none() -> None:
    with pytest.raises(UsageError, match=r"allowed_hosts.*'a b' is not a host"):
        settings_from(allowed_hosts="shop.test, a b")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_second_user_closes_this_machine_and_the_project_opens_it_again(tmp_path: Path, site: Site) -> None:
    site.page("/", "<p>x</p>")
    yaml = "name: {name}\nsteps:\n  - {{action: navigate, value: /}}\n"
    served = Served(tmp_path / "state")
    try:
        served.sign_in()
        project = served.get("/projects")["items"][0]["id"]
        served.post("/users", {"username": "bob", "password": "long enough 1", "role": "member"})
        run = await ended(served, started(served, site, yaml.format(name="one")), 100)
        assert (run["status"], run["error_kind"]) == ("failed", "navigation")
        assert f"{site.origin.partition('//')[2]} may not be opened" in run["error_message"]
        assert "allowed_hosts" in run["error_message"]
        assert site.requests == []
        allowed = {"allowed_hosts": [site.origin]}
        served.client.put(f"/projects/{project}/settings", json=allowed).raise_for_status()
        run = await ended(served, started(served, site, yaml.format(name="two")), 100)
        assert run["status"] == "passed", run["error_message"]
    finally:
        served.close()
