"""Curves of one cycle on equal steps of charge: voltage, mechanical signal and their derivatives."""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from pressiometry.capacity import Capacity, measure_capacity
from pressiometry.half_cycles import HalfCycle, find_cc_end
from pressiometry.mechanical import Mechanical, Samples, cut_samples, read_mechanical
from pressiometry.records import Records, read_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.facts import CellFacts
    from pressiometry.pairing import Cycle

    Floats = NDArray[np.float64]

POINTS = 201
"""Points a half-cycle: steps of 0.5 % of its charge."""
WINDOW = 15
"""Points of the Savitzky-Golay window: 7 % of the charge."""
ORDER = 2
LEAST_RECORDS = 5
COLUMNS = ("half", "q_ah", "voltage_volt", "signal", "dsignal_dq", "dq_dv")


def summarise_curves(
    records: pd.DataFrame, cycle_row: "pd.Series[Any]", facts: "CellFacts", mechanical: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Curves of one cycle, 201 points a half-cycle: half, q_ah, voltage_volt, signal, dsignal_dq, dq_dv.

    `q_ah` is the charge passed in the half-cycle, from 0; `signal` the change of the mechanical signal since the
    start of charge, in its unit.  `dsignal_dq` (unit per A h) is by the charge in the cell, positive in both
    directions for a normal Li anode; `dq_dv` (A h/V) by the charge passed, hence negative on discharge.  Both are
    NaN outside constant current.  `records` hold at least the cycle; `cycle_row` is its row of summarise_cycles.
    Source: SCIENCE section 3 (Savitzky-Golay, order 2, 7 % of the charge).

    Raises:
        InvalidInputError, MissingDataError: see tables.check_records.

    """
    return pd.DataFrame(summarise_all_curves(records, cycle_row.to_frame().T, facts, mechanical)[cycle_row.name])


def summarise_all_curves(
    records: pd.DataFrame, cycles: pd.DataFrame, facts: "CellFacts", mechanical: pd.DataFrame | None = None
) -> "dict[Any, dict[str, NDArray[Any]]]":
    """Columns of the curves of every cycle as summarise_curves gives them, by the cycle's label in `cycles`.

    Raises:
        InvalidInputError, MissingDataError: see tables.check_records.

    """
    arrays = read_arrays(records)
    signal = read_mechanical(records, facts, mechanical)
    edges = [f"{name}_{edge}_second" for name in ("charge", "discharge") for edge in ("start", "end")]
    times = cycles[edges].to_numpy(dtype=np.float64).reshape(-1, 2, 2)
    is_sorted = bool((np.diff(arrays.time_second) >= 0).all())
    found = {}
    for label, spans, segmentation in zip(cycles.index, times, cycles["segmentation"], strict=True):
        halves = _halves_of(arrays, spans, dynamic=segmentation == "turning_points", is_sorted=is_sorted)
        found[label] = _join_curves([_curve_of(arrays, half, signal) for half in halves])
    return found


def draw_curves(cycle: "Cycle", records: Records, mechanical: Mechanical | None) -> "dict[str, NDArray[Any]]":
    """Columns of the curves of one measured cycle, as summarise_curves gives them."""
    found = []
    for part in cycle.halves:
        half = part.half
        if np.count_nonzero(half.dynamic | (records.sign[half.rows] == half.sign)) < LEAST_RECORDS:
            continue
        edges = [half.first, min(half.last + 1, records.is_hole.size - 1)]
        if records.is_hole[edges].any():
            found.append(_curve_of(records, half, mechanical))
        else:
            found.append(_curve(records, half, part.capacity, part.samples, part.cc_end))
    return _join_curves(found)


@dataclass(frozen=True)
class _Curves:
    """The curves of one half-cycle, POINTS values each."""

    half: str
    q_ah: "Floats"
    voltage_volt: "Floats"
    signal: "Floats"
    dsignal_dq: "Floats"
    dq_dv: "Floats"


def _join_curves(halves: list[_Curves | None]) -> "dict[str, NDArray[Any]]":
    """The curves of the half-cycles of a cycle one after the other, as columns."""
    found = _from_zero([curves for curves in halves if curves is not None])
    columns: dict[str, NDArray[Any]] = {
        "half": np.repeat(np.array([curves.half for curves in found], dtype=np.str_), POINTS)
    }
    for name in COLUMNS[1:]:
        columns[name] = np.concatenate([getattr(curves, name) for curves in found]) if found else np.empty(0)
    return columns


def _from_zero(halves: list[_Curves]) -> list[_Curves]:
    """The curves of a cycle with the signal as its change since its first known value."""
    signal = np.concatenate([curves.signal for curves in halves]) if halves else np.empty(0)
    known = signal[np.isfinite(signal)]
    return [replace(curves, signal=curves.signal - known[0]) for curves in halves] if known.size else halves


def _halves_of(records: Records, spans: "Floats", *, dynamic: bool, is_sorted: bool) -> list[HalfCycle]:
    """The half-cycles of a cycle in the order of time, found again by their times ((start, end) of either)."""
    found: list[HalfCycle] = []
    names: tuple[tuple[Literal["charge", "discharge"], int], ...] = (("charge", 1), ("discharge", -1))
    for (name, sign), (start, end) in zip(names, spans.tolist(), strict=True):
        if not end >= start:
            continue  # the cycle has no such half
        time = records.time_second
        window = slice(*np.searchsorted(time, (start, np.nextafter(end, np.inf)))) if is_sorted else slice(None)
        inside = (time[window] >= start) & (time[window] <= end)
        rows = np.flatnonzero(inside & (dynamic | (records.sign[window] == sign))) + (window.start or 0)
        if rows.size >= LEAST_RECORDS:
            found.append(HalfCycle(name, int(rows[0]), int(rows[-1]), start, end, np.nan, dynamic))
    return sorted(found, key=lambda half: half.first)


def _curve_of(records: Records, half: HalfCycle, mechanical: Mechanical | None) -> _Curves | None:
    """Curves of one half-cycle that is not measured yet."""
    capacity = measure_capacity(records, half)
    samples = None if mechanical is None else cut_samples(mechanical, records, half, capacity.passed_ah)
    return _curve(records, half, capacity, samples, find_cc_end(records.current_ampere[half.rows], capacity.passed_ah))


def _curve(
    records: Records, half: HalfCycle, capacity: Capacity, samples: Samples | None, cc_end: int | None
) -> _Curves | None:
    """Curves of one half-cycle, or None where its charge is not known."""
    if not capacity.total_ah > 0:
        return None
    q = np.linspace(0, capacity.total_ah, POINTS)
    voltage = _resample(capacity.passed_ah, records.voltage_volt[half.rows], q)
    signal = np.full(POINTS, np.nan)
    if samples is not None:
        signal = _resample(samples.charge_ah, samples.value, q)
    cc_end = None if half.dynamic else cc_end
    last = int(np.searchsorted(q, capacity.passed_ah[cc_end], side="right")) if cc_end is not None else 0
    slope = _differentiate(voltage, q[1], last)
    rising = slope * half.sign > 0  # where the voltage goes the wrong way, noise would make a pole of dQ/dV
    return _Curves(
        half=half.half,
        q_ah=q,
        voltage_volt=voltage,
        signal=signal,
        dsignal_dq=half.sign * _differentiate(signal, q[1], last),
        dq_dv=np.divide(1.0, slope, out=np.full(POINTS, np.nan), where=rising),
    )


def _resample(charge: "Floats", values: "Floats", q: "Floats") -> "Floats":
    """Values at equal steps of charge: means of the samples around each, straight lines between."""
    known = np.isfinite(values)
    charge, values = charge[known], values[known]
    if charge.size < LEAST_RECORDS:
        return np.full(q.size, np.nan)
    bins = np.clip(np.rint(charge / q[1]).astype(int), 0, q.size - 1)
    count = np.bincount(bins, minlength=q.size)
    filled = count > 0
    middle = np.bincount(bins, charge, minlength=q.size)[filled] / count[filled]
    level = np.bincount(bins, values, minlength=q.size)[filled] / count[filled]
    order = np.argsort(middle, kind="stable")
    return np.interp(q, middle[order], level[order])


def _differentiate(values: "Floats", step: float, last: int) -> "Floats":
    """Derivative of the first `last` values by Savitzky-Golay, NaN after them."""
    slope = np.full(values.size, np.nan)
    if last >= WINDOW and np.isfinite(values[:last]).all():
        middle, weights = WINDOW // 2, _savitzky_golay()
        slope[middle : last - middle] = np.correlate(values[:last], weights[middle])
        slope[:middle] = weights[:middle] @ values[:WINDOW]
        slope[last - middle : last] = weights[middle + 1 :] @ values[last - WINDOW : last]
        slope[:last] /= step
    return slope


@cache
def _savitzky_golay() -> "Floats":
    """Weights of a window's values in the derivative at each of its points, a row a point; for points 1 apart."""
    place = np.arange(WINDOW, dtype=np.float64) - WINDOW // 2
    power = np.arange(ORDER + 1)
    derivative = power * place[:, np.newaxis] ** np.maximum(power - 1, 0)
    weights: Floats = derivative @ np.linalg.pinv(place[:, np.newaxis] ** power)
    return weights
