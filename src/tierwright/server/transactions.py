"""One transaction a request, committed at the edge before the answer is sent; an error takes all of it back.

An endpoint names its caller before its connection: finding out who asks may write, and SQLite has one writer
(tests/server/test_house_rules.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.platform import ThePlatform


async def reading(platform: ThePlatform) -> AsyncIterator[AsyncConnection]:
    """A connection to read from."""
    async with platform.database.read() as connection:
        yield connection


async def writing(platform: ThePlatform) -> AsyncIterator[AsyncConnection]:
    """A connection to write with."""
    async with platform.database.write() as connection:
        yield connection


# `scope="function"`: the transaction ends with the endpoint, and not with a response that streams for hours.
Reading = Annotated[AsyncConnection, Depends(reading, scope="function")]
Writing = Annotated[AsyncConnection, Depends(writing, scope="function")]
