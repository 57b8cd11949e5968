"""A server without a socket: the real application on SQLite and on PostgreSQL, and people who are signed in."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import insert
from tests.store.conftest import (  # noqa: F401 - fixtures that tests here use by name
    SetClock,
    clock,
    migrated_address,
    postgres_server,
    postgres_shared,
    postgres_url,
    sqlite_template,
)

from tierwright.server.access import Role, token_hash
from tierwright.server.app import API, create_app, open_platform
from tierwright.server.platform import Platform
from tierwright.server.settings import ServerSettings
from tierwright.store.platform_tables import project_members, projects, user_sessions, users

ORIGIN = "http://testserver"


@pytest.fixture
def state_address(migrated_address: Path | str) -> Path | str:  # noqa: F811 - the fixture above
    """Where the state of a test lives."""
    return migrated_address


@pytest.fixture
def settings(state_address: Path | str, tmp_path: Path) -> ServerSettings:
    """Settings of a server that runs nothing itself."""
    url = SecretStr(state_address) if isinstance(state_address, str) else None
    return ServerSettings(state_dir=tmp_path / "state", database_url=url, workers=0, host="127.0.0.1")


@pytest.fixture(scope="session")
def routes() -> FastAPI:
    """The application of settings that say nothing about requests; to prepare its routes takes longer than a test."""
    return create_app(ServerSettings(workers=0, host="127.0.0.1"))


@pytest.fixture
async def app(
    routes: FastAPI,
    settings: ServerSettings,
    clock: SetClock,  # noqa: F811 - the fixture above
) -> AsyncIterator[FastAPI]:
    """The application, open on a state of the test's own: all that a request can change is in the platform."""
    async with open_platform(settings, clock) as platform:
        routes.state.platform = platform
        yield routes
        del routes.state.platform


@pytest.fixture
def platform(app: FastAPI) -> Platform:
    opened: Platform = app.state.platform
    return opened


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client that has not signed in."""
    async with client_of(app) as client:
        yield client


def client_of(app: FastAPI, token: str | None = None, address: str = "127.0.0.1") -> AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))
    return AsyncClient(transport=transport, base_url=ORIGIN + API, headers=headers)


@dataclass(frozen=True)
class Person:
    """Somebody with a project of their own, and a client signed in as them."""

    user_id: str
    username: str
    project_id: str
    client: AsyncClient


@pytest.fixture
async def person(app: FastAPI, platform: Platform) -> AsyncIterator[Callable[..., Awaitable[Person]]]:
    """`await person("bob", Role.MEMBER)` makes a user with a project of their own, straight in the database."""
    clients: list[AsyncClient] = []

    async def make(username: str, role: Role = Role.MEMBER) -> Person:
        token, now = secrets.token_urlsafe(32), platform.clock.now()
        user_id, project_id = f"u-{username}", f"p-{username}"
        stamps = {"created_at": now, "updated_at": now}
        who = {"id": user_id, "username": username, "password_hash": "!", "role": role.value, "active": True}
        kept = {"token_hash": token_hash(token), "user_id": user_id, "created_at": now, "last_used_at": now}
        async with platform.database.write() as connection:
            await connection.execute(insert(users).values(**who, **stamps))
            await connection.execute(insert(projects).values(id=project_id, name=username, settings={}, **stamps))
            await connection.execute(
                insert(project_members).values(project_id=project_id, user_id=user_id, role="member", created_at=now)
            )
            await connection.execute(insert(user_sessions).values(**kept, expires_at=now + timedelta(days=14)))
        clients.append(client_of(app, token))
        return Person(user_id, username, project_id, clients[-1])

    yield make
    for client in clients:
        await client.aclose()
