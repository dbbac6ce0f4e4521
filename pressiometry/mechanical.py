"""The mechanical signal: pressure, thickness or strain, on its own samples, cut to half-cycles."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.columns import MECHANICAL_SIGNALS, PRESSURE, MechanicalSignal
from pressiometry.past import NO_PAST, Past
from pressiometry.tables import check_mechanical, find_mechanical_signal, numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pressiometry.facts import CellFacts
    from pressiometry.half_cycles import HalfCycle
    from pressiometry.records import Records

    Floats = NDArray[np.float64]

BRIDGE_FACTOR = 3.0
"""An interval longer than this many ordinary ones is bridged, not covered (IMPORT section 2.6)."""
LARGEST_ORDINARY = 0.05


@dataclass(frozen=True)
class Mechanical:
    """Samples of one mechanical signal in the order of time, without missing ones."""

    signal: MechanicalSignal
    time_second: "Floats"
    value: "Floats"
    resolution: float
    """One count of the sensor, in the signal's unit."""
    limits: tuple[float, float]
    """Smallest and largest value of the test."""


@dataclass(frozen=True)
class Samples:
    """Samples of the mechanical signal while current flows in one half-cycle."""

    time_second: "Floats"
    charge_ah: "Floats"
    value: "Floats"
    coverage_percent: float
    """Share of the half-cycle's charge that is not bridged."""

    @property
    def count(self) -> int:
        """Number of samples."""
        return self.value.size


def read_mechanical(
    records: "pd.DataFrame", facts: "CellFacts", logger: "pd.DataFrame | None", past: Past = NO_PAST
) -> Mechanical | None:
    """The cell's mechanical signal, from a logger's own samples if there is one, else from the records.

    None where nothing was measured, in the past neither.

    Raises:
        InvalidInputError, MissingDataError: see tables.check_mechanical.
        PastChangedError: where a signal comes that goes before the one of the past, or a finer one.

    """
    if logger is not None:
        check_mechanical(logger)
    table = records if logger is None else logger
    signal = find_mechanical_signal(table)
    if past.count:
        signal = _as_in_the_past(signal, past)
    if signal is None:
        return None
    time, value = numbers(table, "test_time_second"), numbers(table, signal.column)
    known = np.isfinite(time) & np.isfinite(value)
    time, value = time[known], value[known]
    order = np.argsort(time, kind="stable")
    time, value = time[order], value[order]
    low, high = past.limits
    limits = min(low, float(value.min(initial=np.inf))), max(high, float(value.max(initial=-np.inf)))
    resolution = facts.pressure_resolution_mpa if signal is PRESSURE else _smallest_step(value, past)
    return Mechanical(signal, time, value, resolution, limits)


def _as_in_the_past(found: MechanicalSignal | None, past: Past) -> MechanicalSignal | None:
    """The signal of the past, unless the one that was found goes before it."""
    before = next((signal for signal in MECHANICAL_SIGNALS if signal.column == past.told("signal")), None)
    order = [*MECHANICAL_SIGNALS, None]
    past.check(holds=order.index(found) >= order.index(before), finding="the mechanical signal")
    return before


def _smallest_step(value: "Floats", past: Past) -> float:
    """Smallest difference between samples that follow each other: the resolution where nobody states one."""
    steps = np.abs(np.diff(value))
    smallest = float(steps[steps > 0].min(initial=np.inf))
    before = past.told("resolution")
    past.check(holds=before is None or before <= smallest, finding="the resolution of the sensor")
    if before is not None:
        return float(before)
    return smallest if np.isfinite(smallest) else 0.0


def cut_samples(mechanical: Mechanical, records: "Records", half: "HalfCycle", passed_ah: "Floats") -> Samples:
    """Samples within a half-cycle with the charge passed at each; rests inside it and gaps are left out.

    `passed_ah` is the charge passed at each record of the half-cycle.
    """
    first = int(np.searchsorted(mechanical.time_second, half.start_second, side="left"))
    last = int(np.searchsorted(mechanical.time_second, half.end_second, side="right"))
    time, value = mechanical.time_second[first:last], mechanical.value[first:last]
    record_time = records.time_second[half.rows]
    row = np.minimum(np.searchsorted(record_time, time, side="left"), record_time.size - 1)
    kept = ~(records.is_gap[half.rows][row] & (time < record_time[row]) & (row > 0))
    if not half.dynamic:
        kept &= records.sign[half.rows][row] != 0
    charge = np.interp(time, np.append(half.start_second, record_time), np.append(0.0, passed_ah))
    if half.dynamic:  # its charge goes back and forth, so its time is what has to be covered
        coverage = _coverage_percent(time - half.start_second, half.end_second - half.start_second)
    else:
        coverage = _coverage_percent(charge, float(passed_ah[-1]))
    return Samples(time[kept], charge[kept], value[kept], coverage)


def _coverage_percent(position: "Floats", total: float) -> float:
    """Share of a half-cycle, in percent, that lies within ordinary intervals of the samples.

    Positions from 0 to the total are charge and not time: instruments record rarely at the end of CV, where
    little charge passes.  Ordinary is what the densest quarter was sampled at, and at most 5 % of the total.
    """
    if position.size == 0 or not total > 0:
        return 0.0
    spacing = np.abs(np.diff(np.concatenate(([0.0], position, [total]))))
    ordered = np.sort(spacing)
    quarter = int(np.searchsorted(np.cumsum(ordered), 0.25 * ordered.sum()))
    ordinary = min(float(ordered[quarter]), LARGEST_ORDINARY * total)
    bridged = float((spacing[spacing > BRIDGE_FACTOR * ordinary] - ordinary).sum())
    return 100 * max(0.0, 1 - bridged / float(ordered.sum()))
