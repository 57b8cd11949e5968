"""What keeps strangers out: headers, sizes, limits of the login, sealed secrets, the reference without internet."""

from __future__ import annotations

import asyncio
import contextlib
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import func, select
from tests.server.conftest import ORIGIN, SetClock, client_of

from tierwright.core.errors import MachineryError, UsageError
from tierwright.server.app import API, create_app, open_platform
from tierwright.server.platform import Platform
from tierwright.server.problems import Problem
from tierwright.server.security.login_limits import ALL_ADDRESSES, ONE_ADDRESS, LoginLimits, Window, forget_old_guesses
from tierwright.server.security.secret_box import SecretBox
from tierwright.server.settings import ServerSettings
from tierwright.store.database import open_database
from tierwright.store.platform_tables import login_guesses

# --- headers and sizes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/health/live", "/auth/me", "/nothing/here"])
async def test_every_answer_says_what_browsers_may_do_with_it(anonymous: AsyncClient, path: str) -> None:
    headers = (await anonymous.get(path)).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "'unsafe-inline'" not in headers["content-security-policy"].partition("style-src")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert "access-control-allow-origin" not in headers


async def test_https_is_remembered_only_over_https(app: FastAPI) -> None:
    async with client_of(app) as client:
        client.base_url = str(client.base_url).replace("http:", "https:")
        assert (await client.get("/health/live")).headers["strict-transport-security"].startswith("max-age=")


async def test_other_sites_may_read_nothing_unless_they_are_named(settings: ServerSettings, clock) -> None:
    friend = settings.model_copy(update={"cors_origins": "https://friend.example/"})
    preflight = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    answers = {}
    async with client_of(create_app(settings, clock)) as closed, client_of(create_app(friend, clock)) as opened:
        for name, client, origin in (
            ("none", closed, "https://friend.example"),
            ("friend", opened, "https://friend.example"),
            ("stranger", opened, "https://evil.example"),
        ):
            answer = await client.options("/settings/execution", headers={"Origin": origin, **preflight})
            answers[name] = answer.headers.get("access-control-allow-origin")
            assert "access-control-allow-credentials" not in answer.headers
    assert answers == {"none": None, "friend": "https://friend.example", "stranger": None}


async def test_a_body_that_is_too_long_is_refused_by_its_length_and_while_it_comes(
    settings: ServerSettings, clock
) -> None:
    app = create_app(settings.model_copy(update={"body_limit_bytes": 1000}), clock)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100_000:
            sent += 100
            yield b"x" * 100

    async with open_platform(settings, clock) as platform, client_of(app) as client:
        app.state.platform = platform
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        told = await client.post("/auth/login", content=b"x" * 1001, headers=form)
        counted = await client.post("/auth/login", content=endless(), headers=form)
        fits = await client.post("/auth/login", data={"username": "a", "password": "b"})
    assert (told.status_code, counted.status_code, fits.status_code) == (413, 413, 401)
    assert told.json() == counted.json()
    assert told.json()["code"] == "too_large"
    assert sent < 2000


async def test_the_reference_names_every_path_and_loads_nothing(app: FastAPI, anonymous: AsyncClient) -> None:
    page = (await anonymous.get(f"{ORIGIN}/docs")).text
    openapi = (await anonymous.get(f"{ORIGIN}{API}/openapi.json")).json()
    for path in openapi["paths"]:
        assert f">{path}</span>" in page
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


# --- limits of the login ----------------------------------------------------------------------------------


async def guesses(limits: LoginLimits, count: int, address: str = "192.0.2.1", username: str = "bob") -> int:
    """How many of these guesses were let through."""
    passed = 0
    for _ in range(count):
        with contextlib.suppress(Problem):
            await limits.admit(address, username)
            passed += 1
    return passed


def test_waits_grow_and_have_an_end() -> None:
    spans = [window.seconds for window in ONE_ADDRESS]
    assert spans == sorted(spans)
    assert max(*spans, *(window.seconds for window in ALL_ADDRESSES)) <= 300


