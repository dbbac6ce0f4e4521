"""What both instruments recorded, cleaned: the charge on the cycler's clock, the pressure on the logger's."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD, median
from pressiometry.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

SECONDS_AN_HOUR = 3600.0
REPEATED_SHARE = 0.2
"""More repeated stamps than this share are stamps that were cut to a coarser digit."""
RESET_SHARE = 0.95
"""A counter that falls further than to this share of its value has started anew."""
ROUNDING = 1e-9
SPIKE_DEVIATIONS = 8.0
"""A sample so many times further off than nine in ten of them is none of the cell."""
FEWEST_SAMPLES = 8
"""A shorter stretch of a log has no turn in it."""


@dataclass(frozen=True, slots=True)
class CyclerTrace:
    """Current and charge on the cycler's clock, in ascending order of time.

    `charge_ah` is the net charge passed, A h; between records it is a straight line.
    """

    second: "Floats"
    ampere: "Floats"
    charge_ah: "Floats"
    is_reported: bool = False

    def charge_at(self, second: "Floats") -> "Floats":
        """Net charge at times on the cycler's clock, A h; held outside the records."""
        return np.interp(second, self.second, self.charge_ah)


@dataclass(frozen=True, slots=True)
class LogTrace:
    """Pressure (or force, thickness) on the logger's own clock, one segment: its time never runs backwards."""

    second: "Floats"
    pressure: "Floats"
    stamps_truncated: bool = False
    spikes: int = 0
    """Single samples far from their neighbours, which were left out."""
    count: float = 0.0
    """Smallest step between its values, in the pressure's unit: what the instrument rounds to."""

    @property
    def interval(self) -> float:
        """Median interval of the samples, s."""
        steps = np.diff(self.second)
        return median(steps[steps > 0]) if (steps > 0).any() else 1.0

    @property
    def middle(self) -> float:
        """The middle of the log, s of its clock."""
        return float(self.second[0] + self.second[-1]) / 2

    @property
    def half_length(self) -> float:
        """From the middle to either end, s."""
        return float(self.second[-1] - self.second[0]) / 2


def trace_cycler(
    second: "Floats", ampere: "Floats", charge_ah: "Floats | None" = None, *, is_complete: bool = False
) -> CyclerTrace:
    """The cycler's trace from its records: times in s, currents in A (positive charges), net charge in A h.

    Without a charge the current is integrated.  `is_complete`: the file holds all that was done to the cell, so that
    no current flowed for a day before and after it.  Raises InvalidInputError below two records or where time runs
    backwards.

    >>> trace_cycler(np.array([0.0, 3600.0]), np.array([1.0, 1.0])).charge_ah.tolist()
    [0.0, 1.0]
    """
    kept = np.isfinite(second) & np.isfinite(ampere)
    kept &= np.isfinite(charge_ah) if charge_ah is not None else True
    time, current = second[kept], ampere[kept]
    if time.size < 2 or (np.diff(time) < 0).any():  # noqa: PLR2004 - an interval needs two
        raise InvalidInputError("Clocks need cycler records in ascending order of time, at least two")
    if charge_ah is None:
        passed = np.diff(time) * (current[1:] + current[:-1]) / (2 * SECONDS_AN_HOUR)
        charge = np.concatenate([[0.0], np.cumsum(passed)])
    else:
        charge = charge_ah[kept]
    if is_complete:
        around = 24 * SECONDS_AN_HOUR
        time = np.concatenate([[time[0] - around, time[0] - 1.0], time, [time[-1] + 1.0, time[-1] + around]])
        current = np.concatenate([[0.0, 0.0], current, [0.0, 0.0]])
        charge = np.concatenate([[charge[0]] * 2, charge, [charge[-1]] * 2])
    return CyclerTrace(time, current, charge, is_reported=charge_ah is not None)


