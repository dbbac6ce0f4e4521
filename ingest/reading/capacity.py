"""Capacities as the instrument reports them, made to start anew with each of its cycles.

A reported capacity may run on over the whole file, start anew in each cycle or in each step (IMPORT section 2.2).
Its increments tell: a value that falls to less than half of the one before has started anew.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.reading.cells import Floats

Semantics = Literal["cumulative", "per_cycle", "per_step"]
_FELL = 0.5
_STRETCH = 1 << 20
_NOISE = 1e-4
_GAP = 5.0
_CLEAR_SHARE = 0.5
_HABIT = 3
"""Rows that make a habit."""


def stretches(rows: int) -> Iterator[tuple[int, int]]:
    """First and last row of pieces of a million rows: what is computed on the way stays small."""
    for begin in range(0, rows, _STRETCH):
        yield begin, min(begin + _STRETCH, rows)


def changes(values: NDArray[np.float64] | NDArray[np.int32]) -> NDArray[np.bool_]:
    """True at each row whose value is not that of the row before; False at the first."""
    result = np.zeros(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=result[1:])
    return result


def increments(capacity: Floats, segment: NDArray[np.int32]) -> tuple[Floats, NDArray[np.bool_]]:
    """Charge added at each row, Ah (never negative), and the rows at which the counter started anew."""
    added, anew = np.empty(len(capacity)), changes(segment)
    noise = _NOISE * np.nanmax(np.abs(capacity), initial=0.0)
    last = 0.0
    for begin, end in stretches(len(capacity)):
        size = np.abs(_filled(capacity[begin:end], last))
        before = np.concatenate([[last if begin else size[0]], size[:-1]])
        anew[begin:end] |= (size < _FELL * before) & (before > noise)
        added[begin:end] = np.where(anew[begin:end], size, np.maximum(size - before, 0.0))
        last = float(size[-1])
        if begin == 0:
            added[0] = size[0]
    return added, anew


def counts_both_ways(capacity: Floats, current: Floats, segment: NDArray[np.int32]) -> bool:
    """Whether one counter counts charge up and discharge down (Novonix), and does not start anew between.

    Its size falls, bit by bit, in one of the directions; a counter of steps or half-cycles grows in both.
    """
    change = np.diff(np.abs(capacity))
    noise = _NOISE * np.nanmax(np.abs(capacity), initial=0.0)
    with np.errstate(invalid="ignore"):
        moved = (np.abs(change) > noise) & ~changes(segment)[1:]
        directions = (moved & (current[1:] > 0), moved & (current[1:] < 0))
    return any(
        int(telling.sum()) >= _HABIT and float(np.mean(change[telling] < 0)) > _CLEAR_SHARE for telling in directions
    )


def net_increments(capacity: Floats, borders: NDArray[np.bool_]) -> Floats:
    """Charge moved at each row, Ah (never negative), of a counter that counts both ways; none at a border."""
    moved = np.abs(np.diff(_filled(capacity, 0.0), prepend=capacity[:1]))
    moved[borders] = 0.0
    return np.nan_to_num(moved)


def per_cycle(capacity: Floats, borders: NDArray[np.bool_], segment: NDArray[np.int32]) -> Semantics:
    """Make a reported capacity count from each border, in place; how the instrument had counted it."""
    added, anew = increments(capacity, segment)
    if not anew.any() and len(added):
        added[0] = 0.0  # a counter that runs on from an earlier file
    absent = np.isnan(capacity)
    capacity[:] = since_border(added, borders)
    capacity[absent] = np.nan
    return _semantics(anew, borders, segment)


def since_border(added: Floats, borders: NDArray[np.bool_]) -> Floats:
    """Running sum of the increments since the last border (the border's own row counts); overwrites `added`."""
    total, base = 0.0, 0.0
    for begin, end in stretches(len(added)):
        piece = added[begin:end]
        sums = np.cumsum(piece) + total
        bases = np.maximum.accumulate(np.where(borders[begin:end], sums - piece, base))
        total, base = float(sums[-1]), float(bases[-1])
        added[begin:end] = sums - bases
    return added


def by_direction(added: Floats, current: Floats, *, charging: bool) -> Floats:
    """The increments of one direction only, of a capacity that counts both."""
    mask = current > 0 if charging else current < 0
    return np.where(mask, added, 0.0)


def _filled(capacity: Floats, last: float) -> Floats:
    """Missing values take the one before; `last` is the one before the first."""
    missing = np.isnan(capacity)
    if not missing.any():
        return capacity
    place = np.maximum.accumulate(np.where(missing, -1, np.arange(len(capacity))))
    return np.where(place < 0, last, capacity[place])


def cycle_borders(cycle: Floats | None, segment: NDArray[np.int32]) -> NDArray[np.bool_]:
    """True at the first row of each of the instrument's cycles and segments."""
    borders = changes(segment)
    if cycle is not None:
        borders |= changes(cycle) & ~np.isnan(cycle)
    borders[:1] = True
    return borders


def _semantics(anew: NDArray[np.bool_], borders: NDArray[np.bool_], segment: NDArray[np.int32]) -> Semantics:
    resets = np.flatnonzero(anew & ~changes(segment))
    if not len(resets):
        return "cumulative"
    near = np.isin(resets, np.flatnonzero(borders))
    return "per_cycle" if near.mean() > _CLEAR_SHARE else "per_step"


def integrate(time: Floats, current: Floats, segment: NDArray[np.int32], step: Floats | None) -> Iterator[Floats]:
    """Charge passed at each row, Ah, by trapezoids, piece by piece (see stretches); never across a gap.

    A gap is an interval longer than 5 x the usual one between rows of different steps (or between any rows where the
    file has no steps), or a border between segments.  Within one step a long interval is one in which nothing changed.
    """
    usual = _GAP * max(float(np.median(np.diff(time[:_STRETCH]))) if len(time) > 1 else 0.0, 1e-9)
    for begin, end in stretches(len(time)):
        before = np.concatenate([[max(begin - 1, 0)], np.arange(begin, end - 1)])
        dt = time[begin:end] - time[before]
        mean = (current[begin:end] + current[before]) / 2
        whole = dt <= usual
        if step is not None:
            whole |= step[begin:end] == step[before]
        whole &= (dt >= 0) & np.isfinite(mean) & (segment[begin:end] == segment[before])
        yield np.where(whole, mean * dt, 0.0) / 3600
