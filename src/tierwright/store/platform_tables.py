"""The tables of the platform around the engine: accounts, projects, tests, the queue's marks, schedules, feedback.

They share the metadata of `tables`, so that one migration history makes them all. A project's `id` is what the
engine's own tables hold in their `project` column; the command line's project `default` is the row of that id.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tierwright.store.tables import UtcTime, metadata


def _id() -> Column[str]:
    return Column("id", String(64), primary_key=True)


def _project_id() -> Column[str]:
    return Column("project_id", String(64), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False)


def _user_id(*, nullable: bool = False) -> Column[str]:
    gone = "SET NULL" if nullable else "CASCADE"
    return Column("user_id", String(64), ForeignKey("users.id", ondelete=gone), nullable=nullable)


# --- accounts ---------------------------------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    _id(),
    Column("username", String(200), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

user_sessions = Table(
    "user_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _user_id(),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)

login_guesses = Table(
    "login_guesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "key", "at"),
    Index(None, "at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    _user_id(),
    Column("name", String(200), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    Index(None, "user_id"),
)

projects = Table(
    "projects",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

project_members = Table(
    "project_members",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String(64), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "user_id"),
)

project_secrets = Table(
    "project_secrets",
    metadata,
    Column("project_id", String(64), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

project_spending = Table(
    "project_spending",
    metadata,
    Column("project", String(200), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("spent_usd", Float, nullable=False),
)

removed_folders = Table(
    "removed_folders",
    metadata,
    Column("parent", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
)

# --- tests ------------------------------------------------------------------------------------------------

tests = Table(
    "tests",
    metadata,
    _id(),
    _project_id(),
    Column("name", String(500), nullable=False),
    Column("version", Integer, nullable=False),
    Column("yaml", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    _user_id(nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("project_id", "name"),
    Index(None, "project_id", "updated_at"),
)

test_versions = Table(
    "test_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("test_id", String(64), ForeignKey("tests.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("yaml", Text, nullable=False),
    Column("note", Text, nullable=False),
    _user_id(nullable=True),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("test_id", "version"),
)

suites = Table(
    "suites",
    metadata,
    _id(),
    _project_id(),
    Column("name", String(500), nullable=False),
    Column("description", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("project_id", "name"),
)

suite_tests = Table(
    "suite_tests",
    metadata,
    Column("suite_id", String(64), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True),
    Column("test_id", String(64), ForeignKey("tests.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False),
)

# --- runs -------------------------------------------------------------------------------------------------

run_requests = Table(
    "run_requests",
    metadata,
    Column("test_execution_id", String(64), ForeignKey("test_executions.id", ondelete="CASCADE"), primary_key=True),
    Column("yaml", Text, nullable=False),
    Column("overrides", JSON, nullable=False),
)

run_events = Table(
    "run_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("test_execution_id", String(64), ForeignKey("test_executions.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "test_execution_id", "id"),
    sqlite_autoincrement=True,
)

step_feedback = Table(
    "step_feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("test_execution_id", String(64), ForeignKey("test_executions.id", ondelete="CASCADE"), nullable=False),
    Column("step_index", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("note", Text, nullable=False),
    _user_id(nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "test_execution_id"),
)

schedules = Table(
    "schedules",
    metadata,
    _id(),
    _project_id(),
    _user_id(),
    Column("name", String(500), nullable=False),
    Column("cron", String(200), nullable=False),
    Column("time_zone", String(100), nullable=False),
    Column("suite_id", String(64), ForeignKey("suites.id", ondelete="CASCADE")),
    Column("test_ids", JSON, nullable=False),
    Column("overrides", JSON, nullable=False),
    Column("overlap", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("next_run_at", UtcTime),
    Column("last_run_at", UtcTime),
    Column("last_error", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index(None, "active", "next_run_at"),
)
