"""What is measured of one half-cycle: charge, energy, voltage, current and the mechanical step ends."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import median
from pressiometry.capacity import Capacity, measure_capacity
from pressiometry.half_cycles import find_cc_end
from pressiometry.indicators import Leg, find_step_end, fit_slope
from pressiometry.mechanical import Mechanical, Samples, cut_samples

if TYPE_CHECKING:
    from pressiometry.half_cycles import HalfCycle
    from pressiometry.records import Floats, Records


@dataclass(frozen=True)
class MeasuredHalf:
    """One half-cycle, measured; `leg` and `samples` are None without a mechanical signal or a capacity."""

    half: "HalfCycle"
    capacity: Capacity
    mean_voltage_volt: float
    """Charge-weighted."""
    energy_wh: float
    current_ampere: float
    """Median at constant current, a magnitude; charge over time where the current is not constant."""
    end_voltage_volt: float
    cc_end: int | None
    """Last of its records at constant current; None where the current is not constant."""
    samples: Samples | None
    leg: Leg | None


def _end_of(half: "HalfCycle", passed_ah: "Floats") -> int:
    """Position where it ends; of a dynamic one that may have turned already, where most charge had passed."""
    return int(np.nanargmax(passed_ah)) if half.dynamic and np.isfinite(passed_ah).any() else -1


def measure_half(
    records: "Records", half: "HalfCycle", mechanical: Mechanical | None, *, ended: bool, recorded_ends: bool
) -> MeasuredHalf:
    """Everything that one half-cycle gives by itself; `ended`, `recorded_ends` as in capacity.measure_capacity."""
    capacity = measure_capacity(records, half, ended=ended, recorded_ends=recorded_ends)
    voltage = records.voltage_volt[half.rows]
    mean_voltage = _mean_voltage(voltage, half.sign * records.charge_ah[half.rows])
    cc_end = find_cc_end(records.current_ampere[half.rows], capacity.passed_ah)
    current = _typical_current(records, half, capacity, cc_end)
    samples = leg = None
    if mechanical is not None:
        samples = cut_samples(mechanical, records, half, capacity.passed_ah)
        line = None if half.dynamic or cc_end is None else fit_slope(samples, float(capacity.passed_ah[cc_end]))
        leg = _measure_leg(half, capacity, samples, mechanical.resolution)
        leg = replace(leg, line=line, current_ampere=current) if leg else None
    return MeasuredHalf(
        half=half,
        capacity=capacity,
        mean_voltage_volt=mean_voltage,
        energy_wh=mean_voltage * capacity.total_ah,
        current_ampere=current,
        end_voltage_volt=float(voltage[_end_of(half, capacity.passed_ah)]),
        cc_end=cc_end,
        samples=samples,
        leg=leg,
    )


def _mean_voltage(voltage: "np.ndarray", charge: "np.ndarray") -> float:
    """Charge-weighted mean over the records that have a voltage, V."""
    before = np.concatenate((voltage[:1], voltage[:-1]))
    middle = 0.5 * (voltage + before)
    known = np.isfinite(middle)
    total = float(charge[known].sum())
    return float((middle[known] * charge[known]).sum() / total) if total > 0 else float("nan")


def _typical_current(records: "Records", half: "HalfCycle", capacity: Capacity, cc_end: int | None) -> float:
    if cc_end is not None:
        current = records.current_ampere[half.rows]
        flowing = np.abs(current[: cc_end + 1])[records.sign[half.rows][: cc_end + 1] == half.sign]
        return median(flowing)
    hours = (half.end_second - half.start_second) / 3600
    return capacity.total_ah / hours if hours > 0 else float("nan")


def _measure_leg(half: "HalfCycle", capacity: Capacity, samples: Samples, resolution: float) -> Leg | None:
    total = capacity.total_ah
    if not np.isfinite(total):
        return None
    start = find_step_end(samples, "start", total_ah=total, resolution=resolution, time_second=half.start_second)
    end = find_step_end(samples, "end", total_ah=total, resolution=resolution, time_second=half.end_second)
    return Leg(start, end, total, capacity.u_ah) if start and end else None
