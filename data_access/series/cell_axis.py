"""The series of a cell on one time axis: cycler records, and the mechanical signal of a logger joined to them.

The cell's axis is the series' offset_second plus its raw clock.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data_access.codec import Floats
from data_access.database import reading
from data_access.models import Series
from data_access.series.gaps import FLOOR_SECOND
from data_access.series.mechanical_source import CYCLER, SIGNALS, chosen_source, comes_from_logger
from data_access.series.overview import asked_for, read_overview
from data_access.series.records import Range, measured, read_rows, visible_series
from data_access.series.rows import QUANTITIES, SEQUENCE, TIME
from data_access.series.strands import StrandKey, visible_strands
from data_access.series.time_order import read_in_order

LONGEST_BRIDGE = 3.0
"""A logger's signal is interpolated over at most this many of its own intervals (IMPORT section 2.6)."""


def load_cell_records(
    engine: Engine,
    cell_id: int,
    columns: Sequence[str] | None = None,
    t_from: float | None = None,
    t_to: float | None = None,
) -> pd.DataFrame:
    """Return the cycler's records of a cell on the cell's axis, in order of time, whatever the order of the files.

    Mechanical quantities of a logger (see mechanical_source) are interpolated to the cycler's records, NaN where the
    logger paused for more than three of its intervals.  A cell that has only a logger gives the logger's records.
    """
    names = QUANTITIES if columns is None else tuple(dict.fromkeys((TIME, *columns)))
    parts = list(iterate_cell_records(engine, cell_id, columns, t_from, t_to, rows=None))
    table = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return table if columns is not None else table[[SEQUENCE, *(name for name in names if table[name].notna().any())]]


def iterate_cell_records(  # noqa: PLR0913  # the range of load_cell_records, and the size of a part
    engine: Engine,
    cell_id: int,
    columns: Sequence[str] | None = None,
    t_from: float | None = None,
    t_to: float | None = None,
    *,
    rows: int | None = 100_000,
) -> Iterator[pd.DataFrame]:
    """Return the records of `load_cell_records` in parts of about `rows` records, of one snapshot.

    There is at least one part, perhaps an empty one; every part has every column that was asked for.
    """
    names = QUANTITIES if columns is None else tuple(dict.fromkeys((TIME, *columns)))
    with reading(engine) as session:
        series = visible_series(session, cell_id)
        cyclers = [one for one in series if one.source == CYCLER] or series
        loggers = [one for one in series if one not in cyclers]
        strands = _strands_of(session, series)
        of_logger = _of_logger(session, cyclers, loggers, strands)
        logged = {name: _samples(session, loggers, strands, name) for name in names if name in of_logger}
        given = False
        for table in read_in_order(session, cyclers, strands, names, (t_from, t_to), rows):
            if table.empty:
                continue
            for name, samples in logged.items():
                table[name] = interpolate(table[TIME].to_numpy(), samples[TIME].to_numpy(), samples[name].to_numpy())
            given = True
            yield table
        if not given:
            yield _nothing(names)


def load_cell_mechanical(engine: Engine, cell_id: int, t_from: float | None = None) -> pd.DataFrame | None:
    """Return the own samples of a cell's mechanical logger on the cell's axis: test_time_second and its signal.

    The signal is the first of MECHANICAL_SIGNALS that was measured, at any time.  None where it is a column of the
    cycler's records.
    """
    with reading(engine) as session:
        series = visible_series(session, cell_id)
        cyclers, loggers = _parted(series)
        strands = _strands_of(session, series)
        of_logger = _of_logger(session, cyclers, loggers, strands)
        of_cycler = _measured(session, cyclers, strands)
        first = next((name for name in SIGNALS if name in of_logger or name in of_cycler), None)
        return _samples(session, loggers, strands, first, t_from) if first is not None and first in of_logger else None


def load_cell_overview(  # noqa: PLR0913, PLR0917  # one range, one answer
    engine: Engine,
    cell_id: int,
    columns: Sequence[str],
    t_from: float | None = None,
    t_to: float | None = None,
    points: int = 2000,
) -> dict[str, pd.DataFrame]:
    """Return for each column a table of test_time_second (the cell's axis) and the column, in order of time.

    At most `points` rows each; minima and maxima are kept, a row of NaN stands where there is a gap.
    A mechanical column comes from the logger's own samples where it is the logger's (see mechanical_source).
    """
    with reading(engine) as session:
        return read_cell_overview(session, find_sources(session, cell_id, columns), columns, t_from, t_to, points)


class Source(NamedTuple):
    """One series of a cell, and which of the columns that were asked for are its own."""

    series: Series
    strands: list[StrandKey]
    names: list[str]


def find_sources(session: Session, cell_id: int, columns: Sequence[str]) -> list[Source]:
    """Return the series of a cell that give at least one of the columns."""
    series = visible_series(session, cell_id)
    strands = _strands_of(session, series)
    cyclers, loggers = _parted(series)
    of_logger = _of_logger(session, cyclers, loggers, strands)
    found = []
    for group in (loggers, cyclers):
        names = [name for name in dict.fromkeys(columns) if (name in of_logger) == (group is loggers)]
        found += [Source(one, strands[one.id], names) for one in group if names]
    return found


