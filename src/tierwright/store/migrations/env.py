"""Alembic's entry: runs on the connection it is given, in the transaction that is already open."""

from __future__ import annotations

from alembic import context

from tierwright.store import platform_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=platform_tables.users.metadata,
    transactional_ddl=False,  # the caller's transaction holds everything, the lock too
    render_as_batch=True,
)
context.run_migrations()
