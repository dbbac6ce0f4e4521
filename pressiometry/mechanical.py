"""The mechanical signal: pressure, thickness or strain, on its own samples, cut to half-cycles."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.columns import PRESSURE, MechanicalSignal
from pressiometry.tables import check_mechanical, find_mechanical_signal, numbers

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pressiometry.facts import CellFacts
    from pressiometry.half_cycles import HalfCycle
    from pressiometry.records import Records

    Floats = NDArray[np.float64]

BRIDGE_FACTOR = 3.0
"""An interval longer than this many median ones is bridged, not covered (IMPORT section 2.6)."""


@dataclass(frozen=True)
class Mechanical:
    """Samples of one mechanical signal in the order of time, without missing ones."""

    signal: MechanicalSignal
    time_second: "Floats"
    value: "Floats"
    resolution: float
    """One count of the sensor, in the signal's unit."""


@dataclass(frozen=True)
class Samples:
    """Samples of the mechanical signal while current flows in one half-cycle."""

    time_second: "Floats"
    charge_ah: "Floats"
    value: "Floats"
    coverage_percent: float
    """Share of the half-cycle's duration that is not bridged."""

    @property
    def count(self) -> int:
        """Number of samples."""
        return self.value.size


def read_mechanical(records: "pd.DataFrame", facts: "CellFacts", logger: "pd.DataFrame | None") -> Mechanical | None:
    """The cell's mechanical signal, from a logger's own samples if there is one, else from the records.

    None where nothing was measured.

    Raises:
        InvalidInputError, MissingDataError: see tables.check_mechanical.

    """
    if logger is not None:
        check_mechanical(logger)
    table = records if logger is None else logger
    signal = find_mechanical_signal(table)
    if signal is None:
        return None
    time, value = numbers(table, "test_time_second"), numbers(table, signal.column)
    known = np.isfinite(time) & np.isfinite(value)
    time, value = time[known], value[known]
    order = np.argsort(time, kind="stable")
    resolution = facts.pressure_resolution_mpa if signal is PRESSURE else _smallest_step(value)
    return Mechanical(signal, time[order], value[order], resolution)


def _smallest_step(value: "Floats") -> float:
    """Smallest difference between two levels of the signal: its resolution where nobody states one."""
    levels = np.diff(np.unique(value))
    return float(levels.min()) if levels.size else 0.0


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
    return Samples(time[kept], charge[kept], value[kept], _coverage_percent(mechanical, time, half))


def _coverage_percent(mechanical: Mechanical, time: "Floats", half: "HalfCycle") -> float:
    """Share of a half-cycle, in percent of its duration, within ordinary intervals of the samples."""
    duration = half.end_second - half.start_second
    if duration <= 0:
        return 0.0
    own = np.diff(time)
    positive = own[own > 0] if (own > 0).sum() > BRIDGE_FACTOR else np.diff(mechanical.time_second)
    typical = float(np.median(positive[positive > 0])) if (positive > 0).any() else 0.0
    intervals = np.diff(np.concatenate(([half.start_second], time, [half.end_second])))
    bridged = float((intervals[intervals > BRIDGE_FACTOR * typical] - typical).sum())
    return 100 * max(0.0, 1 - bridged / duration)
