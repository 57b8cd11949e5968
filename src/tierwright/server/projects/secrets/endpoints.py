"""`/projects/{project_id}/secrets`: write-only."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from tierwright.server.access import ReadProject, WriteProject
from tierwright.server.platform import ThePlatform
from tierwright.server.projects.secrets.schemas import SecretName, SecretsOut, SecretValue
from tierwright.server.projects.secrets.service import keep_secret, remove_secret, secret_names
from tierwright.server.transactions import Reading, Writing

router = APIRouter(prefix="/{project_id}/secrets")


@router.get("")
async def list_secrets(project: ReadProject, connection: Reading) -> SecretsOut:
    """The names of the project's secrets."""
    return SecretsOut(items=await secret_names(connection, project.id))


@router.put("/{name}", status_code=204)
async def write_secret(name: SecretName, secret: SecretValue, project: WriteProject, platform: ThePlatform) -> None:
    """Set a secret, or replace it. Nobody can read it back."""
    sealed = await asyncio.to_thread(platform.secret_box.seal, secret.value.get_secret_value())
    async with platform.database.write() as connection:
        await keep_secret(platform.database, connection, project.id, name, sealed)


@router.delete("/{name}", status_code=204)
async def delete_secret(name: SecretName, project: WriteProject, connection: Writing) -> None:
    """Forget a secret."""
    await remove_secret(connection, project.id, name)
