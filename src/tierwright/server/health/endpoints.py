"""Health for load balancers and supervisors; nobody has to sign in for it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from tierwright.server.transactions import Reading

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """How the server is."""

    status: str


@router.get("/live")
async def live() -> Health:
    """The process answers."""
    return Health(status="ok")


@router.get("/ready")
async def ready(connection: Reading) -> Health:
    """The database answers too; 503 where it does not."""
    await connection.execute(text("select 1"))
    return Health(status="ok")
