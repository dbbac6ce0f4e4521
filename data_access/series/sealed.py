"""Sealed records: compressed column chunks of one strand, level 0; and the whole strand with its hot rows."""

from collections import defaultdict
from dataclasses import dataclass
from operator import ge, le

import numpy as np
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from data_access.codec import Floats, Integers, Values, decode, encode
from data_access.models import Gap
from data_access.record_models import CHUNK
from data_access.series.gaps import NEIGHBOURS, find_gaps
from data_access.series.hot import read_hot
from data_access.series.rows import EMPTY, QUANTITIES, SEQUENCE, TIME, Rows, is_measured, join
from data_access.series.strands import StrandKey

CHUNK_RECORDS = 16_384
"""Values of a chunk at level 0 (docs/decisions: chunk sizes were measured)."""

_TABLE = CHUNK
_CODEC = "pcodec"
_NEIGHBOURS = NEIGHBOURS + 1  # records on either side by which an interval is judged
_GAP_QUANTITIES = (TIME, "current_ampere")


# What every transaction of a bulk write asks is made once: making it takes longer than answering it.
_OF_STRAND = (_TABLE.c.series_id == bindparam("series_id"), _TABLE.c.import_id == bindparam("import_id"))
_LAST_SPAN = (
    select(_TABLE.c.seq0, _TABLE.c.seq1, _TABLE.c.t0, _TABLE.c.t1, _TABLE.c.n)
    .where(*_OF_STRAND, _TABLE.c.level == bindparam("level"), _TABLE.c.quantity == SEQUENCE)
    .order_by(_TABLE.c.seq0.desc())
    .limit(1)
)
_EDGE = select(_TABLE.c.quantity, _TABLE.c.crc, _TABLE.c.data).where(
    *_OF_STRAND,
    _TABLE.c.level == 0,
    _TABLE.c.quantity.in_((SEQUENCE, *_GAP_QUANTITIES)),
    _TABLE.c.seq0 == bindparam("seq0"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """Where one chunk stands: its sequence numbers, times and number of values."""

    seq0: int
    seq1: int
    t0: float
    t1: float
    n: int


def of_level(key: StrandKey, level: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that select the chunks of one level of a strand."""
    return (_TABLE.c.series_id == key.series_id, _TABLE.c.import_id == key.import_id, _TABLE.c.level == level)


def reaching(key: StrandKey, level: int, seq_from: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for chunks that reach a sequence number or lie behind it.

    Chunks do not overlap: the one that holds it is the last that begins before it, which an index finds.
    """
    c = _TABLE.c
    before = select(func.max(c.seq0)).where(*of_level(key, level), c.quantity == SEQUENCE, c.seq0 <= seq_from)
    return (c.seq1 >= seq_from, c.seq0 >= func.coalesce(before.scalar_subquery(), seq_from))


def spans(session: Session, key: StrandKey, level: int, *where: ColumnElement[bool]) -> list[Span]:
    """Return where the chunks of a level stand, in order."""
    c = _TABLE.c
    query = select(c.seq0, c.seq1, c.t0, c.t1, c.n).where(*of_level(key, level), c.quantity == SEQUENCE, *where)
    return sorted((Span(*row) for row in session.execute(query)), key=lambda span: span.seq0)


def one_span(
    session: Session, key: StrandKey, level: int, *where: ColumnElement[bool], last: bool = False
) -> Span | None:
    """Return where the first or last chunk of a level that meets the conditions stands, or None."""
    c = _TABLE.c
    query = select(c.seq0, c.seq1, c.t0, c.t1, c.n).where(*of_level(key, level), c.quantity == SEQUENCE, *where)
    row = session.execute(query.order_by(c.seq0.desc() if last else c.seq0).limit(1)).one_or_none()
    return None if row is None else Span(*row)


def last_span(session: Session, key: StrandKey, level: int = 0) -> Span | None:
    """Return where the last chunk of a level stands, or None."""
    asked = {"series_id": key.series_id, "import_id": key.import_id, "level": level}
    row = session.execute(_LAST_SPAN, asked).one_or_none()
    return None if row is None else Span(*row)


def chunk_row(  # noqa: PLR0913
    key: StrandKey, level: int, quantity: str, span: Span, values: Floats | Integers, *, size: int
) -> dict[str, object]:
    """Return the database row of one compressed column; above level 0 `values` are the minima, then the maxima."""
    data, crc = encode(values)
    low, high = _plain(np.fmin.reduce(values)), _plain(np.fmax.reduce(values))  # NaN only where all are
    return {
        "series_id": key.series_id, "import_id": key.import_id, "level": level, "quantity": quantity,
        "seq0": span.seq0, "seq1": span.seq1, "t0": span.t0, "t1": span.t1, "n": size,
        "min": low, "max": high, "first": _plain(values[0]), "last": _plain(values[-1]),
        "codec": _CODEC, "crc": crc, "data": data,
    }  # fmt: skip


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def chunk_rows(key: StrandKey, rows: Rows, *, even: bool = False) -> list[dict[str, object]]:
    """Return the database rows of sealed records: full chunks and a rest, or `even` ones in the middle of a strand."""
    count = -(-len(rows) // CHUNK_RECORDS)
    size = -(-len(rows) // count) if even else CHUNK_RECORDS
    made: list[dict[str, object]] = []
    for start in range(0, len(rows), size):
        part = rows.take(slice(start, start + size))
        span = Span(
            int(part.sequence[0]), int(part.sequence[-1]), float(part.time.min()), float(part.time.max()), len(part)
        )
        made.append(chunk_row(key, 0, SEQUENCE, span, part.sequence, size=span.n))
        made.extend(
            chunk_row(key, 0, name, span, values, size=span.n)
            for name, values in part.columns.items()
            if is_measured(values)
        )
    return made


def insert_chunks(session: Session, made: list[dict[str, object]]) -> None:
    """Insert chunks."""
    if made:
        session.execute(insert(_TABLE), made)


def read_sealed(  # noqa: PLR0913
    session: Session,
    key: StrandKey,
    *,
    names: tuple[str, ...] = QUANTITIES,
    seq_from: int | None = None,
    seq_to: int | None = None,
    t_from: float | None = None,
    t_to: float | None = None,
) -> Rows:
    """Return the sealed rows of the chunks that overlap the ranges: more than asked for at the edges."""
    c = _TABLE.c
    wanted = tuple(dict.fromkeys((SEQUENCE, TIME, *names)))
    query = select(c.quantity, c.seq0, c.n, c.crc, c.data).where(*of_level(key, 0), c.quantity.in_(wanted))
    if seq_from is not None:
        query = query.where(*reaching(key, 0, seq_from))
    for column, compare, bound in ((c.seq0, le, seq_to), (c.t1, ge, t_from), (c.t0, le, t_to)):
        if bound is not None:
            query = query.where(compare(column, bound))
    sizes: dict[int, int] = {}
    found: dict[str, dict[int, Values]] = defaultdict(dict)
    for quantity, seq0, size, crc, data in session.execute(query):
        sizes[seq0] = size
        found[quantity][seq0] = decode(data, crc)
    if not sizes:
        return EMPTY
    order = sorted(sizes)
    values = {
        name: np.concatenate([found[name].get(seq0, np.full(sizes[seq0], np.nan)) for seq0 in order])
        for name in wanted
        if name in found
    }
    return Rows(values.pop(SEQUENCE).astype(np.int64, copy=False), values)


def measured_in_chunks(session: Session, key: StrandKey) -> set[str]:
    """Return the quantities that any sealed record of the strand has."""
    c = _TABLE.c
    query = select(c.quantity).where(*of_level(key, 0)).distinct()
    return {*session.scalars(query)} - {SEQUENCE}


def read_strand(session: Session, key: StrandKey, *, seq_from: int | None = None, seq_to: int | None = None) -> Rows:
    """Return the rows of a strand, sealed and hot, within a range of sequence numbers."""
    rows = join(
        (
            read_sealed(session, key, seq_from=seq_from, seq_to=seq_to),
            read_hot(session, key, seq_from=seq_from, seq_to=seq_to),
        )
    )
    low = 0 if seq_from is None else int(np.searchsorted(rows.sequence, seq_from))
    high = len(rows) if seq_to is None else int(np.searchsorted(rows.sequence, seq_to, side="right"))
    return rows.take(slice(low, high))


def delete_chunks(session: Session, key: StrandKey, level: int, seq0: int, seq1: int) -> None:
    """Delete the chunks of a level that begin within the range."""
    session.execute(delete(_TABLE).where(*of_level(key, level), _TABLE.c.seq0.between(seq0, seq1)))


def record_gaps(session: Session, key: StrandKey, rows: Rows) -> None:
    """Decide the gaps of freshly sealed rows, those to the records before and after included."""
    before = last_before(session, key, int(rows.sequence[0]))
    after = first_after(session, key, int(rows.sequence[-1]))
    high = int(after.sequence[-1] if len(after) else rows.sequence[-1])
    strand = (Gap.series_id == key.series_id, Gap.import_id == key.import_id)
    session.execute(delete(Gap).where(*strand, Gap.sequence.between(int(rows.sequence[0]), high)))
    _insert_gaps(session, key, rows, before, after)


def append_gaps(session: Session, key: StrandKey, rows: Rows, end: Span | None) -> None:
    """Decide the gaps of rows that follow all that is sealed, the last chunk of which is `end`."""
    before = EMPTY if end is None else _edge(session, key, end, slice(-_NEIGHBOURS, None))
    _insert_gaps(session, key, rows, before, EMPTY)


def _insert_gaps(session: Session, key: StrandKey, rows: Rows, before: Rows, after: Rows) -> None:
    around = join((before, rows.only(_GAP_QUANTITIES), after))
    at = find_gaps(around.time, around.columns.get("current_ampere"))
    made = [
        {
            "series_id": key.series_id, "import_id": key.import_id, "sequence": int(around.sequence[i]),
            "start_second": float(around.time[i - 1]), "end_second": float(around.time[i]),
        }
        for i in at
        if rows.sequence[0] <= around.sequence[i]
    ]  # fmt: skip
    if made:
        session.execute(insert(Gap), made)


def last_before(session: Session, key: StrandKey, sequence: int) -> Rows:
    """Return the last sealed records before a sequence number."""
    found = one_span(session, key, 0, _TABLE.c.seq0 < sequence, last=True)
    if found is None:
        return EMPTY
    rows = _edge(session, key, found, slice(None))
    end = int(np.searchsorted(rows.sequence, sequence))
    return rows.take(slice(max(end - _NEIGHBOURS, 0), end))


def first_after(session: Session, key: StrandKey, sequence: int) -> Rows:
    """Return the first sealed records after a sequence number."""
    found = one_span(session, key, 0, _TABLE.c.seq0 > sequence)
    return EMPTY if found is None else _edge(session, key, found, slice(_NEIGHBOURS))


def _edge(session: Session, key: StrandKey, span: Span, which: slice) -> Rows:
    """Return some of the records of one chunk, with what gaps are decided by."""
    asked = {"series_id": key.series_id, "import_id": key.import_id, "seq0": span.seq0}
    values = {quantity: decode(data, crc) for quantity, crc, data in session.execute(_EDGE, asked)}
    sequence = values.pop(SEQUENCE).astype(np.int64, copy=False)
    return Rows(sequence, {name: one.astype(np.float64, copy=False) for name, one in values.items()}).take(which)
