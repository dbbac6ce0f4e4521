"""Where records are missing: decided between two records, by one rule and its strict form for steady logging.

An interval is a gap if it is longer than five times the median interval around it, longer than five times both
of its neighbours (a rest that is logged sparsely, or a CV step logged on change, has long neighbours), and longer
than a floor: 60 s, or one hour where either record lies at rest (no current: nothing to log is no loss).

Where records come steadily, such as a logger's every second, three of these intervals without a record are a gap:
as long as a signal is interpolated over, and as long as a feed may be quiet before it is called silent.
"""

import numpy as np
from numpy.typing import NDArray

from data_access.codec import Floats

TIMES_THE_MEDIAN = 5.0
FLOOR_SECOND = 60.0
FLOOR_AT_REST_SECOND = 3600.0
_REST_SHARE = 1e-3
"""At rest: the current is below this share of the largest one around it."""
STEADY_INTERVALS, STEADY_FLOOR_SECOND = 3.0, 2.0
NEIGHBOURS = 8
"""Intervals on either side by which it is told whether records come steadily."""
_STEADY_SHARE, _STEADY_BAND = 0.85, (0.5, 2.0)
"""Steadily: so many of the intervals around lie within this band about their median."""
_SHORT_ONES = 0.1
"""Nothing shorter than three of the short intervals is looked at twice: this share of all is shorter."""


def find_gaps(time: Floats, current: Floats | None = None) -> NDArray[np.intp]:
    """Return the positions i of the records that come after a gap, so that (i - 1, i) is the gap.

    >>> find_gaps(np.array([0.0, 1, 2, 3, 500, 501]))
    array([4])
    >>> find_gaps(np.concatenate([np.arange(20.0), np.arange(64.0, 84.0)]))
    array([20])
    """
    intervals = np.diff(time)
    forward = intervals[intervals > 0]
    if not len(forward):
        return np.empty(0, np.intp)
    limit = max(STEADY_INTERVALS * float(np.quantile(forward, _SHORT_ONES)), STEADY_FLOOR_SECOND)
    candidates = np.flatnonzero(intervals > limit)
    if not len(candidates):
        return np.empty(0, np.intp)
    at_rest = np.zeros(len(time), np.bool_) if current is None else _at_rest(current)
    found = _lonely(intervals, candidates, forward, at_rest) | _amid_steady_ones(intervals, candidates, at_rest)
    return candidates[found] + 1


def _lonely(
    intervals: Floats, candidates: NDArray[np.intp], forward: Floats, at_rest: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell of each candidate whether it is long against the median, against both neighbours, and the floor."""
    widths = intervals[candidates]
    before = np.where(candidates > 0, intervals[np.maximum(candidates - 1, 0)], 0.0)
    last = len(intervals) - 1
    after = np.where(candidates < last, intervals[np.minimum(candidates + 1, last)], 0.0)
    resting = at_rest[candidates] | at_rest[candidates + 1]
    return (
        (widths > max(TIMES_THE_MEDIAN * float(np.median(forward)), FLOOR_SECOND))
        & (widths > TIMES_THE_MEDIAN * np.maximum(before, after))
        & (~resting | (widths > FLOOR_AT_REST_SECOND))
    )


def _amid_steady_ones(intervals: Floats, candidates: NDArray[np.intp], at_rest: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of each candidate whether it is long against intervals around it that are all alike."""
    offsets = np.r_[-NEIGHBOURS:0, 1 : NEIGHBOURS + 1]
    places = candidates[:, None] + offsets
    inside = (places >= 0) & (places < len(intervals))
    places = places.clip(0, len(intervals) - 1)
    around = np.where(inside, intervals[places], np.nan)
    enough = inside.sum(axis=1) >= NEIGHBOURS
    found = np.zeros(len(candidates), np.bool_)
    if not enough.any():
        return found
    usual = np.nanmedian(around[enough], axis=1)
    low, high = (edge * usual[:, None] for edge in _STEADY_BAND)
    alike = (around[enough] >= low) & (around[enough] <= high)
    steady = (usual > 0) & (alike.sum(axis=1) >= _STEADY_SHARE * inside[enough].sum(axis=1))
    long = intervals[candidates[enough]] > np.maximum(STEADY_INTERVALS * usual, STEADY_FLOOR_SECOND)
    found[enough] = steady & long
    # A step at rest may be one record; a rest is logged steadily where all records around are at rest.
    ends_at_rest = at_rest[candidates] | at_rest[candidates + 1]
    rests = (at_rest[places] & at_rest[places + 1]) | ~inside
    found &= ~ends_at_rest | rests.all(axis=1)
    return found


def _at_rest(current: Floats) -> NDArray[np.bool_]:
    size = np.abs(current)
    measured = size[~np.isnan(size)]
    return size <= _REST_SHARE * float(measured.max()) if len(measured) else np.zeros(len(size), np.bool_)
