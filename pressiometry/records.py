"""Records as arrays, with the charge of every interval: what all later steps read.

An interval belongs to the record at its end: instruments write a record when a step ends, so the current of
the first record of a step has flowed since the last record of the step before.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pressiometry.tables import check_records, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

REST_SHARE = 0.01
"""A current below this share of the test's largest is a rest (SCIENCE section 2)."""
REST_AMPERE = 5e-6
GAP_FACTOR = 5.0
"""The current is never integrated across an interval longer than this many median intervals."""
MIN_INTERVALS = 3
"""A run of fewer intervals than this is judged by the median interval of the run before it."""

REGULAR_SHARE = 0.01
"""A last interval this close to the median was not cut short by the end of the step."""
MOSTLY = 0.9


@dataclass(frozen=True)
class Records:
    """The records of one cell as arrays of equal length; NaN where something was not measured."""

    time_second: "Floats"
    voltage_volt: "Floats"
    current_ampere: "Floats"
    instrument_cycle: "Floats"
    record_index: "Floats"
    temperature_celsius: "Floats"
    reported_charge_ah: "Floats"
    reported_discharge_ah: "Floats"
    largest_ampere: float = 0.0
    """Largest current of the cell's records before these."""

    @cached_property
    def sign(self) -> "Integers":
        """+1 where the cell is charged, -1 where it is discharged, 0 at rest."""
        flows = np.abs(self.current_ampere) > self.rest_limit_ampere
        return np.where(flows, np.sign(self.current_ampere), 0).astype(np.int64)

    @cached_property
    def rest_limit_ampere(self) -> float:
        """A current up to this size is a rest."""
        largest = np.abs(self.current_ampere).max(initial=self.largest_ampere)
        return max(REST_SHARE * float(largest), REST_AMPERE)

    @cached_property
    def interval_second(self) -> "Floats":
        """Time since the record before; 0 for the first and where the clock steps back."""
        return np.maximum(np.diff(self.time_second, prepend=self.time_second[:1]), 0.0)

    @cached_property
    def run(self) -> "Integers":
        """Number of the run of constant sign that each record is in, from 0."""
        return np.cumsum(np.diff(self.sign, prepend=self.sign[:1]) != 0)

    @cached_property
    def run_first(self) -> "Integers":
        """Row of the first record of every run, and one more entry: the number of records."""
        starts = np.flatnonzero(np.diff(self.run, prepend=-1))
        return np.append(starts, self.time_second.size)

    @cached_property
    def is_gap(self) -> "NDArray[np.bool_]":
        """True where the interval before a record is too long to be integrated."""
        limit = GAP_FACTOR * self.median_interval_second
        return self.interval_second > np.repeat(limit, np.diff(self.run_first))

    @cached_property
    def is_hole(self) -> "NDArray[np.bool_]":
        """True where an interval is a gap for the step before it too: records of both were lost.

        The first record after a rest that was recorded rarely is none, nor is the first record of a file.
        """
        medians = self.median_interval_second
        of_both = np.repeat(np.maximum(medians, np.append(medians[:1], medians[:-1])), np.diff(self.run_first))
        inside = np.repeat(medians, np.diff(self.run_first))
        at_border = np.diff(self.run, prepend=-1) > 0
        limit = GAP_FACTOR * np.where(at_border, of_both, inside)
        return (self.interval_second > limit) & ~self.is_file_start

    @cached_property
    def median_interval_second(self) -> "Floats":
        """Median interval within every run; of the last run before it where a run has fewer than three intervals.

        Judged by what came before, a step stays what it was found to be while records go on coming.
        """
        usable = np.where(self.interval_second > 0, self.interval_second, np.nan)
        usable[self.run_first[:-1]] = np.nan  # the interval across the border belongs to neither step
        by_run = pd.Series(usable).groupby(self.run)
        medians = np.asarray(by_run.median(), dtype=np.float64)
        counts = by_run.count().to_numpy()
        long = np.flatnonzero(counts >= MIN_INTERVALS)
        if not long.size:
            known = self.interval_second[self.interval_second > 0]
            return np.full(counts.size, float(np.median(known)) if known.size else 0.0)
        judge = np.maximum(np.searchsorted(long, np.arange(counts.size), side="right") - 1, 0)
        return medians[long[judge]]

    @cached_property
    def steps(self) -> "tuple[Floats, Integers]":
        """Median interval, length (s) and whether the last interval was regular (0 or 1), and the first row.

        Of every step that carries current, has three intervals and is not the last: that one may still be going on.
        """
        first, last = self.run_first[:-1], self.run_first[1:] - 1
        kept = (self.sign[first] != 0) & (last - first >= MIN_INTERVALS) & (last < self.sign.size - 1)
        first, last = first[kept], last[kept]
        medians = self.median_interval_second[kept]
        regular = np.abs(self.interval_second[last] - medians) <= REGULAR_SHARE * medians
        return np.column_stack((medians, self.time_second[last] - self.time_second[first], regular)), first

    @cached_property
    def has_recorded_ends(self) -> bool:
        """Whether a record is written when a step ends."""
        return has_recorded_ends(self.steps[0])

    @cached_property
    def charge_ah(self) -> "Floats":
        """Charge of the interval before each record, positive on charge; 0 at rest and across gaps.

        Trapezoid within a run; the first interval of a run carries the current of its first record.
        """
        before = np.concatenate((self.current_ampere[:1], self.current_ampere[:-1]))
        starts = self.run_first[:-1]
        before[starts] = self.current_ampere[starts]
        charge = 0.5 * (before + self.current_ampere) * self.interval_second / 3600
        return np.where(self.is_gap | (self.sign == 0), 0.0, charge)

    @cached_property
    def net_charge_ah(self) -> "Floats":
        """Charge of the interval before each record by the plain trapezoid, for currents that never rest."""
        before = np.concatenate((self.current_ampere[:1], self.current_ampere[:-1]))
        return np.where(self.is_gap, 0.0, 0.5 * (before + self.current_ampere) * self.interval_second / 3600)

    @cached_property
    def is_file_start(self) -> "NDArray[np.bool_]":
        """True at the first record of a file: where the record number, or line of the file, steps back."""
        back = np.diff(self.record_index, prepend=self.record_index[:1]) < 0
        back[:1] = True
        return back


