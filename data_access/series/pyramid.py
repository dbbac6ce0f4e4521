"""The pyramid: level k holds the minimum and maximum of every quantity over about 16^k records.

A level covers the records up to some sequence number; what lies behind it is read from the level below, so a
writer may leave the upper levels for later.  Buckets never span a chunk that was reopened: they are made again
from the items of the level below, within the range that changed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.codec import Floats, Integers, decode
from data_access.record_models import CHUNK
from data_access.series.rows import QUANTITIES, SEQUENCE, TIME, Rows, is_measured
from data_access.series.sealed import (
    Span,
    chunk_row,
    delete_chunks,
    insert_chunks,
    last_span,
    of_level,
    reaching,
    read_sealed,
    spans,
)
from data_access.series.strands import StrandKey

FAN = 16
"""Items of one level that a bucket of the next one holds."""
CHUNK_BUCKETS = 4_096
"""Buckets of a chunk above level 0: small, so that a full-range read costs the same at any length."""
SMALLEST_LEVEL = 256
"""A level with fewer items than this gets no level above it: it is read whole."""
_TABLE = CHUNK


@dataclass(frozen=True, slots=True)
class Items:
    """What a level holds: for each record or bucket its sequence numbers, and least and largest values."""

    seq0: Integers
    seq1: Integers
    low: dict[str, Floats]
    high: dict[str, Floats]

    def __len__(self) -> int:
        """Return the number of records or buckets."""
        return len(self.seq0)

    def within(self, seq_from: int, seq_to: int) -> "Items":
        """Return the items that lie wholly within a range of sequence numbers."""
        part = slice(np.searchsorted(self.seq0, seq_from), np.searchsorted(self.seq1, seq_to, side="right"))
        return self.take(part)

    def take(self, which: slice | NDArray[np.bool_]) -> "Items":
        """Return some of the items."""
        low = {name: values[which] for name, values in self.low.items()}
        high = low if self.high is self.low else {name: values[which] for name, values in self.high.items()}
        return Items(self.seq0[which], self.seq1[which], low, high)


def read_items(  # noqa: PLR0913  # which items
    session: Session,
    key: StrandKey,
    level: int,
    *,
    seq_from: int,
    seq_to: int,
    names: tuple[str, ...] = QUANTITIES,
) -> Items:
    """Return the items of a level that lie within a range of sequence numbers."""
    if level == 0:
        rows = read_sealed(session, key, names=names, seq_from=seq_from, seq_to=seq_to)
        return Items(rows.sequence, rows.sequence, rows.columns, rows.columns).within(seq_from, seq_to)
    c = _TABLE.c
    wanted = tuple(dict.fromkeys((SEQUENCE, TIME, *names)))
    query = select(c.quantity, c.seq0, c.n, c.crc, c.data).where(
        *of_level(key, level), c.quantity.in_(wanted), *reaching(key, level, seq_from), c.seq0 <= seq_to
    )
    return _items_of([tuple(row) for row in session.execute(query)], wanted).within(seq_from, seq_to)


def _items_of(found: list[tuple[str, int, int, int, bytes]], wanted: tuple[str, ...]) -> Items:
    sizes = {seq0: size for _, seq0, size, _, _ in found}
    order = sorted(sizes)
    arrays = {(quantity, seq0): decode(data, crc) for quantity, seq0, _, crc, data in found}
    present = {quantity for quantity, *_ in found}

    def halves(name: str) -> tuple[Floats, Floats]:
        parts = [arrays.get((name, seq0), np.full(2 * sizes[seq0], np.nan)) for seq0 in order]
        low = [part[: sizes[seq0]] for part, seq0 in zip(parts, order, strict=True)]
        high = [part[sizes[seq0] :] for part, seq0 in zip(parts, order, strict=True)]
        return np.concatenate(low), np.concatenate(high)

    if not order:
        nothing = np.empty(0, np.int64)
        return Items(nothing, nothing, {TIME: np.empty(0)}, {TIME: np.empty(0)})
    both = {name: halves(name) for name in wanted if name in present}
    seq0, seq1 = both.pop(SEQUENCE)
    low = {name: pair[0] for name, pair in both.items()}
    high = {name: pair[1] for name, pair in both.items()}
    return Items(seq0.astype(np.int64, copy=False), seq1.astype(np.int64, copy=False), low, high)


def summarise_items(items: Items) -> Items:
    """Return the buckets of the level above: sixteen items each, the last one perhaps fewer."""
    starts = np.arange(0, len(items), FAN)
    low = {name: np.fmin.reduceat(values, starts) for name, values in items.low.items()}
    high = {name: np.fmax.reduceat(values, starts) for name, values in items.high.items()}
    ends = np.minimum(starts + FAN, len(items)) - 1
    return Items(items.seq0[starts], items.seq1[ends], low, high)


def bucket_column(items: Items, name: str) -> Floats:
    """Return the minima and then the maxima of one quantity over the buckets of the level above."""
    starts = np.arange(0, len(items), FAN)
    return np.concatenate([np.fmin.reduceat(items.low[name], starts), np.fmax.reduceat(items.high[name], starts)])


def bucket_rows(key: StrandKey, level: int, buckets: Items) -> list[dict[str, object]]:
    """Return the database rows of the buckets of one level."""
    made: list[dict[str, object]] = []
    for start in range(0, len(buckets), CHUNK_BUCKETS):
        part = slice(start, min(start + CHUNK_BUCKETS, len(buckets)))
        size = part.stop - part.start
        t_low, t_high = buckets.low[TIME][part], buckets.high[TIME][part]
        span = Span(
            int(buckets.seq0[start]), int(buckets.seq1[part.stop - 1]), float(t_low.min()), float(t_high.max()), size
        )
        sequences = np.concatenate([buckets.seq0[part], buckets.seq1[part]])
        made.append(chunk_row(key, level, SEQUENCE, span, sequences, size=size))
        for name, values in buckets.low.items():
            both = np.concatenate([values[part], buckets.high[name][part]])
            if is_measured(both):
                made.append(chunk_row(key, level, name, span, both, size=size))
    return made


def whole_chunks(key: StrandKey, rows: Rows) -> list[dict[str, object]]:
    """Return the database rows of level 1 over sealed records that fill its chunks exactly, else none."""
    if len(rows) % (FAN * CHUNK_BUCKETS):
        return []
    return bucket_rows(key, 1, summarise_items(Items(rows.sequence, rows.sequence, rows.columns, rows.columns)))


def takes_whole_chunks(session: Session, key: StrandKey, sealed: Span | None) -> bool:
    """Whether level 1 ends with a full chunk over the last sealed record, so that another one may follow it."""
    end = last_span(session, key, 1)
    if end is None or sealed is None:
        return sealed is None
    return end.n >= CHUNK_BUCKETS and end.seq1 == sealed.seq1


def rebuild(session: Session, key: StrandKey, seq_from: int, seq_to: int, *, above: int = 0) -> None:
    """Make the buckets over a changed range of the level `above` which they lie again, as far as levels cover it."""
    c = _TABLE.c
    level = above + 1
    while (end := last_span(session, key, level)) is not None and seq_from <= end.seq1:
        over = spans(session, key, level, *reaching(key, level, seq_from), c.seq0 <= seq_to)
        if over:
            seq_from, seq_to = min(seq_from, over[0].seq0), max(seq_to, over[-1].seq1)
            delete_chunks(session, key, level, over[0].seq0, over[-1].seq0)
        items = read_items(session, key, level - 1, seq_from=seq_from, seq_to=seq_to)
        insert_chunks(session, bucket_rows(key, level, summarise_items(items)))
        level += 1


def extend(session: Session, key: StrandKey) -> bool:
    """Cover one more chunk's worth of items by the lowest level that lags behind; False if there was nothing to do."""
    level = 1
    while True:
        end = last_span(session, key, level)
        behind, seq_from = _behind(session, key, level, end)
        count = sum(span.n for span in behind)
        lags = bool(behind) and (end is None or behind[-1].seq1 > end.seq1)
        if lags and (end is not None or count > SMALLEST_LEVEL):
            _cover(session, key, level, behind, end, seq_from)
            return True
        if end is None:
            return False
        level += 1


