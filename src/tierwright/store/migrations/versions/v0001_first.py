"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierwright.store.tables import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "cache_counters",
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("hour", UtcTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project", "hour", "outcome", name=op.f("pk_cache_counters")),
    )
    op.create_table(
        "execution_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("fallback_strategy", sa.String(length=16), nullable=False),
        sa.Column("tier1_timeout_seconds", sa.Float(), nullable=False),
        sa.Column("tier2_timeout_seconds", sa.Float(), nullable=False),
        sa.Column("tier3_timeout_seconds", sa.Float(), nullable=False),
        sa.Column("max_retries_per_tier", sa.Integer(), nullable=False),
        sa.Column("track_effectiveness", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_execution_settings")),
        sa.UniqueConstraint("user_id", name=op.f("uq_execution_settings_user_id")),
    )
    op.create_table(
        "fingerprints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("test_name", sa.Text(), nullable=False),
        sa.Column("step_text", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.JSON(), nullable=False),
        sa.Column("contract", sa.JSON(), nullable=False),
        sa.Column("greens", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprints")),
        sa.UniqueConstraint("digest", name=op.f("uq_fingerprints_digest")),
    )
    op.create_index(op.f("ix_fingerprints_project_updated_at"), "fingerprints", ["project", "updated_at"], unique=False)
    op.create_table(
        "heals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("test_name", sa.Text(), nullable=False),
        sa.Column("test_file", sa.Text(), nullable=False),
        sa.Column("step_index", sa.Integer(), nullable=False),
        sa.Column("step_text", sa.Text(), nullable=False),
        sa.Column("step_title", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("old_selector", sa.Text(), nullable=True),
        sa.Column("new_locator", sa.JSON(), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("baseline_digest", sa.String(length=64), nullable=False),
        sa.Column("baseline_selector", sa.Text(), nullable=False),
        sa.Column("candidate_key", sa.String(length=64), nullable=False),
        sa.Column("baseline", sa.JSON(), nullable=True),
        sa.Column("candidate", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=True),
        sa.Column("crop", sa.Text(), nullable=True),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("last_run_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heals")),
    )
    op.create_index(op.f("ix_heals_baseline_digest_status"), "heals", ["baseline_digest", "status"], unique=False)
    op.create_index(op.f("ix_heals_project_status"), "heals", ["project", "status"], unique=False)
    op.create_table(
        "test_executions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("test_name", sa.Text(), nullable=False),
        sa.Column("test_file", sa.Text(), nullable=False),
        sa.Column("example", sa.JSON(), nullable=True),
        sa.Column("example_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("strategy", sa.String(length=16), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("track_effectiveness", sa.Boolean(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=True),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("error_kind", sa.String(length=32), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("owner_host", sa.String(length=255), nullable=False),
        sa.Column("owner_pid", sa.Integer(), nullable=False),
        sa.Column("owner_started", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_executions")),
    )
    op.create_index(
        op.f("ix_test_executions_project_started_at"), "test_executions", ["project", "started_at"], unique=False
    )
    op.create_index(op.f("ix_test_executions_status"), "test_executions", ["status"], unique=False)
    op.create_table(
        "xpath_cache",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("instruction_hash", sa.String(length=64), nullable=False),
        sa.Column("xpath", sa.Text(), nullable=False),
        sa.Column("page_context", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("frame", sa.JSON(), nullable=False),
        sa.Column("locators", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.JSON(), nullable=False),
        sa.Column("candidate_key", sa.String(length=64), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("hit_count", sa.Integer(), nullable=False),
        sa.Column("validation_failures", sa.Integer(), nullable=False),
        sa.Column("last_validated_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xpath_cache")),
        sa.UniqueConstraint("instruction_hash", name=op.f("uq_xpath_cache_instruction_hash")),
    )
    op.create_index(op.f("ix_xpath_cache_project_created_at"), "xpath_cache", ["project", "created_at"], unique=False)
    op.create_table(
        "artifacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("try_ordinal", sa.Integer(), nullable=False),
        sa.Column("step_index", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"],
            ["test_executions.id"],
            name=op.f("fk_artifacts_test_execution_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
    )
    op.create_index(op.f("ix_artifacts_test_execution_id"), "artifacts", ["test_execution_id"], unique=False)
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("try_ordinal", sa.Integer(), nullable=False),
        sa.Column("step_index", sa.Integer(), nullable=False),
        sa.Column("baseline_digest", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("actuator", sa.String(length=16), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("locator", sa.Text(), nullable=True),
        sa.Column("xpath", sa.Text(), nullable=True),
        sa.Column("cache", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("margin", sa.Float(), nullable=True),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("error_kind", sa.String(length=32), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("proposal_id", sa.String(length=64), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"], ["test_executions.id"], name=op.f("fk_steps_test_execution_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint(
            "test_execution_id",
            "try_ordinal",
            "step_index",
            name=op.f("uq_steps_test_execution_id_try_ordinal_step_index"),
        ),
    )
    op.create_index(op.f("ix_steps_baseline_digest"), "steps", ["baseline_digest"], unique=False)
    op.create_table(
        "test_execution_tags",
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"],
            ["test_executions.id"],
            name=op.f("fk_test_execution_tags_test_execution_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("test_execution_id", "tag", name=op.f("pk_test_execution_tags")),
    )
    op.create_table(
        "tier_execution_logs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("try_ordinal", sa.Integer(), nullable=False),
        sa.Column("step_index", sa.Integer(), nullable=False),
        sa.Column("tier_attempted", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("execution_time_ms", sa.Float(), nullable=False),
        sa.Column("tokens_used", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=True),
        sa.Column("cache", sa.String(length=16), nullable=False),
        sa.Column("locator", sa.Text(), nullable=True),
        sa.Column("error_kind", sa.String(length=32), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("extra_data", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["test_execution_id"],
            ["test_executions.id"],
            name=op.f("fk_tier_execution_logs_test_execution_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_execution_logs")),
    )
    op.create_index(
        op.f("ix_tier_execution_logs_test_execution_id_step_index"),
        "tier_execution_logs",
        ["test_execution_id", "step_index"],
        unique=False,
    )
    op.create_table(
        "tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_execution_id", sa.String(length=64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("duration_ms", sa.Float(), nullable=True),
        sa.Column("error_kind", sa.String(length=32), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["test_execution_id"], ["test_executions.id"], name=op.f("fk_tries_test_execution_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tries")),
        sa.UniqueConstraint("test_execution_id", "ordinal", name=op.f("uq_tries_test_execution_id_ordinal")),
    )
