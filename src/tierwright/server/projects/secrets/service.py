"""Seals, lists, removes and, for those who run tests, opens a project's secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.core.variables import secret_key
from tierwright.server.problems import not_found
from tierwright.server.projects.secrets.schemas import SecretOut
from tierwright.server.security.secret_box import SecretBox
from tierwright.store.database import Database
from tierwright.store.platform_tables import project_secrets as table


async def secret_names(connection: AsyncConnection, project_id: str) -> list[SecretOut]:
    """The secrets of a project, without values."""
    query = select(table.c.name, table.c.updated_at).where(table.c.project_id == project_id).order_by(table.c.name)
    return [SecretOut.model_validate(row._asdict()) for row in await connection.execute(query)]


async def keep_secret(
    database: Database, connection: AsyncConnection, project_id: str, name: str, sealed: bytes
) -> None:
    """Set a secret, or replace it."""
    values = {
        "project_id": project_id,
        "name": secret_key(name),
        "sealed": sealed,
        "updated_at": database.clock.now(),
    }
    await database.upsert(connection, table, values, ("project_id", "name"))


async def remove_secret(connection: AsyncConnection, project_id: str, name: str) -> None:
    """Forget a secret. Raises Problem (404)."""
    this = (table.c.project_id == project_id) & (table.c.name == secret_key(name))
    if (await connection.execute(delete(table).where(this))).rowcount == 0:
        raise not_found("secret")


async def project_secrets(connection: AsyncConnection, box: SecretBox, project_id: str) -> Mapping[str, str]:
    """The secrets of a project by name, open, for a run of its tests. Raises MachineryError for a lost key."""
    query = select(table.c.name, table.c.sealed).where(table.c.project_id == project_id)
    rows = (await connection.execute(query)).all()
    opened = await asyncio.to_thread(lambda: {row.name: box.open(row.sealed) for row in rows})
    return MappingProxyType(opened)


async def reseal_all(database: Database, box: SecretBox) -> int:
    """Seal all secrets with the first key, so that older keys can be thrown away; returns how many there are."""
    async with database.write() as connection:
        rows = (await connection.execute(select(table.c.project_id, table.c.name, table.c.sealed))).all()
        fresh = await asyncio.to_thread(lambda: [(*row[:2], box.rotate(row.sealed)) for row in rows])
        statement = (
            update(table)
            .where(table.c.project_id == bindparam("of_project"), table.c.name == bindparam("of_name"))
            .values(sealed=bindparam("fresh"))
        )
        if fresh:
            names = ("of_project", "of_name", "fresh")
            await connection.execute(statement, [dict(zip(names, values, strict=True)) for values in fresh])
    return len(rows)
