"""Which records of a new file are stored already: the same moments of the same clock, with the same values.

Two exports of one test may differ in their digits, their columns and their length.  Values are compared as far as both
files have digits and a value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]
Likeness = Literal["same", "near", "alike", "other"]

TIME = "test_time_second"

AGREEMENT = 0.95
"""Share of common records above which two stretches are the same records, exported twice."""

LARGEST_ROUNDING_SECOND = 0.5
"""Times that differ by more are different moments, however long the interval."""

COARSEST = 2e-3
"""Rounding to less than this share of a column's largest value is no rounding."""

NEARLY = 2e-3
"""Values within this share of a column's span may be the same ones: that is asked."""

PROGRAMMED = "current_ampere"
"""What the programme says is the same in every cycle, and tells nothing of whether records are the same ones."""

UNEVEN_SHARE = 0.2
"""Times with this share of intervals beside the usual one are hardly met twice by chance."""

LARGELY = 0.5
"""Share of equal values of one quantity above which records may be the same ones, in part altered: that is asked."""

FEWEST_TO_TELL = 10
"""Fewer records on the same times tell nothing but by equal values."""

FEWEST_CHANGES = 3
"""A quantity that changes less often, such as the current of one charge, is the same in many files."""

SAMPLE = 1000
MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows of the new table and of the stored one that are the same moments of one clock, and how their values compare.

    "same": equal to their digits.  "near": close, but not as equal as their digits say.  "alike": neither, but the
    times or the course of the values are hardly those of another run.  "other": only the times are the same.
    """

    new_rows: Integers
    old_rows: Integers
    likeness: Likeness


@dataclass(slots=True)
class Difference:
    """Values of one quantity that differ beyond their digits: which of the compared records, and by how much at most.

    `where` is aligned to the rows of the overlap.
    """

    column: str
    where: Bools
    largest: float


def find_overlap(new: pd.DataFrame, old: pd.DataFrame, columns: Sequence[str]) -> Overlap | None:
    """The records at times that both tables hold, judged by `columns`; None where there are none to speak of.

    Both are stretches of one raw clock.  At least 95 % of the records in the time that they share have to be there in
    both.

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
    found = {name: (_floats(new, name), _floats(old, name)) for name in shared}
    pairs = {name: (a, b) for name, (a, b) in found.items() if np.isfinite(a[new_rows] - b[old_rows]).any()}
    return Overlap(new_rows, old_rows, _likeness(pairs, new_rows, old_rows, _floats(old, TIME))) if pairs else None


def _likeness(
    pairs: dict[str, tuple[Floats, Floats]], new_rows: Integers, old_rows: Integers, times: Floats
) -> Likeness:
    """How the values of records on the same times compare."""
    equal = [agree(a[new_rows], b[old_rows], _rounding(a, b)) for a, b in pairs.values()]
    if np.logical_and.reduce(equal).mean() >= AGREEMENT:
        return "same"
    close = [agree(a[new_rows], b[old_rows], _nearly(b)) for a, b in pairs.values()]
    if np.logical_and.reduce(close).mean() >= AGREEMENT:
        return "near"
    if len(new_rows) < FEWEST_TO_TELL:
        return "other"
    if _is_uneven(times[old_rows]):
        return "alike"
    for (name, (new, old)), same in zip(pairs.items(), equal, strict=True):
        a, b = new[new_rows], old[old_rows]
        tells = name != PROGRAMMED and _changes(a) and _changes(b)
        if tells and (same.mean() >= LARGELY or _is_altered(a, b, same, _rounding(new, old))):
            return "alike"
    return "other"


def find_differences(
    new: pd.DataFrame, old: pd.DataFrame, overlap: Overlap, columns: Sequence[str], nearly: Sequence[str] = ()
) -> list[Difference]:
    """The quantities of `columns` that differ in records of an overlap, where both have a value.

    In those of `nearly` what is close counts as equal.
    """
    found = []
    for name in columns:
        if is_measured(new, name) and is_measured(old, name):
            a, b = _floats(new, name), _floats(old, name)
            slack = _nearly(b) if name in nearly else _rounding(a, b)
            a, b = a[overlap.new_rows], b[overlap.old_rows]
            where = ~agree(a, b, slack)
            if where.any():
                found.append(Difference(name, where, float(np.abs(a - b)[where].max())))
    return found


def _is_uneven(times: Floats) -> bool:
    """Whether the intervals vary: such times are not those of another file by chance."""
    steps = np.diff(np.sort(times))
    usual = float(np.median(steps))
    return float((np.abs(steps - usual) > COARSEST * usual + LARGEST_ROUNDING_SECOND).mean()) >= UNEVEN_SHARE


def _changes(values: Floats) -> bool:
    """Whether values change often enough to be recognised by their course."""
    return int(np.count_nonzero(np.diff(_known(values)))) >= FEWEST_CHANGES


def _is_altered(new: Floats, old: Floats, same: Bools, slack: float) -> bool:
    """Whether values are old ones shifted or stretched: cycles of one programme are alike, but not to the digit."""
    differing = ~same & np.isfinite(new) & np.isfinite(old)
    new, old = new[differing], old[differing]
    if len(new) < FEWEST_TO_TELL or not np.ptp(new) or not np.ptp(old):
        return False
    slope, shift = np.polyfit(old, new, 1)
    return float(agree(slope * old + shift, new, 2 * slack).mean()) >= AGREEMENT


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
    """Where two runs of values are equal but for a difference; not measured agrees with anything."""
    slack = difference + 1e-9 * max(float(np.abs(_known(old)).max(initial=0.0)), 1e-12)
    result: Bools = ~(np.abs(new - old) > slack)
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


def _nearly(old: Floats) -> float:
    """Largest difference of values that may be the same ones."""
    return NEARLY * float(np.ptp(_known(old)))


def _rounding_of_times(new: Floats, old: Floats) -> float:
    """Largest difference of the stamps of one moment: less than half of the shortest interval."""
    steps = np.concatenate([np.diff(new), np.diff(old)])
    forward = steps[steps > 0]
    return min(0.45 * float(forward.min()), LARGEST_ROUNDING_SECOND) if len(forward) else LARGEST_ROUNDING_SECOND


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _floats(table: pd.DataFrame, name: str) -> Floats:
    return table[name].to_numpy(dtype=np.float64)
