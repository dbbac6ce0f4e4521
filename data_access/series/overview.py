"""The overview of a series: few points that keep every minimum and maximum, at any length of the record.

The coarsest level with at least points/2 buckets is read, finer levels where a bucket straddles the edge of the
range or a level does not reach, and single records in the end; MinMaxLTTB thins what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Engine, func, select
from sqlalchemy.orm import Session
from tsdownsample import MinMaxLTTBDownsampler

from data_access.codec import Floats
from data_access.database import reading
from data_access.models import Gap
from data_access.record_models import CHUNK
from data_access.series.gaps import FLOOR_SECOND, TIMES_THE_MEDIAN, find_gaps
from data_access.series.hot import read_hot
from data_access.series.pyramid import Items, read_items
from data_access.series.rows import SEQUENCE, TIME, Rows, join
from data_access.series.sealed import last_before, last_span, reaching, spans
from data_access.series.strands import StrandKey, visible_strands

_THINNER = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]
_FEWEST_POINTS = 16
_MOST_GAPS = 500
_FIRST, _LAST = -(2**63), 2**63 - 1  # sequence numbers


@dataclass(slots=True)
class Points:
    """What is drawn of one column: times in order, values (NaN where a gap is), and which of them are kept."""

    time: Floats
    signal: Floats
    kept: NDArray[np.bool_]

    def thinned(self) -> "Points":
        """Return the kept points only."""
        return Points(self.time[self.kept], self.signal[self.kept], self.kept[self.kept])


@dataclass(frozen=True, slots=True)
class Asked:
    """What an overview is asked for: columns, range of the raw clock, points a column."""

    columns: tuple[str, ...]
    low: float
    high: float
    points: int

    def in_time(self) -> list[ColumnElement[bool]]:
        """Return the conditions that select the chunks that touch the range."""
        c = CHUNK.c
        found: list[ColumnElement[bool]] = [c.t1 >= self.low] if np.isfinite(self.low) else []
        return found + ([c.t0 <= self.high] if np.isfinite(self.high) else [])


@dataclass(slots=True)
class _Piece:
    """Items of one strand at one level, in order of their sequence."""

    items: Items
    level: int
    gaps: list[tuple[float, float]] = field(default_factory=list)


def load_overview(  # noqa: PLR0913, PLR0917  # one range, one answer
    engine: Engine,
    series_id: int,
    columns: Sequence[str],
    t_from: float | None = None,
    t_to: float | None = None,
    points: int = 2000,
) -> pd.DataFrame:
    """Return test_time_second and the columns in order of time, at most `points` rows (16 a column at least).

    The extremes of every column are kept; a row of NaN stands where there is a gap.
    """
    asked = asked_for(columns, t_from, t_to, points // max(len(columns), 1))
    with reading(engine) as session:
        drawn = read_overview(session, visible_strands(session, [series_id]), asked)
    return _side_by_side(drawn)


def _side_by_side(drawn: dict[str, Points]) -> pd.DataFrame:
    """Return the columns in one table: a row is kept if any of its columns keeps it."""
    first = next(iter(drawn.values()))
    if all(np.array_equal(one.time, first.time) for one in drawn.values()):
        kept = np.logical_or.reduce([one.kept for one in drawn.values()])
        return pd.DataFrame({TIME: first.time[kept], **{name: one.signal[kept] for name, one in drawn.items()}})
    tables = []
    for name, one in drawn.items():
        again = pd.Series(one.time).groupby(one.time).cumcount()  # equal stamps are told apart
        index = pd.MultiIndex.from_arrays([one.time, again], names=[TIME, "again"])
        tables.append(pd.DataFrame({name: one.signal, f"{name}_kept": one.kept}, index=index))
    table = pd.concat(tables, axis=1).sort_index().reset_index(level=0)
    kept = table[[f"{name}_kept" for name in drawn]].eq(other=True).any(axis=1).to_numpy()
    return table.loc[kept, [TIME, *drawn]].reset_index(drop=True)


def asked_for(columns: Sequence[str], t_from: float | None, t_to: float | None, points: int) -> Asked:
    """Return what an overview is asked for; absent limits are infinite."""
    low, high = -np.inf if t_from is None else t_from, np.inf if t_to is None else t_to
    return Asked(tuple(dict.fromkeys(columns)), low, high, max(points, _FEWEST_POINTS))


def read_overview(session: Session, strands: Sequence[StrandKey], asked: Asked) -> dict[str, Points]:
    """Return what to draw of each column, from some strands of one series."""
    names = tuple(dict.fromkeys((*asked.columns, "current_ampere")))
    pieces: list[_Piece] = []
    for key in strands:
        level = _level_for(session, key, asked)
        sealed = _collect(session, key, level, asked, (_FIRST, _LAST))
        if sealed:
            sealed[0].gaps = _stored_gaps(session, key, asked.low, asked.high)
        pieces += sealed
        hot = read_hot(session, key, names=names, t_from=asked.low, t_to=asked.high)
        if len(hot):
            items = Items(hot.sequence, hot.sequence, hot.columns, hot.columns)
            pieces.append(_Piece(items, 0, _hot_gaps(session, key, hot)))
    return {name: _draw(pieces, name, asked.points) for name in asked.columns}


def _level_for(session: Session, key: StrandKey, asked: Asked) -> int:
    """Return the coarsest level that has at least points/2 buckets in the range, judged by the times of its chunks."""
    c = CHUNK.c
    of_strand = (c.series_id == key.series_id, c.import_id == key.import_id, c.quantity == SEQUENCE)
    top = session.scalar(select(func.max(c.level)).where(*of_strand))
    for level in range(top or 0, 0, -1):
        count = 0.0
        for span in spans(session, key, level, *asked.in_time()):
            length = span.t1 - span.t0
            share = (min(asked.high, span.t1) - max(asked.low, span.t0)) / length if length > 0 else 1.0
            count += share * span.n
        if count >= asked.points / 2:
            return level
    return 0


def _collect(session: Session, key: StrandKey, level: int, asked: Asked, within: tuple[int, int]) -> list[_Piece]:
    """Return the items of a level within the range; from the level below where they straddle or do not reach."""
    c = CHUNK.c
    seq_from, seq_to = within
    after = reaching(key, level, seq_from) if seq_from > _FIRST else ()
    found = spans(session, key, level, *asked.in_time(), *after, c.seq0 <= seq_to)
    pieces: list[_Piece] = []
    if found:
        seen = max(seq_from, found[0].seq0), min(seq_to, found[-1].seq1)
        items = read_items(session, key, level, names=asked.columns, seq_from=seen[0], seq_to=seen[1])
        starts, ends = items.low[TIME], items.high[TIME]
        whole = (starts >= asked.low) & (ends <= asked.high)
        touching = (ends >= asked.low) & (starts <= asked.high)
        pieces.append(_Piece(items if whole.all() else items.take(whole), level))
        for i in np.flatnonzero(touching & ~whole):
            pieces += _collect(session, key, level - 1, asked, (int(items.seq0[i]), int(items.seq1[i])))
    if level > 0:
        end = last_span(session, key, level)
        beyond = seq_from if end is None else max(seq_from, end.seq1 + 1)
        if beyond <= seq_to:
            pieces += _collect(session, key, level - 1, asked, (beyond, seq_to))
    return [piece for piece in pieces if len(piece.items)]


def _stored_gaps(session: Session, key: StrandKey, low: float, high: float) -> list[tuple[float, float]]:
    """Return the widest gaps of sealed records in the range."""
    query = select(Gap.start_second, Gap.end_second).where(
        Gap.series_id == key.series_id, Gap.import_id == key.import_id
    )
    if np.isfinite(low):
        query = query.where(Gap.end_second >= low)
    if np.isfinite(high):
        query = query.where(Gap.start_second <= high)
    width = Gap.end_second - Gap.start_second
    return [(start, end) for start, end in session.execute(query.order_by(width.desc()).limit(_MOST_GAPS))]


def _hot_gaps(session: Session, key: StrandKey, hot: Rows) -> list[tuple[float, float]]:
    """Return the gaps of hot rows, that to the sealed records before them included."""
    around = join((last_before(session, key, int(hot.sequence[0])), hot))
    at = find_gaps(around.time, around.columns.get("current_ampere"))
    return [(float(around.time[i - 1]), float(around.time[i])) for i in at]


def _draw(pieces: list[_Piece], name: str, points: int) -> Points:
    """Return the points of one column with its gaps, and which to keep."""
    drawn = [one for piece in pieces if (one := _points_of(piece, name)) is not None]
    if not drawn:
        return Points(np.empty(0), np.empty(0), np.empty(0, np.bool_))
    time = np.concatenate([one[0] for one in drawn])
    values = np.concatenate([one[1] for one in drawn])
    if (np.diff(time) < 0).any():
        order = np.argsort(time, kind="stable")
        time, values = time[order], values[order]
    gaps = [gap for piece in pieces for gap in piece.gaps] + _gaps_between([times for times, _ in drawn])
    gaps = sorted(_still_empty(gaps, time), key=lambda gap: gap[0] - gap[1])[: points // 4]  # the widest
    middles = np.array(sorted((start + end) / 2 for start, end in gaps))
    kept = np.ones(len(time), np.bool_)
    room = points - len(gaps) - 2  # the extremes are kept whatever the thinner says
    if len(time) > room:
        kept[:] = False
        kept[_THINNER.downsample(time, values, n_out=room).astype(np.intp)] = True
        kept[[values.argmin(), values.argmax()]] = True
    at = np.searchsorted(time, middles)
    return Points(np.insert(time, at, middles), np.insert(values, at, np.nan), np.insert(kept, at, True))


def _points_of(piece: _Piece, name: str) -> tuple[Floats, Floats] | None:
    """Return times and values of one piece: its records, or two points a bucket, in the direction the signal goes."""
    items = piece.items
    if name not in items.low:
        return None
    low, high = items.low[name], items.high[name]
    measured = ~np.isnan(low)
    if not measured.any():
        return None
    starts, ends, low, high = items.low[TIME][measured], items.high[TIME][measured], low[measured], high[measured]
    if piece.level == 0:
        return starts, low
    middle = (low + high) / 2
    rising = np.gradient(middle) >= 0 if len(middle) > 1 else np.ones(len(middle), np.bool_)
    first, second = np.where(rising, low, high), np.where(rising, high, low)
    return np.column_stack([starts, ends]).ravel(), np.column_stack([first, second]).ravel()


def _gaps_between(times: list[Floats]) -> list[tuple[float, float]]:
    """Return the gaps between the pieces of a column: imports, levels and hot rows follow each other."""
    edges = sorted((float(one.min()), float(one.max()), len(one)) for one in times)
    gaps, end, interval = [], edges[0][1], 0.0
    for start, stop, count in edges:
        if start - end > max(FLOOR_SECOND, TIMES_THE_MEDIAN * max(interval, (stop - start) / max(count - 1, 1))):
            gaps.append((end, start))
        interval = (stop - start) / max(count - 1, 1)
        end = max(end, stop)
    return gaps


def _still_empty(gaps: list[tuple[float, float]], time: Floats) -> list[tuple[float, float]]:
    """Return the gaps within the points that no later record has filled."""
    if not gaps:
        return []
    edges: NDArray[np.float64] = np.array(sorted(set(gaps)))
    first = np.searchsorted(time, edges[:, 0], side="right")
    last = np.searchsorted(time, edges[:, 1], side="left")
    empty = (first == last) & (first > 0) & (last < len(time))
    return [(float(start), float(end)) for start, end in edges[empty]]
