"""Alembic migrations; run by store/migrate.py inside its own transaction."""
