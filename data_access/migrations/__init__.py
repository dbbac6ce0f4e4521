"""Alembic migrations: from the first table on, each in one transaction."""
