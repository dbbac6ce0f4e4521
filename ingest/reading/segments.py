"""Time that starts again or runs backwards: segments, repeated blocks, rows out of order.  Nothing is ever sorted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.reading.cells import Floats

_RESTART_SHARE = 0.02
"""A time below this share of the span so far, after a step backwards, is a start from the beginning."""


_BLOCK = 2
_DISORDER = 0.1
"""Share of steps back above which the time is no running time: no repeated blocks are looked for."""


@dataclass(frozen=True, slots=True)
class TimeSteps:
    """Where time goes back: `restarts` begin anew, `backwards` do not; `repeated` marks rows of repeated blocks."""

    restarts: NDArray[np.int64]
    backwards: NDArray[np.int64]
    repeated: NDArray[np.bool_]


def find_time_steps(time: Floats, values: dict[str, Floats], border: NDArray[np.bool_]) -> TimeSteps:
    """Places (row numbers) at which time goes back, and rows that repeat the block before them.

    `border` is True for rows before which a repeated header stood: there a step back is a restart.
    """
    back = np.flatnonzero(np.diff(time) < 0) + 1
    repeated = np.zeros(len(time), bool)
    if len(back) > max(_DISORDER * len(time), 1000):
        return TimeSteps(np.empty(0, np.int64), back, repeated)
    restarts, backwards = [], []
    begin = 0
    for place in back.tolist():
        if repeated[place]:
            continue
        length = _repeated_length(time, values, begin, place)
        if length:
            repeated[place : place + length] = True
            continue
        before = place - 1
        span = float(time[before] - time[begin])
        if border[place] or (time[place] - time[begin] <= _RESTART_SHARE * span and not _returns(time, place)):
            restarts.append(place)
            begin = place
        else:
            backwards.append(place)
    return TimeSteps(np.array(restarts, np.int64), np.array(backwards, np.int64), repeated)


def _repeated_length(time: Floats, values: dict[str, Floats], begin: int, place: int) -> int:
    """Rows from `place` on that repeat the rows just before it; 0 where they do not (a block has 2 rows or more)."""
    first = begin + int(np.searchsorted(time[begin:place], time[place], side="left"))
    length = place - first
    if length < _BLOCK or place + length > len(time):
        return 0
    # Most blocks differ at once: look at two rows before comparing all, or a disordered file takes for ever.
    return length if _same(values, first, place, _BLOCK) and _same(values, first, place, length) else 0


def _same(values: dict[str, Floats], first: int, place: int, length: int) -> bool:
    for column in values.values():
        left, right = column[first : first + length], column[place : place + length]
        if not np.array_equal(left, right, equal_nan=True):
            return False
    return True


def _returns(time: Floats, place: int) -> bool:
    """Whether time comes back to where it was within a few rows: a wrong stamp, not a restart."""
    after = time[place + 1 : place + 4]
    return bool(len(after) and (after >= time[place - 1]).any())


def number_segments(rows: int, starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """Segment of every row, from 0, one more at each start.

    >>> number_segments(4, np.array([2])).tolist()
    [0, 0, 1, 1]
    """
    steps = np.zeros(rows, np.int32)
    steps[starts] = 1
    return np.cumsum(steps, dtype=np.int32)
