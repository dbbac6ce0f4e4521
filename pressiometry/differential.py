"""Curves of one cycle on equal steps of charge: voltage, mechanical signal and their derivatives."""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from pressiometry.capacity import measure_capacity
from pressiometry.half_cycles import HalfCycle, find_cc_end
from pressiometry.mechanical import Mechanical, cut_samples, read_mechanical
from pressiometry.records import Records, read_arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.facts import CellFacts

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
    return summarise_all_curves(records, cycle_row.to_frame().T, facts, mechanical)[cycle_row.name]


def summarise_all_curves(
    records: pd.DataFrame, cycles: pd.DataFrame, facts: "CellFacts", mechanical: pd.DataFrame | None = None
) -> dict[Any, pd.DataFrame]:
    """Curves of every cycle as summarise_curves gives them, by the cycle's label in `cycles`.

    Raises:
        InvalidInputError, MissingDataError: see tables.check_records.

    """
    arrays = read_arrays(records)
    signal = read_mechanical(records, facts, mechanical)
    edges = [f"{name}_{edge}_second" for name in ("charge", "discharge") for edge in ("start", "end")]
    times = cycles[edges].to_numpy(dtype=np.float64).reshape(-1, 2, 2)
    is_sorted = bool((np.diff(arrays.time_second) >= 0).all())
    found: list[_Curves] = []
    ends = []
    for spans, segmentation in zip(times, cycles["segmentation"], strict=True):
        halves = _halves_of(arrays, spans, dynamic=segmentation == "turning_points", is_sorted=is_sorted)
        curves = [curve for half in halves if (curve := _curve(arrays, half, signal)) is not None]
        found += _from_zero(curves)
        ends.append(len(found) * POINTS)
    table = _table(found)
    starts = [0, *ends[:-1]]
    return {
        label: table.iloc[start:end].reset_index(drop=True)
        for label, start, end in zip(cycles.index, starts, ends, strict=True)
    }


@dataclass(frozen=True)
class _Curves:
    """The curves of one half-cycle, POINTS values each."""

    half: str
    q_ah: "Floats"
    voltage_volt: "Floats"
    signal: "Floats"
    dsignal_dq: "Floats"
    dq_dv: "Floats"


def _table(found: list[_Curves]) -> pd.DataFrame:
    """All curves in one table, in their order."""
    columns: dict[str, Any] = {"half": np.repeat(np.array([curves.half for curves in found], dtype=object), POINTS)}
    for name in COLUMNS[1:]:
        columns[name] = np.concatenate([getattr(curves, name) for curves in found]) if found else np.empty(0)
    return pd.DataFrame(columns)


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


def _curve(records: Records, half: HalfCycle, mechanical: Mechanical | None) -> _Curves | None:
    """Curves of one half-cycle, or None where its charge is not known."""
    capacity = measure_capacity(records, half)
    if not capacity.total_ah > 0:
        return None
    q = np.linspace(0, capacity.total_ah, POINTS)
    voltage = _resample(capacity.passed_ah, records.voltage_volt[half.rows], q)
    signal = np.full(POINTS, np.nan)
    if mechanical is not None:
        samples = cut_samples(mechanical, records, half, capacity.passed_ah)
        signal = _resample(samples.charge_ah, samples.value, q)
    cc_end = None if half.dynamic else find_cc_end(records.current_ampere[half.rows], capacity.passed_ah)
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
        slope[middle : last - middle] = sliding_window_view(values[:last], WINDOW) @ weights[middle]
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