async def test_after_a_short_wait_the_same_address_may_try_again(platform: Platform, clock: SetClock) -> None:
    limits = LoginLimits(platform.database, (Window(2, 10),), ())
    assert await guesses(limits, 20) == 2
    clock.move(seconds=9)
    with pytest.raises(Problem) as refused:
        await limits.admit("192.0.2.1", "bob")
    assert refused.value.headers == {"Retry-After": "1"}
    clock.move(seconds=1)  # refused guesses did not make the wait longer
    assert await guesses(limits, 1) == 1


async def test_a_crowd_of_addresses_is_slowed_down_and_a_fresh_one_is_let_in(platform: Platform) -> None:
    limits = LoginLimits(platform.database, (Window(5, 60),), (Window(10, 60),))
    for n in range(10):
        assert await guesses(limits, 1, f"192.0.2.{n}") == 1
    assert await guesses(limits, 1, "192.0.2.0") == 0
    assert await guesses(limits, 1, "198.51.100.9") == 1


async def test_the_right_password_clears_the_address(platform: Platform) -> None:
    limits = LoginLimits(platform.database, (Window(3, 60),), ())
    for _ in range(4):
        assert await guesses(limits, 2) == 2
        await limits.forgive("192.0.2.1", "bob")


async def test_one_network_of_ipv6_is_one_address_and_other_users_are_other_locks(platform: Platform) -> None:
    limits = LoginLimits(platform.database, (Window(2, 60),), ())
    assert [await guesses(limits, 1, f"2001:db8::{n}") for n in (1, 2, 3)] == [1, 1, 0]
    assert await guesses(limits, 1, "2001:db8:0:1::1") == 1
    assert await guesses(limits, 1, "2001:db8::1", "ann") == 1


async def test_servers_of_one_database_count_together_and_at_once(state_address: Path | str, clock: SetClock) -> None:
    async with open_database(state_address, clock) as one, open_database(state_address, clock) as other:
        servers = [LoginLimits(database, (Window(3, 60),), ()) for database in (one, other)]
        passed = await asyncio.gather(*(guesses(servers[n % 2], 2) for n in range(6)))
        assert sum(passed) == 3
        clock.move(seconds=300)
        await forget_old_guesses(one)
        async with one.read() as connection:
            assert await connection.scalar(select(func.count()).select_from(login_guesses)) == 0


# --- sealed secrets ---------------------------------------------------------------------------------------


def test_a_sealed_value_opens_and_does_not_show(tmp_path: Path) -> None:
    box = SecretBox(tmp_path / "state" / "secret.key")
    sealed = box.seal("päss word")
    assert b"word" not in sealed
    assert box.open(sealed) == "päss word"
    assert SecretBox(tmp_path / "state" / "secret.key").open(sealed) == "päss word"
    assert stat.S_IMODE((tmp_path / "state" / "secret.key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["secret.key"]
    assert "key=" not in repr(box).replace("secret.key", "")


def test_no_key_is_made_before_one_is_needed_or_where_one_is_given(tmp_path: Path) -> None:
    SecretBox(tmp_path / "secret.key")
    SecretBox(tmp_path / "secret.key", Fernet.generate_key().decode()).seal("x")
    assert not list(tmp_path.iterdir())


def test_a_new_first_key_opens_what_the_old_one_sealed_and_seals_anew(tmp_path: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = SecretBox(tmp_path / "k", old).seal("value")
    both = SecretBox(tmp_path / "k", f"{new}, {old}")
    assert both.open(sealed) == "value"
    resealed = both.rotate(sealed)
    assert SecretBox(tmp_path / "k", new).open(resealed) == "value"
    with pytest.raises(MachineryError, match="cannot be opened"):
        SecretBox(tmp_path / "k", new).open(sealed)


def test_a_key_that_is_none_is_told_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        SecretBox(tmp_path / "k", "hunter2").seal("x")
    assert "hunter2" not in str(told.value)


async def test_a_bug_is_told_in_the_one_form(settings: ServerSettings, clock) -> None:
    app = create_app(settings, clock)

    @app.get(f"{API}/health/broken")
    async def broken() -> None:
        raise RuntimeError("private words")

    app.router.routes.insert(0, app.router.routes.pop())
    async with client_of(app) as client:
        answer = await client.get("/health/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "bug")
    assert "private" not in answer.text
