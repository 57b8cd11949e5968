"""The tables, one schema for SQLite and PostgreSQL. The first three carry the names of the original design."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """A moment, always in UTC and always aware; SQLite keeps no time zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, without zone where the database knows none."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _run_id() -> Column[str]:
    return Column("test_execution_id", String(64), ForeignKey("test_executions.id", ondelete="CASCADE"), nullable=False)


execution_settings = Table(
    "execution_settings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", String(64), nullable=False, unique=True),
    Column("fallback_strategy", String(16), nullable=False),
    Column("tier1_timeout_seconds", Float, nullable=False),
    Column("tier2_timeout_seconds", Float, nullable=False),
    Column("tier3_timeout_seconds", Float, nullable=False),
    Column("max_retries_per_tier", Integer, nullable=False),
    Column("track_effectiveness", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

xpath_cache = Table(
    "xpath_cache",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String(200), nullable=False),
    Column("instruction", Text, nullable=False),
    Column("instruction_hash", String(64), nullable=False, unique=True),
    Column("xpath", Text, nullable=False),
    Column("page_context", Text, nullable=False),
    Column("selector", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("frame", JSON, nullable=False),
    Column("locators", JSON, nullable=False),
    Column("fingerprint", JSON, nullable=False),
    Column("candidate_key", String(64), nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("hit_count", Integer, nullable=False),
    Column("validation_failures", Integer, nullable=False),
    Column("last_validated_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Index(None, "project", "created_at"),
)

tier_execution_logs = Table(
    "tier_execution_logs",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("try_ordinal", Integer, nullable=False),
    Column("step_index", Integer, nullable=False),
    Column("tier_attempted", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("execution_time_ms", Float, nullable=False),
    Column("tokens_used", Integer, nullable=False),
    Column("cost_usd", Float),
    Column("cache", String(16), nullable=False),
    Column("locator", Text),
    Column("error_kind", String(32)),
    Column("error_message", Text),
    Column("extra_data", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "test_execution_id", "step_index"),
)


def _index_of(name: str, status: str, *columns: str) -> Index:
    where = text(f"status = '{status}'")
    return Index(f"ix_test_executions_{name}", *columns, postgresql_where=where, sqlite_where=where)


test_executions = Table(
    "test_executions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("project", String(200), nullable=False),
    Column("test_name", Text, nullable=False),
    Column("test_file", Text, nullable=False),
    Column("example", JSON),
    Column("example_digest", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("strategy", String(16), nullable=False),
    Column("model", String(200), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("track_effectiveness", Boolean, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("duration_ms", Float),
    Column("tokens", Integer, nullable=False),
    Column("cost_usd", Float),
    Column("error_kind", String(32)),
    Column("error_message", Text),
    Column("owner_host", String(255), nullable=False),
    Column("owner_pid", Integer, nullable=False),
    Column("owner_started", String(64), nullable=False),
    # Whose run it is and where it stands in the queue; the command line's runs are never queued.
    Column("queued_at", UtcTime),
    Column("user_id", String(64)),
    Column("test_id", String(64)),
    Column("test_version", Integer),
    Column("suite_id", String(64)),
    Column("schedule_id", String(64)),
    Column("group_id", String(64)),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("claim_no", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("worker", String(255)),
    Column("lease_until", UtcTime),
    Column("cancel_requested_at", UtcTime),
    Index(None, "project", "started_at"),
    Index(None, "project", "queued_at"),
    # Of runs that wait, in the order in which they are claimed, and of runs that are made. Neither holds what a renewed
    # lease changes: a renewal then writes one row and no index.
    _index_of("waiting", "queued", "project", "priority", "queued_at", "id"),
    _index_of("running", "running", "project"),
    Index(None, "group_id"),
    Index(None, "test_id", "queued_at"),
    Index(None, "suite_id", "queued_at"),
    Index(None, "schedule_id", "queued_at"),
)

test_execution_tags = Table(
    "test_execution_tags",
    metadata,
    Column(
        "test_execution_id",
        String(64),
        ForeignKey("test_executions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("tag", String(200), primary_key=True),
)

tries = Table(
    "tries",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("ordinal", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("duration_ms", Float),
    Column("error_kind", String(32)),
    Column("error_message", Text),
    UniqueConstraint("test_execution_id", "ordinal"),
)

steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("try_ordinal", Integer, nullable=False),
    Column("step_index", Integer, nullable=False),
    Column("baseline_digest", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("instruction", Text, nullable=False),
    Column("selector", Text),
    Column("status", String(16), nullable=False),
    Column("tier", Integer),
    Column("actuator", String(16)),
    Column("duration_ms", Float, nullable=False),
    Column("locator", Text),
    Column("xpath", Text),
    Column("cache", String(16), nullable=False),
    Column("confidence", Float),
    Column("margin", Float),
    Column("tokens", Integer, nullable=False),
    Column("cost_usd", Float),
    Column("error_kind", String(32)),
    Column("error_message", Text),
    Column("proposal_id", String(64)),
    Column("warnings", JSON, nullable=False),
    UniqueConstraint("test_execution_id", "try_ordinal", "step_index"),
    Index(None, "baseline_digest"),
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project", String(200), nullable=False),
    Column("test_name", Text, nullable=False),
    Column("step_text", Text, nullable=False),
    Column("selector", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("fingerprint", JSON, nullable=False),
    Column("contract", JSON, nullable=False),
    Column("greens", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index(None, "project", "updated_at"),
)

heals = Table(
    "heals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("project", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("test_name", Text, nullable=False),
    Column("test_file", Text, nullable=False),
    Column("step_index", Integer, nullable=False),
    Column("step_text", Text, nullable=False),
    Column("step_title", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("instruction", Text, nullable=False),
    Column("old_selector", Text),
    Column("new_locator", JSON, nullable=False),
    Column("alternatives", JSON, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("confidence", Float),
    Column("margin", Float),
    Column("baseline_digest", String(64), nullable=False),
    Column("baseline_selector", Text, nullable=False),
    Column("candidate_key", String(64), nullable=False),
    Column("baseline", JSON),
    Column("candidate", JSON, nullable=False),
    Column("evidence", JSON),
    Column("crop", Text),
    Column("times_seen", Integer, nullable=False),
    Column("last_run_id", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
    Index(None, "project", "status"),
    Index(None, "baseline_digest", "status"),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("try_ordinal", Integer, nullable=False),
    Column("step_index", Integer),
    Column("path", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "test_execution_id"),
)

cache_counters = Table(
    "cache_counters",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("hour", UtcTime, primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
)

# --- roll-ups (docs/decisions/0094): what an hour's rows add up to; triggers mark the hours whose rows changed ---

analytics_hours = Table(
    "analytics_hours",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("hour", UtcTime, primary_key=True),
    Column("ends_at", UtcTime, nullable=False),
    Column("fresh", Boolean, nullable=False),
    Index(None, "fresh", "hour"),
)


def _of_an_hour() -> tuple[Column[str], Column[datetime]]:
    return Column("project", String(200), primary_key=True), Column("hour", UtcTime, primary_key=True)


analytics_strategies = Table(
    "analytics_strategies",
    metadata,
    *_of_an_hour(),
    Column("strategy", String(16), primary_key=True),
    Column("executions", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("tier1", Integer, nullable=False),
    Column("tier2", Integer, nullable=False),
    Column("tier3", Integer, nullable=False),
    Column("ms", Float, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("unpriced", Integer, nullable=False),
)

analytics_tiers = Table(
    "analytics_tiers",
    metadata,
    *_of_an_hour(),
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("ms", Float, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("unpriced", Integer, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("invalid", Integer, nullable=False),
)

analytics_histograms = Table(
    "analytics_histograms",
    metadata,
    *_of_an_hour(),
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("times", Text, nullable=False),
)
