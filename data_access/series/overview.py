"""The overview of a series: few points that keep every minimum and maximum, at any length of the record.

The coarsest level with at least points/2 buckets is read, finer levels where a bucket straddles the edge of the
range or a level does not reach, and single records in the end; MinMaxLTTB thins what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from tsdownsample import MinMaxLTTBDownsampler

from data_access.codec import Floats
from data_access.database import reading
from data_access.models import Chunk, Gap
from data_access.series.gaps import FLOOR_SECOND, TIMES_THE_MEDIAN, find_gaps
from data_access.series.hot import read_hot
from data_access.series.pyramid import Items, read_items
from data_access.series.rows import SEQUENCE, TIME
from data_access.series.sealed import of_level, spans
from data_access.series.strands import StrandKey, visible_strands

_THINNER = MinMaxLTTBDownsampler()
_FEWEST_POINTS = 16
_MOST_GAPS = 500


@dataclass(slots=True)
class Points:
    """What is drawn of one column: times in order, values, and NaN where a gap is."""

    time: Floats
    values: Floats


@dataclass(slots=True)
class _Piece:
    """Items of one strand at one level, in order of their sequence."""

    items: Items
    level: int
    gaps: list[tuple[float, float]] = field(default_factory=list)


def load_overview(  # noqa: PLR0913
    engine: Engine,
    series_id: int,
    columns: Sequence[str],
    t_from: float | None = None,
    t_to: float | None = None,
    points: int = 2000,
) -> pd.DataFrame:
    """Return test_time_second and the columns in order of time, about `points` rows a column.

    The extremes of every column are kept; a row of NaN stands where there is a gap.
    """
    with reading(engine) as session:
        drawn = read_overview(session, visible_strands(session, [series_id]), columns, t_from, t_to, points)
    table = pd.DataFrame({TIME: np.empty(0)})
    for name in columns:
        one = pd.DataFrame({TIME: drawn[name].time, name: drawn[name].values})
        one["_again"] = one.groupby(TIME).cumcount()
        known = table if "_again" in table else table.assign(_again=np.empty(0, np.int64))
        table = known.merge(one, how="outer", on=[TIME, "_again"], sort=True)
    return table.drop(columns="_again", errors="ignore")


def read_overview(  # noqa: PLR0913
    session: Session,
    strands: Sequence[StrandKey],
    columns: Sequence[str],
    t_from: float | None = None,
    t_to: float | None = None,
    points: int = 2000,
) -> dict[str, Points]:
    """Return what to draw of each column, from some strands of one series."""
    low, high = -np.inf if t_from is None else t_from, np.inf if t_to is None else t_to
    names = tuple(dict.fromkeys((*columns, "current_ampere")))
    points = max(points, _FEWEST_POINTS)
    pieces: list[_Piece] = []
    for key in strands:
        pieces += _sealed_pieces(session, key, tuple(columns), low, high, points // 2)
        hot = read_hot(session, key, names=names, t_from=t_from, t_to=t_to)
        if len(hot):
            items = Items(hot.sequence, hot.sequence, hot.values, hot.values)
            gaps = _gaps_of(hot.time, hot.values.get("current_ampere"))
            pieces.append(_Piece(items, 0, gaps))
    return {name: _draw(pieces, name, points) for name in columns}


def _gaps_of(time: Floats, current: Floats | None) -> list[tuple[float, float]]:
    return [(float(time[i - 1]), float(time[i])) for i in find_gaps(time, current)]


def _sealed_pieces(
    session: Session, key: StrandKey, columns: tuple[str, ...], low: float, high: float, buckets: int
) -> list[_Piece]:
    level = _level_for(session, key, low, high, buckets)
    pieces = list(_collect(session, key, level, columns, low, high, -(2**63), 2**63 - 1))
    if pieces:
        pieces[0].gaps = _stored_gaps(session, key, low, high)
    return pieces


def _level_for(session: Session, key: StrandKey, low: float, high: float, buckets: int) -> int:
    """Return the coarsest level that has enough buckets in the range, judged by the times of its chunks."""
    c = Chunk.__table__.c
    of_strand = (c.series_id == key.series_id, c.import_id == key.import_id, c.quantity == SEQUENCE)
    top = session.scalar(select(func.max(c.level)).where(*of_strand))
    for level in range(top or 0, 0, -1):
        count = 0.0
        for span in spans(session, key, level, *_in_time(low, high)):
            length = span.t1 - span.t0
            share = (min(high, span.t1) - max(low, span.t0)) / length if length > 0 else 1.0
            count += share * span.n
        if count >= buckets:
            return level
    return 0


def _in_time(low: float, high: float) -> list[object]:
    c = Chunk.__table__.c
    return [c.t1 >= low] * bool(np.isfinite(low)) + [c.t0 <= high] * bool(np.isfinite(high))


def _collect(  # noqa: PLR0913
    session: Session, key: StrandKey, level: int, columns: tuple[str, ...],
    low: float, high: float, seq_from: int, seq_to: int,
) -> list[_Piece]:  # fmt: skip
    """Return the items of a level within the range; from the level below where they straddle or do not reach."""
    c = Chunk.__table__.c
    found = spans(session, key, level, *_in_time(low, high), c.seq1 >= seq_from, c.seq0 <= seq_to)
    pieces: list[_Piece] = []
    if found:
        items = read_items(
            session,
            key,
            level,
            names=columns,
            seq_from=max(seq_from, found[0].seq0),
            seq_to=min(seq_to, found[-1].seq1),
        )
        starts, ends = items.low[TIME], items.high[TIME]
        whole = (starts >= low) & (ends <= high)
        touching = (ends >= low) & (starts <= high)
        pieces.append(_Piece(items if whole.all() else items.take(whole), level))
        for i in np.flatnonzero(touching & ~whole):
            pieces += _collect(session, key, level - 1, columns, low, high, int(items.seq0[i]), int(items.seq1[i]))
    if level > 0:
        end = session.scalar(select(func.max(c.seq1)).where(*of_level(key, level), c.quantity == SEQUENCE))
        beyond = seq_from if end is None else max(seq_from, int(end) + 1)
        if beyond <= seq_to:
            pieces += _collect(session, key, level - 1, columns, low, high, beyond, seq_to)
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


def _draw(pieces: list[_Piece], name: str, points: int) -> Points:
    """Return the points of one column, thinned, with its gaps."""
    drawn = [one for piece in pieces if (one := _points_of(piece, name)) is not None]
    if not drawn:
        return Points(np.empty(0), np.empty(0))
    time = np.concatenate([one.time for one in drawn])
    values = np.concatenate([one.values for one in drawn])
    if (np.diff(time) < 0).any():
        order = np.argsort(time, kind="stable")
        time, values = time[order], values[order]
    gaps = [gap for piece in pieces for gap in piece.gaps]
    gaps += _gaps_between(drawn)
    if len(time) > points:
        kept = np.asarray(_THINNER.downsample(time, values, n_out=points)).astype(np.intp)
        kept = np.unique(np.concatenate([kept, [int(values.argmin()), int(values.argmax())]]))
        gaps = _still_empty(gaps, time)
        time, values = time[kept], values[kept]
    else:
        gaps = _still_empty(gaps, time)
    middles = np.array([(start + end) / 2 for start, end in gaps])
    at = np.searchsorted(time, middles)
    return Points(np.insert(time, at, middles), np.insert(values, at, np.nan))


def _points_of(piece: _Piece, name: str) -> Points | None:
    """Return the points of one piece: its records, or two points a bucket, in the direction the signal goes."""
    items = piece.items
    if name not in items.low:
        return None
    low, high = items.low[name], items.high[name]
    measured = ~np.isnan(low)
    if not measured.any():
        return None
    starts, ends, low, high = items.low[TIME][measured], items.high[TIME][measured], low[measured], high[measured]
    if piece.level == 0:
        return Points(starts, low)
    middle = (low + high) / 2
    rising = np.gradient(middle) >= 0 if len(middle) > 1 else np.ones(len(middle), np.bool_)
    first, second = np.where(rising, low, high), np.where(rising, high, low)
    return Points(np.column_stack([starts, ends]).ravel(), np.column_stack([first, second]).ravel())


def _gaps_between(drawn: list[Points]) -> list[tuple[float, float]]:
    """Return the gaps between the pieces of a column: imports, levels and hot rows follow each other."""
    edges = sorted((float(one.time.min()), float(one.time.max()), len(one.time)) for one in drawn)
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