def read_cell_overview(  # noqa: PLR0913, PLR0917  # one range, one answer
    session: Session,
    sources: Sequence[Source],
    columns: Sequence[str],
    t_from: float | None,
    t_to: float | None,
    points: int,
) -> dict[str, pd.DataFrame]:
    """Return what `load_cell_overview` returns, from a snapshot that the caller holds."""
    drawn: dict[str, list[pd.DataFrame]] = {name: [] for name in columns}
    for one, strands, names in sources:
        low, high = (None if t is None else t - one.offset_second for t in (t_from, t_to))
        found = read_overview(session, strands, asked_for(names, low, high, points))
        for name in names:
            shown = found[name].thinned()
            if len(shown.time):
                drawn[name].append(pd.DataFrame({TIME: shown.time + one.offset_second, name: shown.signal}))
    return {name: _joined(parts, name) for name, parts in drawn.items()}


def _joined(parts: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the points of several series in order of time; what lies far apart is parted by a gap."""
    if not parts:
        return pd.DataFrame({TIME: np.empty(0), name: np.empty(0)})
    if len(parts) == 1:
        return parts[0].sort_values(TIME, kind="stable", ignore_index=True)
    runs = sorted(run for part in parts for run in _runs(part[TIME].to_numpy(), part[name].notna().to_numpy()))
    breaks, until = [], runs[0][1] if runs else 0.0
    for start, end in runs:
        if start - until > FLOOR_SECOND:
            breaks.append((until + start) / 2)
        until = max(until, end)
    points = [part.dropna() for part in parts]
    times = np.concatenate([*(part[TIME].to_numpy() for part in points), breaks])
    values = np.concatenate([*(part[name].to_numpy() for part in points), np.full(len(breaks), np.nan)])
    order = np.argsort(times, kind="stable")
    return pd.DataFrame({TIME: times[order], name: values[order]})


def _runs(times: Floats, there: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Return the first and last time of every run of points between gaps."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(np.int8), [0]])))
    return [(float(times[a]), float(times[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _strands_of(session: Session, series: list[Series]) -> dict[int, list[StrandKey]]:
    found: dict[int, list[StrandKey]] = {one.id: [] for one in series}
    for key in visible_strands(session, list(found)):
        found[key.series_id].append(key)
    return found


def _parted(series: list[Series]) -> tuple[list[Series], list[Series]]:
    """Return the series of cyclers and those of loggers."""
    return [one for one in series if one.source == CYCLER], [one for one in series if one.source != CYCLER]


def _of_logger(
    session: Session, cyclers: list[Series], loggers: list[Series], strands: dict[int, list[StrandKey]]
) -> set[str]:
    """Return the quantities whose values are the logger's."""
    by_logger = _measured(session, loggers, strands)
    if not by_logger:
        return set()
    by_cycler, choice = _measured(session, cyclers, strands), chosen_source(session, [*cyclers, *loggers])
    return {name for name in by_logger if comes_from_logger(name, by_cycler, by_logger, choice)}


def _measured(session: Session, series: list[Series], strands: dict[int, list[StrandKey]]) -> set[str]:
    return measured(session, [key for one in series for key in strands[one.id]])


def _nothing(names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({SEQUENCE: np.empty(0, np.int64), **{name: np.empty(0) for name in names}})


def _samples(
    session: Session, loggers: list[Series], strands: dict[int, list[StrandKey]], name: str, t_from: float | None = None
) -> pd.DataFrame:
    """Return the measured samples of one quantity of all loggers, on the cell's axis, in order of time."""
    tables = [_nothing((TIME, name))]
    for one in loggers:
        within = Range(None if t_from is None else t_from - one.offset_second)
        table = read_rows(session, strands[one.id], (TIME, name), within).as_table((TIME, name)).dropna()
        tables.append(table.assign(**{TIME: table[TIME] + one.offset_second}))
    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled)[[TIME, name]].sort_values(TIME, kind="stable", ignore_index=True)


def interpolate(at: Floats, time: Floats, values: Floats) -> Floats:
    """Return a logger's signal at other moments: linear, NaN outside and over more than three of its intervals.

    >>> interpolate(np.array([0.5, 50.0]), np.array([0.0, 1.0, 2.0, 99.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    array([1.5, nan])
    """
    result = np.interp(at, time, values, left=np.nan, right=np.nan)
    intervals = np.diff(time)
    if len(intervals) and (intervals > 0).any():
        longest = LONGEST_BRIDGE * float(np.median(intervals[intervals > 0]))
        after = np.clip(np.searchsorted(time, at, side="left"), 1, len(time) - 1)
        exact = time[after] == at
        result[(intervals[after - 1] > longest) & ~exact] = np.nan
    return result