def net_charge(records: "pd.DataFrame") -> "Floats | None":
    """Net charge in A h from the instrument's own counters, None where it has none.

    The counters may start anew in every cycle or step.  Where one does, what it then shows has passed since.
    Source: CLOCKS section 2 (reported capacity before integrated current).

    >>> import pandas as pd
    >>> table = {"cycle_charging_capacity_ah": [0.0, 1.0, 1.0, 0.0], "cycle_discharging_capacity_ah": [0.0, 0, 0.9, 0]}
    >>> net_charge(pd.DataFrame(table)).round(3).tolist()
    [0.0, 1.0, 0.1, 0.1]
    """
    names = ("cycle_charging_capacity_ah", "cycle_discharging_capacity_ah")
    if not set(names) <= set(records.columns):
        return None
    charging, discharging = (_unwound(records[name].to_numpy(dtype=np.float64)) for name in names)
    return charging - discharging if np.isfinite(charging).any() and np.isfinite(discharging).any() else None


def _unwound(counter: "Floats") -> "Floats":
    """What a counter would show had it never started anew."""
    known = np.isfinite(counter)
    values = counter[known]
    if not values.size:
        return counter
    steps = np.diff(values)
    passed = np.where(values[1:] < RESET_SHARE * values[:-1], values[1:], steps)
    whole = np.full(counter.size, np.nan)
    whole[known] = np.concatenate([[0.0], np.cumsum(passed)])
    return whole


def trace_log(second: "Floats", pressure: "Floats") -> list[LogTrace]:
    """The segments of a log, each with an ascending clock; times in s, pressure in any unit.

    Samples without a value are dropped.  Time that runs backwards begins a new segment and is never sorted.  Stamps
    that repeat, as those written to the minute, are spread over the interval that they stand for.
    Source: CLOCKS section 4 step 1.

    >>> [part.second.size for part in trace_log(np.array([*range(9), *range(8)], dtype=float), np.ones(17))]
    [9, 8]
    """
    kept = np.isfinite(second) & np.isfinite(pressure)
    time, value = second[kept], pressure[kept]
    borders = np.flatnonzero(np.diff(time) < 0) + 1
    parts = zip(np.split(time, borders), np.split(value, borders), strict=True)
    return [_clean_segment(stamps, values) for stamps, values in parts if stamps.size >= FEWEST_SAMPLES]


def _clean_segment(stamps: "Floats", values: "Floats") -> LogTrace:
    cleaned = _spread_stamps(stamps, values)
    kept = ~find_spikes(cleaned.pressure)
    return replace(cleaned, second=cleaned.second[kept], pressure=cleaned.pressure[kept], spikes=int((~kept).sum()))


def find_spikes(values: "Floats") -> "NDArray[np.bool_]":
    """Which samples lie far from the median of the five around them: neither a kink nor a ramp does."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, 2, mode="edge"), 5)
    off = np.abs(values - np.median(around, axis=1))
    usual = max(MAD_TO_SD * median(off), _count(values), float(np.quantile(off, 0.9)))
    far: NDArray[np.bool_] = off > SPIKE_DEVIATIONS * usual
    return far


def _spread_stamps(stamps: "Floats", values: "Floats") -> LogTrace:
    repeated = np.diff(stamps) == 0
    if not repeated.any():
        return LogTrace(stamps, values, count=_count(values))
    if repeated.mean() > REPEATED_SHARE:
        return LogTrace(_spread(stamps), values, stamps_truncated=True, count=_count(values))
    first = np.concatenate([[True], ~repeated])
    return LogTrace(stamps[first], values[first], count=_count(values))


def _count(values: "Floats") -> float:
    """Smallest step between different values; 0 for a constant."""
    steps = np.diff(np.unique(values))
    real = steps[steps > ROUNDING * np.abs(values).max()]
    return float(real.min()) if real.size else 0.0


def _spread(stamps: "Floats") -> "Floats":
    """Times spread evenly over the interval that each repeated stamp stands for."""
    distinct, start, count = np.unique(stamps, return_index=True, return_counts=True)
    if distinct.size == 1:
        return stamps
    usual = median(np.diff(distinct))
    width = np.minimum(np.diff(distinct, append=distinct[-1] + usual), usual)
    place = np.arange(stamps.size) - np.repeat(start, count) + 0.5
    spread: Floats = stamps + place * np.repeat(width / count, count)
    return spread
