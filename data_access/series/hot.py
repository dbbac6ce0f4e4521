"""Hot rows: the recent records of a strand, one database row each."""

import numpy as np
from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data_access.record_models import HOT
from data_access.series.rows import QUANTITIES, TIME, Rows, is_measured
from data_access.series.strands import StrandKey

_TABLE = HOT
_LIMIT_A_STATEMENT = 1000
_EXTENT = select(func.min(_TABLE.c.sequence), func.max(_TABLE.c.sequence)).where(  # made once: asked all the time
    _TABLE.c.series_id == bindparam("series_id"), _TABLE.c.import_id == bindparam("import_id")
)


def _of(key: StrandKey) -> tuple[ColumnElement[bool], ...]:
    return (_TABLE.c.series_id == key.series_id, _TABLE.c.import_id == key.import_id)


def insert_hot(session: Session, key: StrandKey, rows: Rows) -> None:
    """Insert rows that are new; a row that is already there stays as it is."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    names = list(rows.columns)
    columns = [[None if value != value else value for value in rows.columns[name].tolist()] for name in names]  # noqa: PLR0124
    records = [
        {
            "series_id": key.series_id,
            "import_id": key.import_id,
            "sequence": sequence,
            **dict(zip(names, row, strict=True)),
        }
        for sequence, *row in zip(rows.sequence.tolist(), *columns, strict=True)
    ]
    for start in range(0, len(records), _LIMIT_A_STATEMENT):
        session.execute(insert(_TABLE).on_conflict_do_nothing(), records[start : start + _LIMIT_A_STATEMENT])


def read_hot(  # noqa: PLR0913
    session: Session,
    key: StrandKey,
    *,
    names: tuple[str, ...] = QUANTITIES,
    seq_from: int | None = None,
    seq_to: int | None = None,
    t_from: float | None = None,
    t_to: float | None = None,
    limit: int | None = None,
    newest: bool = False,
) -> Rows:
    """Return hot rows in order of their sequence: the first `limit` of them, or the `newest`."""
    wanted = tuple(dict.fromkeys((TIME, *names)))
    query = select(_TABLE.c.sequence, *(_TABLE.c[name] for name in wanted)).where(*_of(key))
    if seq_from is not None:
        query = query.where(_TABLE.c.sequence >= seq_from)
    if seq_to is not None:
        query = query.where(_TABLE.c.sequence <= seq_to)
    if t_from is not None:
        query = query.where(_TABLE.c[TIME] >= t_from)
    if t_to is not None:
        query = query.where(_TABLE.c[TIME] <= t_to)
    order = _TABLE.c.sequence.desc() if newest else _TABLE.c.sequence
    found = session.execute(query.order_by(order).limit(limit)).all()
    found = found[::-1] if newest else found
    columns = list(zip(*found, strict=True)) or [()] * (len(wanted) + 1)
    values = {name: np.array(column, np.float64) for name, column in zip(wanted, columns[1:], strict=True)}
    kept = {name: one for name, one in values.items() if name == TIME or is_measured(one)}
    return Rows(np.array(columns[0], np.int64), kept)


def measured_in_hot(session: Session, key: StrandKey) -> set[str]:
    """Return the quantities that any hot row of the strand has."""
    counts = session.execute(select(*(func.count(_TABLE.c[name]) for name in QUANTITIES)).where(*_of(key))).one()
    return {name for name, count in zip(QUANTITIES, counts, strict=True) if count}


def hot_times(session: Session, key: StrandKey) -> tuple[float, float, int] | None:
    """Return the smallest and largest raw time of the hot rows and how many they are, or None."""
    time = _TABLE.c[TIME]
    low, high, count = session.execute(select(func.min(time), func.max(time), func.count()).where(*_of(key))).one()
    return (float(low), float(high), int(count)) if count else None


def delete_hot(session: Session, key: StrandKey, seq_from: int, seq_to: int) -> None:
    """Delete hot rows that have just been sealed."""
    session.execute(delete(_TABLE).where(*_of(key), _TABLE.c.sequence.between(seq_from, seq_to)))


def hot_extent(session: Session, key: StrandKey) -> tuple[int, int] | None:
    """Return the first and last sequence number of the hot rows, or None."""
    asked = {"series_id": key.series_id, "import_id": key.import_id}
    low, high = session.execute(_EXTENT, asked).one()
    return None if low is None else (int(low), int(high))
