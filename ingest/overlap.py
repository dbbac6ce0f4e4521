"""Which records of a new file are stored already: the same moments of the same clock, with the same values.

Two exports of one test may differ in their digits, their columns and their length.  Values are compared as far as both
files have digits; columns that only one of them has are left out of the comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

TIME = "test_time_second"

AGREEMENT = 0.95
"""Share of common records above which two stretches are the same records, exported twice."""

LARGEST_ROUNDING_SECOND = 0.5
"""Times that differ by more are different moments, however long the interval."""

COARSEST = 2e-3
"""Rounding to less than this share of a column's largest value is no rounding."""

NEARLY = 2e-3
"""Values within this share of a column's span may be the same ones: that is asked."""

SAMPLE = 1000
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows of the new table and of the stored one that are the same moments; `differing`: with another value.

    Where `is_certain` is False the values are close, but not as equal as their digits say.
    """

    new_rows: Integers
    old_rows: Integers
    differing: Bools
    is_certain: bool = True


def find_overlap(new: pd.DataFrame, old: pd.DataFrame, columns: Sequence[str]) -> Overlap | None:
    """The records that both tables hold, or None; both are stretches of one raw clock.

    At least 95 % of the records in the time that they share have to be there in both, and to agree in `columns`.

    >>> table = pd.DataFrame({"test_time_second": [0.0, 60, 120], "voltage_volt": [3.5, 3.512345, 3.6]})
    >>> find_overlap(table.round(3), table[1:], ["voltage_volt"]).new_rows.tolist()
    [1, 2]
    """
    shared = [name for name in columns if is_measured(new, name) and is_measured(old, name)]
    if new.empty or old.empty or not shared:
        return None
    new_rows, old_rows, in_common = match_times(_floats(new, TIME), _floats(old, TIME))
    if not len(new_rows) or len(new_rows) < AGREEMENT * in_common:
        return None
    pairs = [(_floats(new, name), _floats(old, name)) for name in shared]
    equal = np.logical_and.reduce([agree(a[new_rows], b[old_rows], _rounding(a, b)) for a, b in pairs])
    if equal.mean() >= AGREEMENT:
        return Overlap(new_rows, old_rows, ~equal)
    close = np.logical_and.reduce(
        [agree(a[new_rows], b[old_rows], NEARLY * float(np.ptp(_known(b)))) for a, b in pairs]
    )
    if close.mean() >= AGREEMENT:
        return Overlap(new_rows, old_rows, ~close, is_certain=False)
    return None


def is_measured(table: pd.DataFrame, name: str) -> bool:
    """Whether any record has a value of this quantity."""
    if name not in table.columns or table.empty:
        return False
    values = table[name].to_numpy()
    return not np.isnan(values[0]) or not bool(np.isnan(values).all())  # the first one mostly tells


def match_times(new: Floats, old: Floats) -> tuple[Integers, Integers, int]:
    """Rows of both that are the same moments, and how many of the shorter lie in the time that they share.

    Of several records with one stamp the first goes with the first, the second with the second.

    >>> match_times(np.array([1.0, 2, 2, 3]), np.array([0.0, 1, 2, 2]))[1].tolist()
    [1, 2, 3]
    """
    new_order, old_order = np.argsort(new, kind="stable"), np.argsort(old, kind="stable")
    new, old = new[new_order], old[old_order]
    slack = _rounding_of_times(new, old)
    low, high = max(new[0], old[0]) - slack, min(new[-1], old[-1]) + slack
    in_common = min(int(((times >= low) & (times <= high)).sum()) for times in (new, old))
    nth = np.arange(len(new)) - np.searchsorted(new, new - slack, "left")
    at = np.searchsorted(old, new - slack, "left") + nth
    safe = np.minimum(at, len(old) - 1)
    found = (at < len(old)) & (np.abs(old[safe] - new) <= slack)
    return new_order[found].astype(np.int64), old_order[safe[found]].astype(np.int64), in_common


def agree(new: Floats, old: Floats, difference: float) -> Bools:
    """Where two runs of values are equal but for a difference; not measured agrees with not measured."""
    slack = difference + 1e-9 * max(float(np.abs(_known(old)).max(initial=0.0)), 1e-12)
    result: Bools = (np.abs(new - old) <= slack) | (np.isnan(new) & np.isnan(old))
    return result


def find_digit(values: Floats) -> float:
    """The last decimal digit that the values use, as 0.001; 0 where they use more than nine.

    >>> find_digit(np.array([3.7, 3.712])), find_digit(np.array([1 / 3]))
    (0.001, 0.0)
    """
    known = _known(values)
    sample = known[:: max(1, len(known) // SAMPLE)]
    for digits in range(MOST_DIGITS + 1):
        scaled = sample * 10.0**digits
        if (np.abs(scaled - np.round(scaled)) <= 1e-6 + 1e-12 * np.abs(scaled)).all():
            return float(10.0**-digits)
    return 0.0


def _rounding(new: Floats, old: Floats) -> float:
    """Largest difference of equal values that were written with these digits."""
    largest = max(float(np.abs(_known(values)).max(initial=0.0)) for values in (new, old))
    return min(max(find_digit(new), find_digit(old)) / 2, COARSEST * largest)


def _rounding_of_times(new: Floats, old: Floats) -> float:
    """Largest difference of the stamps of one moment: less than half of the shortest interval."""
    steps = np.concatenate([np.diff(new), np.diff(old)])
    forward = steps[steps > 0]
    return min(0.45 * float(forward.min()), LARGEST_ROUNDING_SECOND) if len(forward) else LARGEST_ROUNDING_SECOND


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _floats(table: pd.DataFrame, name: str) -> Floats:
    return table[name].to_numpy(dtype=np.float64)
