"""The append-only record of changes: what an object was before and after, as JSON."""

from datetime import datetime
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from data_access.base import Base
from data_access.models import Change


def as_json(value: Any) -> Any:
    """Return a stored value as JSON can carry it.

    >>> as_json(datetime.fromisoformat("2026-11-22T15:01:11+00:00"))
    '2026-11-22T15:01:11+00:00'
    """
    return value.isoformat() if isinstance(value, datetime) else value


def values_of(row: Base) -> dict[str, Any]:
    """Return every value of a row as JSON can carry it, by attribute name."""
    return {column.key: as_json(getattr(row, column.key)) for column in inspect(row).mapper.column_attrs}


def record_change(  # noqa: PLR0913  # a change has that many parts
    session: Session,
    row: Any,
    action: str,
    *,
    who: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    undoes_id: int | None = None,
) -> Change:
    """Append one change of the row within the session's transaction."""
    change = Change(
        who=who,
        action=action,
        kind=row.__tablename__,
        object_id=row.id,
        before=before or {},
        after=after or {},
        undoes_id=undoes_id,
    )
    session.add(change)
    session.flush()
    return change
