"""Lists in pages, newest first: a cursor names the last row seen, so that new rows move nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, Select, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from tierwright.server.problems import invalid

DEFAULT_LIMIT = 50
MOST = 200

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows a page.")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]


class Page(BaseModel, Generic[Item]):
    """One page of a list, newest first. `next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None


async def page_of(
    connection: AsyncConnection,
    query: Select[Any],
    keys: tuple[ColumnElement[datetime], ColumnElement[Any]],
    make: Callable[[Row[Any]], Item],
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Item]:
    """A page of a query's rows. `keys` are a moment and an id, by which the rows are ordered, newest first.

    The query must select both; raises Problem (422) for a cursor that this API did not give.
    """
    moment, row_id = keys
    if cursor is not None:
        at, last = _decoded(cursor, row_id.type.python_type)
        query = query.where(or_(moment < at, (moment == at) & (row_id < last)))
    rows = (await connection.execute(query.order_by(moment.desc(), row_id.desc()).limit(limit + 1))).all()
    shown = rows[:limit]
    more = _encoded(shown[-1], keys) if len(rows) > limit else None
    return Page(items=[make(row) for row in shown], next_cursor=more)


def _encoded(row: Row[Any], keys: Sequence[ColumnElement[Any]]) -> str:
    at, last = (row._mapping[key] for key in keys)
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), last]).encode()).decode().rstrip("=")


def _decoded(cursor: str, id_type: type) -> tuple[datetime, str | int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, last = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        raise invalid("query.cursor", "is not a cursor that this API gave") from None
    if not isinstance(last, str | int) or type(last) is not id_type or not _fits(last):
        raise invalid("query.cursor", "is not a cursor that this list gave")
    return moment, last


def _fits(row_id: str | int) -> bool:
    """Whether a database can compare this with its ids."""
    return row_id.isprintable() if isinstance(row_id, str) else 0 <= row_id < 2**31
