"""Where records are missing: decided between two records, by one rule.

An interval is a gap if it is longer than five times the median interval around it, longer than five times both
of its neighbours (a rest that is logged sparsely, or a CV step logged on change, has long neighbours), and longer
than a floor: 60 s, or one hour where either record lies at rest (no current: nothing to log is no loss).
"""

import numpy as np
from numpy.typing import NDArray

from data_access.codec import Floats

TIMES_THE_MEDIAN = 5.0
FLOOR_SECOND = 60.0
FLOOR_AT_REST_SECOND = 3600.0
_REST_SHARE = 1e-3
"""At rest: the current is below this share of the largest one around it."""


def find_gaps(time: Floats, current: Floats | None = None) -> NDArray[np.intp]:
    """Return the positions i of the records that come after a gap, so that (i - 1, i) is the gap.

    >>> find_gaps(np.array([0.0, 1, 2, 3, 500, 501]))
    array([4])
    """
    intervals = np.diff(time)
    forward = intervals[intervals > 0]
    if not len(forward):
        return np.empty(0, np.intp)
    limit = np.full(len(intervals), max(TIMES_THE_MEDIAN * float(np.median(forward)), FLOOR_SECOND))
    candidates = np.flatnonzero(intervals > limit)
    if not len(candidates):
        return np.empty(0, np.intp)
    before = intervals[np.maximum(candidates - 1, 0)]
    after = intervals[np.minimum(candidates + 1, len(intervals) - 1)]
    before = np.where(candidates > 0, before, 0.0)
    after = np.where(candidates < len(intervals) - 1, after, 0.0)
    lonely = intervals[candidates] > TIMES_THE_MEDIAN * np.maximum(before, after)
    if current is not None:
        at_rest = _at_rest(current)
        resting = at_rest[candidates] | at_rest[candidates + 1]
        lonely &= ~resting | (intervals[candidates] > FLOOR_AT_REST_SECOND)
    return candidates[lonely] + 1


def _at_rest(current: Floats) -> NDArray[np.bool_]:
    size = np.abs(current)
    measured = size[~np.isnan(size)]
    return size <= _REST_SHARE * float(measured.max()) if len(measured) else np.zeros(len(size), np.bool_)
