"""Writes of records: live rows, whole files, sealing.  A row that is stored is never altered."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import orjson
import pandas as pd
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data_access.database import reading, writing
from data_access.models import Import, Quarantine, Series, Strand, Test
from data_access.record_models import CHUNK, LIVE
from data_access.series.hot import delete_hot, hot_extent, insert_hot, read_hot
from data_access.series.pyramid import extend, rebuild
from data_access.series.rows import Rows, agree, common, join, rows_of
from data_access.series.sealed import (
    CHUNK_RECORDS,
    chunk_rows,
    delete_chunks,
    insert_chunks,
    last_span,
    one_span,
    reaching,
    read_sealed,
    read_strand,
    record_gaps,
    spans,
)
from data_access.series.strands import StrandKey, ensure_strand, replaced_by_or_replacing, visible_strands
from pressiometry.errors import InvalidInputError, NotFoundError

TRANSACTION_RECORDS = 65_536
"""A bulk write holds the database for this many records at most, so that live writers are not starved."""
_TEST_LOCKS = 0x7465  # PostgreSQL advisory locks of tests


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the rows of one write; a row that another import holds too is stored and a duplicate."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        """Return the sums."""
        return Stored(
            self.stored + other.stored, self.duplicate + other.duplicate, self.quarantined + other.quarantined
        )


def create_series(  # noqa: PLR0913, PLR0917  # what a series is
    engine: Engine,
    test_id: int,
    source: str,
    channel: str,
    clock: str,
    offset_second: float = 0.0,
    *,
    import_id: int | None = None,
) -> Series:
    """Return a new series of a test: `source` is "cycler" or "logger" (of force, pressure, thickness or strain).

    A series that one import alone makes names it, and is hidden and discarded with it.
    """
    with writing(engine) as session:
        if session.get(Test, test_id) is None:
            raise NotFoundError(f"There is no test {test_id}")
        row = Series(
            test_id=test_id,
            source=source,
            channel=channel,
            clock=clock,
            offset_second=offset_second,
            import_id=import_id,
        )
        session.add(row)
        session.flush()
        return row


def append_rows(engine: Engine, series_id: int, table: pd.DataFrame, import_id: int | None = None) -> Stored:
    """Return what became of live rows: new ones are stored, equal ones ignored, differing ones kept in quarantine."""
    rows, twice = _once(rows_of(table))
    if not len(rows):
        return Stored()
    with writing(engine) as session:
        key = StrandKey(series_id, import_id or LIVE)
        _begin(session, key)
        counts, new = _admit(session, key, rows, twice)
        insert_hot(session, key, new)
        return counts


def store_records(
    engine: Engine,
    series_id: int,
    table: pd.DataFrame,
    import_id: int | None,
    *,
    progress: Callable[[float], None] | None = None,
) -> Stored:
    """Return what became of the records of a file, stored and sealed in transactions of 65,536 records.

    Repeating a write that was interrupted completes it.  `progress` is told the fraction that is done.
    """
    rows, twice = _once(rows_of(table))
    key, total, start = StrandKey(series_id, import_id or LIVE), Stored(), 0
    end = _first_part(engine, key)
    while start < len(rows):
        part = rows.take(slice(start, end))
        total += _store_part(engine, key, part, twice if end >= len(rows) else None)
        if progress is not None:
            progress((start + len(part)) / len(rows))
        start, end = end, end + TRANSACTION_RECORDS
    _finish_levels(engine, key)
    return total


def seal(engine: Engine, series_id: int) -> int:
    """Return how many hot rows of the series were sealed into chunks; done when a test or an upload ends."""
    sealed = 0
    with reading(engine) as session:
        import_ids = session.scalars(select(Strand.import_id).where(Strand.series_id == series_id)).all()
    for import_id in import_ids:
        key = StrandKey(series_id, import_id)
        while count := _seal_part(engine, key):
            sealed += count
        _finish_levels(engine, key)
    return sealed


def _first_part(engine: Engine, key: StrandKey) -> int:
    """Return how many rows to store first, so that they fill the partial last chunk and the others begin full ones."""
    with reading(engine) as session:
        end = last_span(session, key)
    return TRANSACTION_RECORDS - (0 if end is None else end.n % CHUNK_RECORDS)


def _store_part(engine: Engine, key: StrandKey, part: Rows, twice: Rows | None) -> Stored:
    """Store one transaction's worth of sorted rows; encoded before the lock is taken where nothing overlaps."""
    made = chunk_rows(key, part)
    with writing(engine) as session:
        _begin(session, key)
        counts, new = _admit(session, key, part, twice)
        if not len(new):
            return counts
        end = last_span(session, key)
        appended = end is None or (end.seq1 < new.sequence[0] and end.n >= CHUNK_RECORDS)
        if appended and len(new) == len(part):
            insert_chunks(session, made)
            record_gaps(session, key, new)
        else:
            _write_sealed(session, key, new)
        while extend(session, key, final=False):
            pass
        return counts


def _seal_part(engine: Engine, key: StrandKey) -> int:
    with writing(engine) as session:
        lock_test(session, key.series_id)
        rows = read_hot(session, key, limit=TRANSACTION_RECORDS)
        if len(rows):
            delete_hot(session, key, int(rows.sequence[0]), int(rows.sequence[-1]))
            _write_sealed(session, key, rows)
        return len(rows)


