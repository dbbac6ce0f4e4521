"""How long a deletion can be undone."""

from datetime import datetime, timedelta

from data_access.base import now

BIN_DAYS = 30
"""A deletion can be undone for this long."""


def is_over(deleted_at: datetime | None) -> bool:
    """Return whether something was deleted so long ago that it can no longer be undone."""
    return deleted_at is not None and deleted_at < now() - timedelta(days=BIN_DAYS)
