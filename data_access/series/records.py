"""Exact reads: every record of a series as it was stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from operator import ge, le

import numpy as np
import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.database import reading
from data_access.models import Import, Series, Strand, Test
from data_access.series.hot import measured_in_hot, read_hot
from data_access.series.rows import QUANTITIES, SEQUENCE, TIME, Rows, agree, common, join
from data_access.series.sealed import measured_in_chunks, read_sealed, read_strand, spans
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
        rows = read_rows(session, visible_strands(session, [series_id]), names, Range(t_from, t_to))
    shown = [name for name in QUANTITIES if name in rows.columns] if columns is None else names
    return rows.as_table(name for name in shown if name != SEQUENCE)


def load_measured(engine: Engine, series_id: int) -> frozenset[str]:
    """Return the quantities that any record of a series has."""
    with reading(engine) as session:
        return frozenset(measured(session, visible_strands(session, [series_id])))


def measured(session: Session, strands: Sequence[StrandKey]) -> set[str]:
    """Return the quantities that any record of the strands has."""
    found: set[str] = set()
    for key in strands:
        found |= measured_in_chunks(session, key) | measured_in_hot(session, key)
    return found


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


@dataclass(frozen=True, slots=True)
class Range:
    """Which records are read: by the raw clock and by sequence number; the limits belong to it."""

    t_from: float | None = None
    t_to: float | None = None
    seq_from: int | None = None
    seq_to: int | None = None


EVERYTHING = Range()


def read_rows(
    session: Session, strands: Sequence[StrandKey], names: tuple[str, ...], within: Range = EVERYTHING
) -> Rows:
    """Return the rows of some strands of one series, sealed and hot, within a range."""
    limits = asdict(within)
    parts = []
    for key in strands:
        parts.append(read_sealed(session, key, names=names, **limits))
        parts.append(read_hot(session, key, names=names, **limits))
    rows = join(parts)
    inside = np.ones(len(rows), np.bool_)
    for values, compare, bound in (
        (rows.time, ge, within.t_from), (rows.time, le, within.t_to),
        (rows.sequence, ge, within.seq_from), (rows.sequence, le, within.seq_to),
    ):  # fmt: skip
        if bound is not None:
            inside &= compare(values, bound)
    return rows if inside.all() else rows.take(inside)


def windows(session: Session, strands: Sequence[StrandKey], size: int | None) -> list[tuple[int | None, int | None]]:
    """Return ranges of sequence numbers that together hold every record, each about `size` of them; None: one range.

    Cut where chunks end; hot rows are few and lie in the last range mostly.
    """
    if size is None:
        return [(None, None)]
    cuts, count = [], 0
    for span in sorted((span for key in strands for span in spans(session, key, 0)), key=lambda span: span.seq1):
        count += span.n
        if count >= size:
            cuts.append(span.seq1)
            count = 0
    return list(zip([None, *(cut + 1 for cut in cuts)], [*cuts, None], strict=True))


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
