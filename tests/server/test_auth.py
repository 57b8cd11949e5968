"""Signing in and out, and one's own password."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update
from tests.server.conftest import ORIGIN, Person, SetClock, client_of

from tierwright.server.access import SESSION_COOKIE, Role
from tierwright.server.platform import Platform
from tierwright.server.security.passwords import Passwords, password_fault
from tierwright.server.users.service import NewUser, add_user
from tierwright.store.platform_tables import users

PASSWORD = "correct horse"


@pytest.fixture
async def bob(platform: Platform) -> str:
    """The id of a user `bob` with a password."""
    password_hash = await platform.passwords.hashed(PASSWORD)
    async with platform.database.write() as connection:
        return await add_user(platform.database, connection, NewUser(username="bob", password_hash=password_hash))


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client that keeps cookies and says where its requests come from, as browsers do."""
    async with client_of(app) as client:
        client.headers["Origin"] = ORIGIN
        yield client


async def sign_in(client: AsyncClient, username: str = "bob", password: str = PASSWORD) -> str:
    answer = await client.post("/auth/login", data={"username": username, "password": password})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def test_the_right_password_gives_a_token_and_a_cookie(bob: str, anonymous: AsyncClient, app: FastAPI) -> None:
    answer = await anonymous.post("/auth/login", data={"username": "Bob", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}={answer.json()['access_token']};")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    async with client_of(app, answer.json()["access_token"]) as signed_in:
        assert (await signed_in.get("/auth/me")).json() == {
            "id": bob,
            "username": "bob",
            "role": "member",
            "scopes": None,
        }


async def test_over_https_the_cookie_is_secure(bob: str, app: FastAPI) -> None:
    async with client_of(app) as client:
        client.base_url = str(client.base_url).replace("http:", "https:")
        answer = await client.post("/auth/login", data={"username": "bob", "password": PASSWORD})
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("username", "password"),
    [("bob", "wrong horse"), ("nobody", PASSWORD), ("bob\0", PASSWORD), ("bob", PASSWORD + " ")],
)
async def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    bob: str, anonymous: AsyncClient, username: str, password: str
) -> None:
    answer = await anonymous.post("/auth/login", data={"username": username, "password": password})
    assert (answer.status_code, answer.json()) == (
        401,
        {"detail": "the user name or the password is wrong", "code": "wrong_login"},
    )
    assert "set-cookie" not in answer.headers


async def test_a_user_who_is_shut_out_cannot_sign_in(bob: str, anonymous: AsyncClient, platform: Platform) -> None:
    async with platform.database.write() as connection:
        await connection.execute(update(users).where(users.c.id == bob).values(active=False))
    answer = await anonymous.post("/auth/login", data={"username": "bob", "password": PASSWORD})
    assert answer.status_code == 401


async def test_the_login_is_a_form_without_other_fields(bob: str, anonymous: AsyncClient) -> None:
    as_json = await anonymous.post("/auth/login", json={"username": "bob", "password": PASSWORD})
    extra = await anonymous.post("/auth/login", data={"username": "bob", "password": PASSWORD, "role": "admin"})
    assert (as_json.status_code, extra.status_code) == (422, 422)
    assert PASSWORD not in as_json.text + extra.text


async def test_a_form_of_another_site_neither_signs_in_nor_changes_anything(bob: str, browser: AsyncClient) -> None:
    form = {"username": "bob", "password": PASSWORD}
    for origin in ("https://evil.example", "null"):
        refused = await browser.post("/auth/login", data=form, headers={"Origin": origin})
        assert refused.status_code == 403
    await sign_in(browser)
    assert (await browser.post("/auth/logout-all", headers={"Origin": "https://evil.example"})).status_code == 403
    del browser.headers["Origin"]
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (await browser.post("/auth/logout-all", headers=cross)).status_code == 403
    assert (await browser.get("/auth/me")).status_code == 200


async def test_signing_out_ends_this_session_and_no_other(bob: str, browser: AsyncClient, app: FastAPI) -> None:
    async with client_of(app, await sign_in(browser)) as other:
        await sign_in(browser)
        out = await browser.post("/auth/logout")
        assert out.status_code == 204
        assert f'{SESSION_COOKIE}=""' in out.headers["set-cookie"]
        assert (await browser.get("/auth/me")).status_code == 401
        assert (await other.get("/auth/me")).status_code == 200


