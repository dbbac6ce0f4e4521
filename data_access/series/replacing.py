"""One quantity that is made from another, replaced as a whole: a pressure when the force area changes."""

from collections.abc import Callable, Sequence

import numpy as np
from sqlalchemy import Engine, bindparam, delete, func, select, update
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


def derive_column(engine: Engine, series_id: int, column: str, source: str, make: Callable[[Floats], Floats]) -> bool:
    """Return whether one quantity of a series had to be made from another anew; rows may come meanwhile.

    Only for what is computed from stored values: a value that was measured is never altered.
    """
    with writing(engine) as session:
        lock_test(session, series_id)
        strands = visible_strands(session, [series_id])
        rows = read_rows(session, strands, (TIME, column, source))
        values = make(rows.column(source))
        if np.allclose(values, rows.column(column), rtol=1e-9, atol=0.0, equal_nan=True):
            return False
        _replace(session, strands, column, rows.sequence, values)
        return True


def _replace(session: Session, strands: Sequence[StrandKey], column: str, sequence: Integers, values: Floats) -> None:
    for key in strands:
        _replace_hot(session, key, column, sequence, values)
        _replace_sealed(session, key, column, sequence, values)


def _replace_hot(session: Session, key: StrandKey, column: str, sequence: Integers, values: Floats) -> None:
    of_strand = (Hot.series_id == key.series_id, Hot.import_id == key.import_id)
    numbers = session.scalars(select(Hot.sequence).where(*of_strand)).all()
    made = values[np.searchsorted(sequence, numbers)].tolist() if numbers else []
    new = [
        {"of_sequence": number, "made": None if np.isnan(value) else value}
        for number, value in zip(numbers, made, strict=True)
    ]
    if new:
        own = (HOT.c.series_id == key.series_id, HOT.c.import_id == key.import_id)
        one = update(HOT).where(*own, HOT.c.sequence == bindparam("of_sequence")).values({column: bindparam("made")})
        session.execute(one, new)


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
