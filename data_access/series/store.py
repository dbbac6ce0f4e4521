"""Writes of records: live rows, whole files, sealing.  A row that is stored is never altered."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine, bindparam, delete, func, select
from sqlalchemy.orm import Session

from data_access.database import reading, writing
from data_access.models import Gap, Import, Series, Strand, Test
from data_access.record_models import CHUNK, LIVE
from data_access.series.admission import Stored, admit, once
from data_access.series.hot import delete_hot, insert_hot, read_hot
from data_access.series.pyramid import extend, rebuild, takes_whole_chunks, whole_chunks
from data_access.series.rows import Rows, join, rows_of
from data_access.series.sealed import (
    CHUNK_RECORDS,
    append_gaps,
    chunk_rows,
    delete_chunks,
    insert_chunks,
    last_span,
    one_span,
    reaching,
    read_sealed,
    record_gaps,
    spans,
)
from data_access.series.strands import StrandKey, ensure_strand
from pressiometry.errors import InvalidInputError, NotFoundError

TRANSACTION_RECORDS = 65_536
"""A bulk write holds the database for this many records at most, so that live writers are not starved."""
ENCODERS = 2
"""Parts of a bulk write that are encoded at once: encoding takes longer than writing."""
_TEST_OF = select(Series.id, Series.test_id).where(Series.id == bindparam("series_id"))
_TEST_LOCKS = 0x7465  # PostgreSQL advisory locks of tests
_SERIES_LOCKS = 0x7365  # and of series that belong to none yet


def create_series(  # noqa: PLR0913, PLR0917  # what a series is
    engine: Engine,
    test_id: int,
    source: str,
    channel: str,
    clock: str,
    offset_second: float = 0.0,
    *,
    import_id: int | None = None,
    local_zero_second: float | None = None,
) -> Series:
    """Return a new series of a test: `source` is "cycler" or "logger" (of force, pressure, thickness or strain).

    `local_zero_second` is the instrument's date at the zero of the clock, in s since 1970, where it names no zone.
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
            local_zero_second=local_zero_second,
        )
        session.add(row)
        session.flush()
        return row


def append_rows(engine: Engine, series_id: int, table: pd.DataFrame, import_id: int | None = None) -> Stored:
    """Return what became of live rows: new ones are stored, equal ones ignored, differing ones kept in quarantine."""
    rows, twice = once(rows_of(table))
    if not len(rows):
        return Stored()
    with writing(engine) as session:
        key = StrandKey(series_id, import_id or LIVE)
        _begin(session, key)
        counts, new = admit(session, key, rows, twice)
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
    rows, twice = once(rows_of(table))
    key, total, done = StrandKey(series_id, import_id or LIVE), Stored(), 0
    with ThreadPoolExecutor(ENCODERS) as encoders:
        for part in _encoded(encoders, key, _parts(rows, _first_part(engine, key))):
            done += len(part.rows)
            total += _store_part(engine, key, part, twice if done == len(rows) else None)
            if progress is not None:
                progress(done / len(rows))
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


@dataclass(frozen=True, slots=True)
class _Part:
    """One transaction's worth of sorted rows, encoded for the case that they follow all that is stored."""

    rows: Rows
    chunks: list[dict[str, object]]
    buckets: list[dict[str, object]]


def _parts(rows: Rows, end: int) -> Iterator[Rows]:
    """Cut the rows into transactions, the first one up to `end`."""
    start = 0
    while start < len(rows):
        yield rows.take(slice(start, end))
        start, end = end, end + TRANSACTION_RECORDS


def _encoded(encoders: Executor, key: StrandKey, parts: Iterable[Rows]) -> Iterator[_Part]:
    """Encode parts while those before them are written: pcodec and the commit both let other threads run."""
    ahead: deque[Future[_Part]] = deque()
    for part in parts:
        ahead.append(encoders.submit(_encode, key, part))
        if len(ahead) > ENCODERS:
            yield ahead.popleft().result()
    for last in ahead:
        yield last.result()


def _encode(key: StrandKey, part: Rows) -> _Part:
    return _Part(part, chunk_rows(key, part), whole_chunks(key, part))


def _store_part(engine: Engine, key: StrandKey, part: _Part, twice: Rows | None) -> Stored:
    """Store one transaction's worth of sorted rows, as they were encoded where nothing overlaps."""
    with writing(engine) as session:
        _begin(session, key)
        counts, new = admit(session, key, part.rows, twice)
        if not len(new):
            return counts
        end = last_span(session, key)
        follows = end is None or (end.seq1 < new.sequence[0] and end.n >= CHUNK_RECORDS)
        if follows and len(new) == len(part.rows):
            append_gaps(session, key, new, end)
            buckets = part.buckets if takes_whole_chunks(session, key, end) else []
            insert_chunks(session, part.chunks + buckets)
        else:
            _write_sealed(session, key, new)
        return counts


def _seal_part(engine: Engine, key: StrandKey) -> int:
    with writing(engine) as session:
        lock_test(session, key.series_id)
        rows = read_hot(session, key, limit=TRANSACTION_RECORDS)
        if len(rows):
            delete_hot(session, key, int(rows.sequence[0]), int(rows.sequence[-1]))
            _write_sealed(session, key, rows)
        return len(rows)


def unseal_from(session: Session, key: StrandKey, sequence: int) -> None:
    """Make the sealed rows from a sequence number on hot again, as they were before they were sealed."""
    c = CHUNK.c
    over = spans(session, key, 0, *reaching(key, 0, sequence))
    if not over:
        return
    rows = read_sealed(session, key, seq_from=over[0].seq0)
    delete_chunks(session, key, 0, over[0].seq0, over[-1].seq0)
    session.execute(delete(CHUNK).where(c.series_id == key.series_id, c.import_id == key.import_id, c.level > 0))
    gaps = (Gap.series_id == key.series_id, Gap.import_id == key.import_id)
    session.execute(delete(Gap).where(*gaps, Gap.sequence >= over[0].seq0))
    insert_hot(session, key, rows)


def _finish_levels(engine: Engine, key: StrandKey) -> None:
    """Bring every level up to the last sealed record, a chunk's worth at a time."""
    lags = True
    while lags:
        with writing(engine) as session:
            lock_test(session, key.series_id)
            lags = extend(session, key)


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
    row = None if key.import_id == LIVE else session.get(Import, key.import_id)
    if row is not None and row.deleted_at is not None:
        raise InvalidInputError(
            "The import was deleted: it takes no records", where=row.name, remedy="Restore it first."
        )
    ensure_strand(session, key)


def lock_test(session: Session, series_id: int) -> None:
    """Let one writer at a time into the test of a series; SQLite has one writer anyway."""
    found = session.execute(_TEST_OF, {"series_id": series_id}).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no series {series_id}")
    before = None
    while found != before and session.get_bind().dialect.name == "postgresql":
        lock_tests(session, [(series_id, found.test_id)])
        before = found  # it may have been given to another test while this waited
        found = session.execute(_TEST_OF, {"series_id": series_id}).one()


def lock_tests(session: Session, series: Iterable[tuple[int, int | None]]) -> None:
    """Lock the tests of several series, (series, test) each, in one order: two writers never wait in a ring."""
    if session.get_bind().dialect.name != "postgresql":
        return
    of_test = (_TEST_LOCKS, _SERIES_LOCKS)
    locks = {(of_test[test_id is None], test_id or series_id) for series_id, test_id in series}
    for kind, number in sorted(locks):
        session.execute(select(func.pg_advisory_xact_lock(kind, number)))
