"""Why a schedule started nothing, and indexes for the newest runs of suites and schedules.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give schedules their last error, and runs two more indexes."""
    op.add_column("schedules", sa.Column("last_error", sa.Text(), nullable=True))
    for column in ("suite_id", "schedule_id"):
        name = op.f(f"ix_test_executions_{column}_queued_at")
        op.create_index(name, "test_executions", [column, "queued_at"], unique=False)
