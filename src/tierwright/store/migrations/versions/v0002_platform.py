"""The platform: accounts, projects, tests, suites, schedules, feedback, and the queue's marks on runs.

Revision ID: 0002
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from tierwright.store.migrations.hour_marks import MARKS
from tierwright.store.tables import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the platform's tables, and give runs that are there their place in time."""
    op.create_table(
        "projects",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"], unique=False)
    op.create_table(
        "project_members",
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_members_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_project_members_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_project_members")),
    )
    op.create_index(op.f("ix_project_members_user_id"), "project_members", ["user_id"], unique=False)
    op.create_table(
        "project_secrets",
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_project_secrets_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "name", name=op.f("pk_project_secrets")),
    )
    op.create_table(
        "project_spending",
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("spent_usd", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("project", "month", name=op.f("pk_project_spending")),
    )
    op.create_table(
        "login_guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_guesses")),
    )
    op.create_index(op.f("ix_login_guesses_key_at"), "login_guesses", ["key", "at"], unique=False)
    op.create_index(op.f("ix_login_guesses_at"), "login_guesses", ["at"], unique=False)
    op.create_table(
        "removed_folders",
        sa.Column("parent", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("parent", "name", name=op.f("pk_removed_folders")),
    )
    op.create_table(
        "run_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"],
            ["test_executions.id"],
            name=op.f("fk_run_events_test_execution_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_run_events_test_execution_id_id"), "run_events", ["test_execution_id", "id"], unique=False)
    op.create_table(
        "run_requests",
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("yaml", sa.Text(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"],
            ["test_executions.id"],
            name=op.f("fk_run_requests_test_execution_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("test_execution_id", name=op.f("pk_run_requests")),
    )
    op.create_table(
        "step_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("step_index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"],
            ["test_executions.id"],
            name=op.f("fk_step_feedback_test_execution_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_step_feedback_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_feedback")),
    )
    op.create_index(op.f("ix_step_feedback_test_execution_id"), "step_feedback", ["test_execution_id"], unique=False)
    op.create_table(
        "suites",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_suites_project_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suites")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_suites_project_id_name")),
    )
    op.create_table(
        "tests",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("yaml", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tests_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tests_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tests")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_tests_project_id_name")),
    )
    op.create_index(op.f("ix_tests_project_id_updated_at"), "tests", ["project_id", "updated_at"], unique=False)
    op.create_table(
        "user_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_sessions")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False)
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("cron", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=100), nullable=False),
        sa.Column("suite_id", sa.String(length=64), nullable=True),
        sa.Column("test_ids", sa.JSON(), nullable=False),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("overlap", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_run_at", UtcTime(), nullable=True),
        sa.Column("last_run_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_schedules_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["suite_id"], ["suites.id"], name=op.f("fk_schedules_suite_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_schedules_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    op.create_index(op.f("ix_schedules_active_next_run_at"), "schedules", ["active", "next_run_at"], unique=False)
    op.create_table(
        "suite_tests",
        sa.Column("suite_id", sa.String(length=64), nullable=False),
        sa.Column("test_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["suite_id"], ["suites.id"], name=op.f("fk_suite_tests_suite_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["test_id"], ["tests.id"], name=op.f("fk_suite_tests_test_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("suite_id", "test_id", name=op.f("pk_suite_tests")),
    )
    op.create_table(
        "test_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("yaml", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["test_id"], ["tests.id"], name=op.f("fk_test_versions_test_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_test_versions_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_versions")),
        sa.UniqueConstraint("test_id", "version", name=op.f("uq_test_versions_test_id_version")),
    )
    op.add_column("test_executions", sa.Column("queued_at", UtcTime(), nullable=True))
    op.add_column("test_executions", sa.Column("user_id", sa.String(length=64), nullable=True))
    op.add_column("test_executions", sa.Column("test_id", sa.String(length=64), nullable=True))
    op.add_column("test_executions", sa.Column("test_version", sa.Integer(), nullable=True))
    op.add_column("test_executions", sa.Column("suite_id", sa.String(length=64), nullable=True))
    op.add_column("test_executions", sa.Column("schedule_id", sa.String(length=64), nullable=True))
    op.add_column("test_executions", sa.Column("group_id", sa.String(length=64), nullable=True))
    op.add_column("test_executions", sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
    op.add_column("test_executions", sa.Column("claim_no", sa.Integer(), server_default="0", nullable=False))
    op.add_column("test_executions", sa.Column("crashes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("test_executions", sa.Column("worker", sa.String(length=255), nullable=True))
    op.add_column("test_executions", sa.Column("lease_until", UtcTime(), nullable=True))
    op.add_column("test_executions", sa.Column("cancel_requested_at", UtcTime(), nullable=True))
    op.create_index(op.f("ix_test_executions_group_id"), "test_executions", ["group_id"], unique=False)
    op.create_index(
        op.f("ix_test_executions_project_queued_at"), "test_executions", ["project", "queued_at"], unique=False
    )
    op.create_index(
        op.f("ix_test_executions_status_lease_until"), "test_executions", ["status", "lease_until"], unique=False
    )
    op.create_index(
        op.f("ix_test_executions_test_id_queued_at"), "test_executions", ["test_id", "queued_at"], unique=False
    )
    op.execute("UPDATE test_executions SET queued_at = started_at")
    _roll_ups()


def _roll_ups() -> None:
    """What an hour's rows add up to, and triggers that mark the hours whose rows changed."""
    op.create_table(
        "analytics_hours",
        *_of_an_hour(),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("project", "hour", name=op.f("pk_analytics_hours")),
    )
    op.create_index(op.f("ix_analytics_hours_fresh_hour"), "analytics_hours", ["fresh", "hour"], unique=False)
    op.create_table(
        "analytics_strategies",
        *_of_an_hour(),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        *_counts("executions", "steps", "succeeded", "tier1", "tier2", "tier3"),
        *_spent(),
        sa.PrimaryKeyConstraint("project", "hour", "strategy", name=op.f("pk_analytics_strategies")),
    )
    op.create_table(
        "analytics_tiers",
        *_of_an_hour(),
        *_counts("tier", "attempts", "succeeded"),
        *_spent(),
        *_counts("hits", "misses", "invalid"),
        sa.PrimaryKeyConstraint("project", "hour", "tier", name=op.f("pk_analytics_tiers")),
    )
    op.create_table(
        "analytics_histograms",
        *_of_an_hour(),
        *_counts("tier"),
        sa.Column("times", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "hour", "tier", name=op.f("pk_analytics_histograms")),
    )
    for statement in MARKS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def _of_an_hour() -> tuple[sa.Column[str], sa.Column[datetime]]:
    project = sa.Column("project", sa.String(length=200), nullable=False)
    return project, sa.Column("hour", UtcTime(), nullable=False)


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _spent() -> tuple[sa.Column[float], sa.Column[int], sa.Column[float], sa.Column[int]]:
    return (
        sa.Column("ms", sa.Float(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.Column("unpriced", sa.Integer(), nullable=False),
    )
