"""The database: one schema, SQLite or PostgreSQL."""