def _finish_levels(engine: Engine, key: StrandKey) -> None:
    """Bring every level up to the last sealed record, a chunk's worth at a time."""
    lags = True
    while lags:
        with writing(engine) as session:
            lock_test(session, key.series_id)
            lags = extend(session, key, final=True)


def _write_sealed(session: Session, key: StrandKey, rows: Rows) -> None:
    """Seal rows that are not sealed yet, reopening the chunks that they overlap and a partial one before them."""
    low, high = int(rows.sequence[0]), int(rows.sequence[-1])
    c = CHUNK.c
    over = spans(session, key, 0, *reaching(key, 0, low), c.seq0 <= high)
    before = one_span(session, key, 0, c.seq0 < (over[0].seq0 if over else low), last=True)
    reopened = ([before] if before is not None and before.n < CHUNK_RECORDS else []) + over
    even = one_span(session, key, 0, c.seq0 > high) is not None
    if reopened:
        seq0, seq1 = reopened[0].seq0, reopened[-1].seq1
        rows = join((read_sealed(session, key, seq_from=seq0, seq_to=seq1), rows))
        delete_chunks(session, key, 0, seq0, seq1)
    insert_chunks(session, chunk_rows(key, rows, even=even))
    record_gaps(session, key, rows)
    rebuild(session, key, int(rows.sequence[0]), int(rows.sequence[-1]))


def _begin(session: Session, key: StrandKey) -> None:
    """Lock the test and note the strand; a deleted import takes no rows."""
    lock_test(session, key.series_id)
    row = session.get(Import, key.import_id)
    if row is not None and row.deleted_at is not None:
        raise InvalidInputError(
            "The import was deleted: it takes no records", where=row.name, remedy="Restore it first."
        )
    ensure_strand(session, key)


def lock_test(session: Session, series_id: int) -> None:
    """Let one writer at a time into the test of a series; SQLite has one writer anyway."""
    test_id = session.scalar(select(Series.test_id).where(Series.id == series_id))
    if test_id is None:
        raise NotFoundError(f"There is no series {series_id}")
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_TEST_LOCKS, test_id)))


def _once(rows: Rows) -> tuple[Rows, Rows]:
    """Split sorted rows: the first of each sequence number, and the repetitions."""
    if not len(rows):
        return rows, rows
    fresh = np.diff(rows.sequence, prepend=rows.sequence[0] - 1) > 0
    return (rows, rows.take(slice(0, 0))) if fresh.all() else (rows.take(fresh), rows.take(~fresh))


def _admit(session: Session, key: StrandKey, rows: Rows, twice: Rows | None) -> tuple[Stored, Rows]:
    """Return what becomes of rows, and those that are new to the strand; differing ones go to quarantine."""
    known = np.zeros(len(rows), np.bool_)  # equal in this strand already
    elsewhere = np.zeros(len(rows), np.bool_)  # equal in another strand: kept, so that deleting one keeps the other
    differing = np.zeros(len(rows), np.bool_)
    low, high = int(rows.sequence[0]), int(rows.sequence[-1])
    for strand in {key, *visible_strands(session, [key.series_id])}:
        if not _reaches(session, strand, low, high):
            continue
        if strand != key and strand.import_id in replaced_by_or_replacing(session, key.import_id):
            continue
        there = read_strand(session, strand, seq_from=low, seq_to=high)
        at, there_at = common(rows, there)
        equal = agree(rows, at, there, there_at)
        differing[at[~equal]] = True
        (known if strand == key else elsewhere)[at[equal]] = True
    new = rows.take(~known & ~differing)
    extra = _repeated(session, key, rows, twice) if twice is not None and len(twice) else Stored()
    _quarantine(session, key, rows.take(differing))
    duplicate = int((known | (elsewhere & ~differing)).sum())
    return Stored(len(new), duplicate, int(differing.sum())) + extra, new


def _repeated(session: Session, key: StrandKey, rows: Rows, twice: Rows) -> Stored:
    """Judge the rows that stand twice in one table by the first of them."""
    at, first_at = common(twice, rows)
    differing = np.zeros(len(twice), np.bool_)
    differing[at] = ~agree(twice, at, rows, first_at)
    _quarantine(session, key, twice.take(differing))
    return Stored(0, len(twice) - int(differing.sum()), int(differing.sum()))


def _reaches(session: Session, strand: StrandKey, low: int, high: int) -> bool:
    end = last_span(session, strand)
    if end is not None and end.seq1 >= low:
        return True
    hot = hot_extent(session, strand)
    return hot is not None and hot[1] >= low and hot[0] <= high


def _quarantine(session: Session, key: StrandKey, rows: Rows) -> None:
    """Keep differing rows aside, each once."""
    reason = "another row with this sequence number and other values is stored"
    for i in range(len(rows)):
        values = {name: one for name, column in rows.columns.items() if (one := float(column[i])) == one}
        line, text = int(rows.sequence[i]), orjson.dumps(values).decode()
        where = (Quarantine.series_id == key.series_id, Quarantine.import_id == key.import_id, Quarantine.line == line)
        if session.scalar(select(Quarantine.id).where(*where, Quarantine.text == text)) is None:
            session.add(
                Quarantine(series_id=key.series_id, import_id=key.import_id, line=line, text=text, reason=reason)
            )
            session.flush()
