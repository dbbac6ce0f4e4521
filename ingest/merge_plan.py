"""What merging a new file with the stored records needs to know, and what it decides; and how that is said."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ingest.overlap import Difference, Integers
from ingest.placement import Floats, Kind, Stretch
from pressiometry.columns import MECHANICAL_SIGNALS, RECORD_COLUMNS

FORCE, PRESSURE = "force_newton", "surface_pressure_mpa"

KEY_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "cycler": ("test_time_second", "voltage_volt", "current_ampere"),
    "mechanical": ("test_time_second", *(signal.column for signal in MECHANICAL_SIGNALS), FORCE, "analogue_input_volt"),
}
"""What a record is recognised by."""

OF_THE_FILE = ("test_time_second", "record_index")
"""What is told by the file, not measured: a file never lacks it."""

NOT_COMPARED = (*OF_THE_FILE, "unix_time_second", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah")
"""Clocks are judged by `placement`; capacities are counted from where a file begins."""

MEASURED = tuple(sorted(map(str, RECORD_COLUMNS), key=lambda name: name not in KEY_COLUMNS["mechanical"]))
"""Every quantity of a record, mechanical ones first."""


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """One series of an earlier import: its records' keys on its raw clock, and where it lies on the cell's axis.

    `columns`: every quantity that was measured in it; `local_zero_second`: the instrument's date at its clock's zero.
    `load` gives its records with all of them, in the order of `keys`.
    """

    series_id: int
    import_id: int | None
    name: str
    kind: Kind
    offset_second: float
    keys: pd.DataFrame
    columns: frozenset[str]
    local_zero_second: float | None = None
    load: Callable[[], pd.DataFrame] | None = None

    def records(self) -> pd.DataFrame:
        """The records with every quantity."""
        return self.keys if self.load is None else self.load()


@dataclass(frozen=True, slots=True)
class Placement:
    """Rows start..stop of the new table become one series with this offset on the cell's axis."""

    start: int
    stop: int
    offset_second: float
    local_zero_second: float | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A series of a superseded import that the new one takes over: the rows that both have, and those left over.

    In the common rows the value of the stored record holds where it has one, or with `new_holds` that of the new one.
    """

    stored: StoredSegment
    new_rows: Integers
    old_rows: Integers
    new_holds: bool


@dataclass(slots=True)
class MergePlan:
    """Where the rows go, what is replaced, what is left out, and why, in words; and what has to be asked first.

    `gave_to`: the imports on which the new one leans, because they hold records of its file.
    """

    placements: list[Placement] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    joined: list[Joined] = field(default_factory=list)
    gave_to: list[int] = field(default_factory=list)
    rows_duplicate: int = 0
    differing_rows: list[int] = field(default_factory=list)
    differing_columns: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    optional_questions: list[dict[str, Any]] = field(default_factory=list)


def stretch_of(stored: StoredSegment) -> Stretch:
    """Where a stored series lies."""
    seconds = ascending(stored.keys["test_time_second"].to_numpy(dtype=np.float64))
    unix = wall_zero(stored.keys, "unix_time_second")
    return Stretch(stored.name, stored.kind, seconds, stored.offset_second, unix, stored.local_zero_second)


def wall_zero(table: pd.DataFrame, name: str) -> float | None:
    """What a wall clock said at the zero of the raw clock, s since 1970; None where the table has none."""
    if name not in table.columns:
        return None
    wall = table[name].to_numpy(dtype=np.float64)
    known = np.flatnonzero(np.isfinite(wall))
    return float(wall[known[0]] - table["test_time_second"].iloc[known[0]]) if len(known) else None


def ascending(seconds: Floats) -> Floats:
    """The times in order."""
    return seconds if (seconds[1:] >= seconds[:-1]).all() else np.sort(seconds)


def labels(columns: Collection[str]) -> str:
    """Labels of columns: "Pressure and Force"."""
    return " and ".join(RECORD_COLUMNS[name].label for name in MEASURED if name in columns)


def in_words(differences: Sequence[Difference]) -> str:
    """What differs, where and by how much: "Pressure differs in 400 records by up to 5 MPa"."""
    words = []
    for name in dict.fromkeys(one.column for one in differences):
        own = [one for one in differences if one.column == name]
        count, largest = sum(int(one.where.sum()) for one in own), max(one.largest for one in own)
        column = RECORD_COLUMNS[name]
        words.append(f"{column.label} differs in {count} records by up to {largest:.3g} {column.unit}".strip())
    return ", ".join(words)