def has_recorded_ends(steps: "Floats") -> bool:
    """Whether a record is written when a step ends; not so where steps of all lengths end on the regular beat.

    `steps` are those of Records.steps.
    """
    medians, lengths, regular = steps.T
    if lengths.size < MIN_INTERVALS or np.ptp(lengths) <= 0.5 * np.median(medians):
        return True
    return bool(regular.mean() < MOSTLY)


def read_arrays(records: pd.DataFrame, largest_ampere: float = 0.0) -> Records:
    """Arrays of the records that have a time and a current, in the order given.

    `largest_ampere` is the largest current of the cell's records before these.

    Raises:
        InvalidInputError, MissingDataError: see tables.check_records.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"test_time_second": [0, 60, 120], "voltage_volt": 3.6, "current_ampere": [0, 1e-3, 1e-3]})
    >>> (read_arrays(table).charge_ah * 3600).round(6).tolist()
    [0.0, 0.06, 0.06]

    """
    check_records(records)
    time, current = numbers(records, "test_time_second"), numbers(records, "current_ampere")
    kept = np.isfinite(time) & np.isfinite(current)

    def column(*names: str) -> "Floats":
        for name in names:
            if name in records.columns:
                values = numbers(records, name)[kept]
                if np.isfinite(values).any():
                    return values
        return np.full(int(kept.sum()), np.nan)

    return Records(
        time_second=time[kept],
        voltage_volt=column("voltage_volt"),
        current_ampere=current[kept],
        instrument_cycle=column("instrument_cycle_count"),
        record_index=column("record_index"),
        temperature_celsius=column("surface_temperature_celsius", "ambient_temperature_celsius"),
        reported_charge_ah=column("cycle_charging_capacity_ah"),
        reported_discharge_ah=column("cycle_discharging_capacity_ah"),
        largest_ampere=largest_ampere,
    )
