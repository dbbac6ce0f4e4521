"""The records of one import, whether reads see them or not: what a restoration is judged by."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.database import reading
from data_access.models import Import, Series, Strand
from data_access.series.records import read_rows, visible_series
from data_access.series.rows import TIME
from data_access.series.strands import StrandKey, replaced_by_or_replacing


def load_import_series(engine: Engine, import_id: int) -> list[Series]:
    """Return the series that an import brought records to, also while it is deleted."""
    query = select(Series).join(Strand, Strand.series_id == Series.id).where(Strand.import_id == import_id)
    with reading(engine) as session:
        return list(session.scalars(query.order_by(Series.id)))


def load_import_records(engine: Engine, series_id: int, import_id: int, columns: Sequence[str]) -> pd.DataFrame:
    """Return the records that an import brought to a series: sequence, test_time_second and the columns."""
    names = tuple(dict.fromkeys((TIME, *columns)))
    with reading(engine) as session:
        return read_rows(session, [StrandKey(series_id, import_id)], names).as_table(names)


def load_rivals(engine: Engine, job: Import) -> list[Series]:
    """Return the visible series of the cell that a restoration of this import would stand beside."""
    with reading(engine) as session:
        return find_rivals(session, job)


def find_rivals(session: Session, job: Import) -> list[Series]:
    """Return them within a session.  Imports that this one replaces, or that replace it, are never seen beside it."""
    if job.cell_id is None:
        return []
    allies = {job.id, *replaced_by_or_replacing(session, job.id)}
    return [one for one in visible_series(session, job.cell_id) if one.import_id not in allies]
