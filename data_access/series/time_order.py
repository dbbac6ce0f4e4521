"""Series of one cell in the order of time, also where one fills a hole of another or was stored before it.

A series keeps the order of its own records; only where series lie among each other are their records put together.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, le, lt

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from data_access.models import Series
from data_access.series.hot import hot_times
from data_access.series.records import Range, read_rows, windows
from data_access.series.rows import TIME
from data_access.series.sealed import spans
from data_access.series.strands import StrandKey

_SLACK_SECOND = 1.0
"""More is read and cut on the cell's axis: adding and taking away an offset may round a time."""

Strands = Mapping[int, Sequence[StrandKey]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some records of a series: their first and last time on the cell's axis, and how many they are."""

    start: float
    end: float
    count: int


def read_in_order(  # noqa: PLR0913, PLR0917  # a range of several series, in parts
    session: Session,
    series: Sequence[Series],
    strands: Strands,
    names: tuple[str, ...],
    limits: tuple[float | None, float | None],
    rows: int | None,
) -> Iterator[pd.DataFrame]:
    """Yield the records of several series on the cell's axis in order of time, in parts of about `rows` records.

    `limits` are the first and the last time, both included; None: no limit.
    """
    for group in _groups(session, series, strands):
        if len(group) == 1:
            one = group[0]
            for within in windows(session, strands[one.id], rows):
                yield _read(session, one, strands, names, (*limits, *within))
        else:
            for start, end in _time_windows(session, group, strands, limits, rows):
                yield _read_together(session, group, strands, names, start, end, limits[1])


def _groups(session: Session, series: Sequence[Series], strands: Strands) -> list[list[Series]]:
    """Series in order of their beginning; those that lie among each other stand in one group."""
    if len(series) == 1:
        return [list(series)]
    extents = []
    for one in series:
        pieces = _pieces(session, one, strands)
        if pieces:
            extents.append((min(piece.start for piece in pieces), max(piece.end for piece in pieces), one))
    groups: list[list[Series]] = []
    until = -np.inf
    for start, end, one in sorted(extents, key=lambda extent: extent[:2]):
        if start < until:
            groups[-1].append(one)
        else:
            groups.append([one])
        until = max(until, end)
    return groups


def _pieces(session: Session, one: Series, strands: Strands) -> list[_Piece]:
    """The chunks of a series, and its hot rows as one piece."""
    found = [
        _Piece(span.t0 + one.offset_second, span.t1 + one.offset_second, span.n)
        for key in strands[one.id]
        for span in spans(session, key, 0)
    ]
    for key in strands[one.id]:
        times = hot_times(session, key)
        if times is not None:
            low, high, count = times
            found.append(_Piece(low + one.offset_second, high + one.offset_second, count))
    return found


def _time_windows(
    session: Session,
    group: Sequence[Series],
    strands: Strands,
    limits: tuple[float | None, float | None],
    rows: int | None,
) -> list[tuple[float | None, float | None]]:
    """Ranges of time, each from its start up to and without its end, that hold about `rows` records each."""
    cuts, count = [], 0
    for piece in sorted((piece for one in group for piece in _pieces(session, one, strands)), key=lambda p: p.start):
        if rows is not None and count >= rows:
            cuts.append(piece.start)
            count = 0
        count += piece.count
    low, high = limits
    inside = [cut for cut in dict.fromkeys(cuts) if (low is None or cut > low) and (high is None or cut <= high)]
    return list(zip([low, *inside], [*inside, None], strict=True))


def _read_together(  # noqa: PLR0913, PLR0917  # a range of several series
    session: Session,
    group: Sequence[Series],
    strands: Strands,
    names: tuple[str, ...],
    start: float | None,
    end: float | None,
    last: float | None,
) -> pd.DataFrame:
    """Return the records of a group from `start` to before `end`, at most up to `last`, in order of time."""
    low = None if start is None else start - _SLACK_SECOND
    high = min((t for t in (end, last) if t is not None), default=None)
    limits = (low, None if high is None else high + _SLACK_SECOND, None, None)
    table = pd.concat([_read(session, one, strands, names, limits) for one in group], ignore_index=True)
    time = table[TIME]
    inside = np.ones(len(table), np.bool_)
    for bound, compare in ((start, ge), (end, lt), (last, le)):
        if bound is not None:
            inside &= compare(time, bound).to_numpy()
    table = table[inside]
    return table.sort_values(TIME, kind="stable", ignore_index=True)


def _read(
    session: Session,
    one: Series,
    strands: Strands,
    names: tuple[str, ...],
    limits: tuple[float | None, float | None, int | None, int | None],
) -> pd.DataFrame:
    """Return records of one series on the cell's axis, from limits of time on that axis and of sequence numbers."""
    low, high = (None if t is None else t - one.offset_second for t in limits[:2])
    table = read_rows(session, strands[one.id], names, Range(low, high, *limits[2:])).as_table(names)
    table[TIME] += one.offset_second
    return table
