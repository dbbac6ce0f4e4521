"""Rows in memory: one array a quantity, in the order of their sequence numbers."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_access.codec import Floats, Integers
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import InvalidInputError

SEQUENCE = "sequence"
TIME = "test_time_second"
QUANTITIES = tuple(RECORD_COLUMNS)  # the time among them


class Rows:
    """Records in memory; a quantity that is not there was not measured (NaN) in any of them."""

    __slots__ = ("columns", "sequence")

    def __init__(self, sequence: Integers, columns: dict[str, Floats]) -> None:
        """Take the arrays as they are."""
        self.sequence = sequence
        self.columns = columns

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.sequence)

    @property
    def time(self) -> Floats:
        """The raw clock, s."""
        return self.columns[TIME]

    def take(self, which: slice | Integers | NDArray[np.bool_]) -> "Rows":
        """Return some of the rows."""
        return Rows(self.sequence[which], {name: values[which] for name, values in self.columns.items()})

    def only(self, names: Iterable[str]) -> "Rows":
        """Return the rows with these quantities only."""
        return Rows(self.sequence, {name: self.columns[name] for name in names if name in self.columns})

    def column(self, name: str) -> Floats:
        """Return one quantity, NaN where it was not measured."""
        values = self.columns.get(name)
        return np.full(len(self), np.nan) if values is None else values

    def as_table(self, names: Iterable[str]) -> pd.DataFrame:
        """Return the rows as a table with `sequence` first."""
        return pd.DataFrame({SEQUENCE: self.sequence, **{name: self.column(name) for name in names}})


EMPTY = Rows(np.empty(0, np.int64), {TIME: np.empty(0)})


def rows_of(table: pd.DataFrame) -> Rows:
    """Return the rows of a table in the order of their sequence; InvalidInputError if it is no table of records."""
    unknown = [str(name) for name in table.columns if name != SEQUENCE and name not in RECORD_COLUMNS]
    missing = [name for name in (SEQUENCE, TIME) if name not in table.columns]
    problems = [f"{name}: no column of a record" for name in unknown] + [f"{name}: is missing" for name in missing]
    if not missing and table[TIME].isna().any():
        problems.append(f"{TIME}: every record needs its time")
    if problems:
        raise InvalidInputError("The records cannot be stored: " + "; ".join(problems), problems=tuple(problems))
    sequence = table[SEQUENCE].to_numpy(np.int64)
    values = {str(name): table[name].to_numpy(np.float64) for name in table.columns if name != SEQUENCE}
    rows = Rows(sequence, {name: one for name, one in values.items() if name == TIME or is_measured(one)})
    if (np.diff(sequence) < 0).any():
        rows = rows.take(np.argsort(sequence, kind="stable"))
    return rows


def is_measured(values: Floats) -> bool:
    """Whether any of the values is a number; the first one mostly tells, without a look at the others.

    >>> is_measured(np.array([np.nan, 3.7])), is_measured(np.array([np.nan]))
    (True, False)
    """
    return len(values) > 0 and not (np.isnan(values[0]) and np.isnan(values).all())


def join(parts: Iterable[Rows]) -> Rows:
    """Return the rows of all parts, in order of their sequence; of two with one number the first part's stays."""
    kept = [part for part in parts if len(part)]
    if len(kept) < 2:  # noqa: PLR2004  # nothing to join
        return kept[0] if kept else EMPTY
    sequence = np.concatenate([part.sequence for part in kept])
    names = dict.fromkeys(name for part in kept for name in part.columns)
    rows = Rows(sequence, {name: np.concatenate([part.column(name) for part in kept]) for name in names})
    steps = np.diff(sequence)
    if (steps > 0).all():
        return rows
    if (steps < 0).any():
        rows = rows.take(np.argsort(sequence, kind="stable"))
    return rows.take(np.flatnonzero(np.diff(rows.sequence, prepend=rows.sequence[0] - 1)))


def common(left: Rows, right: Rows) -> tuple[Integers, Integers]:
    """Return where the sequence numbers that both have stand in each."""
    at = np.searchsorted(right.sequence, left.sequence)
    at_safe = np.minimum(at, max(len(right) - 1, 0))
    found = right.sequence[at_safe] == left.sequence if len(right) else np.zeros(len(left), np.bool_)
    return np.flatnonzero(found), at_safe[found]


def agree(left: Rows, left_at: Integers, right: Rows, right_at: Integers) -> NDArray[np.bool_]:
    """Return where two runs of rows have the same values; not measured agrees with not measured."""
    equal = np.ones(len(left_at), np.bool_)
    for name in {*left.columns, *right.columns}:
        a, b = left.column(name)[left_at], right.column(name)[right_at]
        equal &= (a == b) | (np.isnan(a) & np.isnan(b))
    return equal
