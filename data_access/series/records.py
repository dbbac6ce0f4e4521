"""Exact reads: every record of a series as it was stored."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.database import reading
from data_access.models import Import, Series, Strand, Test
from data_access.series.hot import read_hot
from data_access.series.rows import QUANTITIES, SEQUENCE, TIME, Rows, agree, common, join
from data_access.series.sealed import read_sealed, read_strand
from data_access.series.strands import StrandKey, hidden_imports, replaced_by_or_replacing, visible_strands
from pressiometry.errors import InvalidInputError


def load_records(
    engine: Engine,
    series_id: int,
    columns: Sequence[str] | None = None,
    t_from: float | None = None,
    t_to: float | None = None,
) -> pd.DataFrame:
    """Return the records of a series in order of their sequence: sequence, test_time_second and the columns.

    Without `columns`: every quantity that was ever measured in them.  `t_from` and `t_to` belong to the range.
    """
    names = QUANTITIES if columns is None else tuple(dict.fromkeys((TIME, *columns)))
    with reading(engine) as session:
        rows = read_rows(session, visible_strands(session, [series_id]), names, t_from, t_to)
    shown = [name for name in QUANTITIES if name in rows.columns] if columns is None else names
    return rows.as_table(name for name in shown if name != SEQUENCE)


def load_series(engine: Engine, cell_id: int, source: str | None = None) -> list[Series]:
    """Return the series of a cell in the order of its axis, those of hidden imports left out."""
    with reading(engine) as session:
        return [one for one in visible_series(session, cell_id) if source in (None, one.source)]


def visible_series(session: Session, cell_id: int) -> list[Series]:
    """Return the series of a cell within a session, those of hidden imports left out."""
    query = (
        select(Series).join(Test, Test.id == Series.test_id).where(Test.cell_id == cell_id, Test.deleted_at.is_(None))
    )
    found = session.scalars(query.order_by(Series.offset_second, Series.id)).all()
    hidden = hidden_imports(session, {one.import_id for one in found if one.import_id is not None})
    return [one for one in found if one.import_id not in hidden]


def read_rows(
    session: Session,
    strands: Sequence[StrandKey],
    names: tuple[str, ...],
    t_from: float | None = None,
    t_to: float | None = None,
) -> Rows:
    """Return the rows of some strands of one series, sealed and hot, within a range of time."""
    parts = []
    for key in strands:
        parts.append(read_sealed(session, key, names=names, t_from=t_from, t_to=t_to))
        parts.append(read_hot(session, key, names=names, t_from=t_from, t_to=t_to))
    rows = join(parts)
    inside = np.ones(len(rows), np.bool_)
    if t_from is not None:
        inside &= rows.time >= t_from
    if t_to is not None:
        inside &= rows.time <= t_to
    return rows if inside.all() else rows.take(inside)


def check_restorable(session: Session, row: Import) -> None:
    """Raise InvalidInputError if other records now hold other values under the sequence numbers of the import."""
    series_ids = session.scalars(select(Strand.series_id).where(Strand.import_id == row.id)).all()
    allies = replaced_by_or_replacing(session, row.id)
    for other in visible_strands(session, series_ids):
        if other.import_id in allies:
            continue
        own, there = read_strand(session, StrandKey(other.series_id, row.id)), read_strand(session, other)
        at, there_at = common(own, there)
        if not agree(own, at, there, there_at).all():
            raise InvalidInputError(
                "The import cannot be restored: other records now stand in the place of its records",
                where=row.name,
                remedy="Delete the import that holds them first.",
            )