def _behind(session: Session, key: StrandKey, level: int, end: Span | None) -> tuple[list[Span], int]:
    """Return the chunks of the level below that the level does not cover, and where they begin to count.

    A partial last chunk counts as not there: it is made again, not followed by another.
    """
    if end is None:
        return spans(session, key, level - 1), -(2**63)
    seq_from = end.seq0 if end.n < CHUNK_BUCKETS else end.seq1 + 1
    return spans(session, key, level - 1, *reaching(key, level - 1, seq_from)), seq_from


def _cover(  # noqa: PLR0913, PLR0917
    session: Session, key: StrandKey, level: int, behind: list[Span], end: Span | None, seq_from: int
) -> None:
    taken, seq_to = 0, behind[0].seq1
    covered = behind[0].seq0 if end is None else end.seq1
    for span in behind:
        if seq_to > covered and taken + span.n > FAN * CHUNK_BUCKETS:  # always one more chunk than the level covers
            break
        taken, seq_to = taken + span.n, span.seq1
    if end is not None and seq_from == end.seq0:
        delete_chunks(session, key, level, end.seq0, end.seq0)
    items = read_items(session, key, level - 1, seq_from=seq_from, seq_to=seq_to)
    insert_chunks(session, bucket_rows(key, level, summarise_items(items)))
    rebuild(session, key, seq_from, seq_to, above=level)
