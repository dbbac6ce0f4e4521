"""One quantity that is made from another, replaced as a whole: a pressure when the force area changes."""

import numpy as np
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from data_access.codec import Floats, Integers
from data_access.database import writing
from data_access.models import Hot
from data_access.record_models import CHUNK, HOT
from data_access.series.pyramid import bucket_column, read_items
from data_access.series.records import read_rows
from data_access.series.rows import SEQUENCE, TIME
from data_access.series.sealed import chunk_row, insert_chunks, spans
from data_access.series.store import lock_test
from data_access.series.strands import StrandKey, visible_strands
from pressiometry.errors import InvalidInputError


def replace_column(engine: Engine, series_id: int, column: str, values: Floats) -> None:
    """Replace one quantity of every record of a series; `values` are in the order of `load_records`.

    Only for what is computed from stored values: a value that was measured is never altered.
    """
    with writing(engine) as session:
        lock_test(session, series_id)
        strands = visible_strands(session, [series_id])
        rows = read_rows(session, strands, (TIME,))
        if len(rows) != len(values):
            raise InvalidInputError(f"{len(values)} values cannot replace {column} of {len(rows)} records")
        numbers = np.asarray(values, np.float64)
        for key in strands:
            _replace_hot(session, key, column, rows.sequence, numbers)
            _replace_sealed(session, key, column, rows.sequence, numbers)


def _replace_hot(session: Session, key: StrandKey, column: str, sequence: Integers, values: Floats) -> None:
    of_strand = (Hot.series_id == key.series_id, Hot.import_id == key.import_id)
    for number in session.scalars(select(Hot.sequence).where(*of_strand)).all():
        value = float(values[np.searchsorted(sequence, number)])
        plain = None if np.isnan(value) else value
        session.execute(update(HOT).where(*of_strand, Hot.sequence == number).values({column: plain}))


def _replace_sealed(session: Session, key: StrandKey, column: str, sequence: Integers, values: Floats) -> None:
    c = CHUNK.c
    of_strand = (c.series_id == key.series_id, c.import_id == key.import_id)
    session.execute(delete(CHUNK).where(*of_strand, c.quantity == column))
    top = session.scalar(select(func.max(c.level)).where(*of_strand, c.quantity == SEQUENCE))
    for level in range(0 if top is None else top + 1):
        for span in spans(session, key, level):
            if level == 0:
                own = read_items(session, key, 0, names=(TIME,), seq_from=span.seq0, seq_to=span.seq1)
                made = values[np.searchsorted(sequence, own.seq0)]
            else:
                below = read_items(session, key, level - 1, names=(column,), seq_from=span.seq0, seq_to=span.seq1)
                if column not in below.low:
                    continue
                made = bucket_column(below, column)
            if not np.isnan(made).all():
                insert_chunks(session, [chunk_row(key, level, column, span, made, size=span.n)])
