"""The queue's own indexes: runs that wait, in the order of their claims, and runs that are made.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_RUNS = "test_executions"


def upgrade() -> None:
    """Index the few runs that wait or are made, instead of the status of all."""
    _index("waiting", "queued", ["project", "priority", "queued_at", "id"])
    _index("running", "running", ["project"])
    op.drop_index(op.f("ix_test_executions_status"), _RUNS)
    op.drop_index(op.f("ix_test_executions_status_lease_until"), _RUNS)
    if op.get_bind().dialect.name == "postgresql":
        # Room in each page for a row's next version: a renewed lease then stays in its page and touches no index.
        op.execute(sa.text(f"ALTER TABLE {_RUNS} SET (fillfactor = 70)"))


def _index(name: str, status: str, columns: list[str]) -> None:
    where = sa.text(f"status = '{status}'")
    op.create_index(f"ix_{_RUNS}_{name}", _RUNS, columns, postgresql_where=where, sqlite_where=where)
