"""Spans of time, and the small functions that SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from tierwright.store.tables import UtcTime


class Bucket(StrEnum):
    """Spans of time that figures can be split into, in UTC."""

    HOUR = "hour"
    DAY = "day"

    @property
    def span(self) -> timedelta:
        """Its length."""
        return timedelta(hours=1) if self is Bucket.HOUR else timedelta(days=1)

    def floor(self, moment: datetime) -> datetime:
        """Where the span around a moment begins."""
        whole = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return whole if self is Bucket.HOUR else whole.replace(hour=0)

    def floor_column(self, moment: ColumnElement[datetime]) -> ColumnElement[datetime]:
        """The same, in SQL."""
        return _floor(literal_column(f"'{self}'"), moment)


class _floor(FunctionElement[datetime]):  # noqa: N801 - reads as an SQL function
    name, type, inherit_cache = "floor", UtcTime(), True


class whole_part(FunctionElement[float]):  # noqa: N801 - reads as an SQL function
    """The whole part of a number that is not negative."""

    name, type, inherit_cache = "whole_part", Float(), True


@compiles(_floor, "postgresql")
def _postgres_floor(element: _floor, compiler: Any, **options: Any) -> str:
    return f"date_trunc({compiler.process(element.clauses, **options)}, 'UTC')"


@compiles(_floor, "sqlite")
def _sqlite_floor(element: _floor, compiler: Any, **options: Any) -> str:
    span, moment = element.clauses
    hour = "%H" if compiler.process(span) == "'hour'" else "00"
    return f"strftime('%Y-%m-%d {hour}:00:00.000000', {compiler.process(moment, **options)})"


@compiles(whole_part, "postgresql")
def _postgres_whole(element: whole_part, compiler: Any, **options: Any) -> str:
    return f"floor({compiler.process(element.clauses, **options)})"


@compiles(whole_part, "sqlite")
def _sqlite_whole(element: whole_part, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS INTEGER)"