async def test_signing_out_everywhere_ends_all_sessions(bob: str, browser: AsyncClient, app: FastAPI) -> None:
    async with client_of(app, await sign_in(browser)) as other:
        await sign_in(browser)
        assert (await browser.post("/auth/logout-all")).status_code == 204
        assert (await other.get("/auth/me")).status_code == 401


async def test_a_session_ends_by_itself(bob: str, browser: AsyncClient, clock: SetClock) -> None:
    await sign_in(browser)
    clock.move(days=14)
    assert (await browser.get("/auth/me")).status_code == 401


async def test_a_new_password_ends_the_other_sessions_and_the_old_one_is_dead(
    bob: str, browser: AsyncClient, anonymous: AsyncClient, app: FastAPI
) -> None:
    async with client_of(app, await sign_in(anonymous)) as other:
        await sign_in(browser)
        change = {"old_password": PASSWORD, "new_password": "battery staple"}
        assert (await browser.post("/auth/password", json=change)).status_code == 204
        assert (await browser.get("/auth/me")).status_code == 200
        assert (await other.get("/auth/me")).status_code == 401
    old = await anonymous.post("/auth/login", data={"username": "bob", "password": PASSWORD})
    assert old.status_code == 401
    await sign_in(anonymous, password="battery staple")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("wrong horse", "battery staple", "body.old_password"),
        (PASSWORD, "short", "body.new_password"),
        (PASSWORD, "x" * 257, "body.new_password"),
        (PASSWORD, "aaaaaaaaaa", "body.new_password"),
    ],
)
async def test_a_bad_change_of_the_password_says_which_is_wrong_and_changes_nothing(
    bob: str, browser: AsyncClient, old: str, new: str, path: str
) -> None:
    await sign_in(browser)
    answer = await browser.post("/auth/password", json={"old_password": old, "new_password": new})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path
    assert old not in answer.text
    await sign_in(browser)


async def test_guessing_is_slowed_down_and_the_right_password_from_elsewhere_still_works(
    bob: str, anonymous: AsyncClient, app: FastAPI
) -> None:
    answers = [
        await anonymous.post("/auth/login", data={"username": "bob", "password": f"guess {n}"}) for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].json()["code"] == "too_many_attempts"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 15
    right = await anonymous.post("/auth/login", data={"username": "bob", "password": PASSWORD})
    assert right.status_code == 429
    async with client_of(app, address="192.0.2.7") as elsewhere:
        await sign_in(elsewhere)


async def test_an_old_kind_of_hash_is_renewed_by_a_login(bob: str, anonymous: AsyncClient, platform: Platform) -> None:
    weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
    async with platform.database.write() as connection:
        await connection.execute(update(users).where(users.c.id == bob).values(password_hash=weak))
    await sign_in(anonymous)
    async with platform.database.read() as connection:
        stored = await connection.scalar(select(users.c.password_hash).where(users.c.id == bob))
    assert stored != weak
    assert stored.startswith("$argon2id$")
    await sign_in(anonymous)


async def test_a_hash_that_is_none_is_a_wrong_password(
    person: Callable[..., Awaitable[Person]], anonymous: AsyncClient
) -> None:
    await person("ann", Role.ADMIN)
    answer = await anonymous.post("/auth/login", data={"username": "ann", "password": "!"})
    assert answer.status_code == 401


async def test_an_unknown_user_costs_as_much_work_as_a_known_one() -> None:
    counted: list[str] = []

    class Counting(Argon2Hasher):
        def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the base class's name
            counted.append(str(password))
            return super().verify(password, hash)

    passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    known = await passwords.check("wrong", await passwords.hashed(PASSWORD))
    unknown = await passwords.check("nobody has this password", None)
    assert (known.right, unknown.right, len(counted)) == (False, False, 2)


@pytest.mark.parametrize("good", ["testpassword123", "12345678", "päßwörter", "x" * 255 + "y"])
def test_good_passwords(good: str) -> None:
    assert password_fault("testuser", good) is None


@pytest.mark.parametrize("bad", ["1234567", "TestUser", "zzzzzzzz", "x" * 256 + "y"])
def test_bad_passwords(bad: str) -> None:
    assert password_fault("testuser", bad)
