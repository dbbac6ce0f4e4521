"""Curves of one cycle on equal steps of charge: voltage, mechanical signal and their derivatives."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

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
    arrays = read_arrays(records)
    signal = read_mechanical(records, facts, mechanical)
    tables = []
    for half in _halves_of(arrays, cycle_row):
        table = _curve(arrays, half, signal)
        if table is not None:
            tables.append(table)
    if not tables:
        return pd.DataFrame({name: pd.Series(dtype=object if name == "half" else float) for name in COLUMNS})
    curves = pd.concat(tables, ignore_index=True)
    known = curves["signal"].first_valid_index()
    if known is not None:
        curves["signal"] -= curves["signal"].loc[known]
    return curves


def _halves_of(records: Records, cycle_row: "pd.Series[Any]") -> list[HalfCycle]:
    """The half-cycles of a cycle in the order of time, found again by their times."""
    dynamic = cycle_row["segmentation"] == "turning_points"
    found: list[HalfCycle] = []
    names: tuple[tuple[Literal["charge", "discharge"], int], ...] = (("charge", 1), ("discharge", -1))
    for name, sign in names:
        start, end = (float(cycle_row[f"{name}_{edge}_second"]) for edge in ("start", "end"))
        inside = (records.time_second >= start) & (records.time_second <= end)
        rows = np.flatnonzero(inside & (dynamic | (records.sign == sign)))
        if rows.size >= LEAST_RECORDS:
            found.append(HalfCycle(name, int(rows[0]), int(rows[-1]), start, end, np.nan, dynamic))
    return sorted(found, key=lambda half: half.first)


def _curve(records: Records, half: HalfCycle, mechanical: Mechanical | None) -> pd.DataFrame | None:
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
    return pd.DataFrame(
        {
            "half": half.half,
            "q_ah": q,
            "voltage_volt": voltage,
            "signal": signal,
            "dsignal_dq": half.sign * _differentiate(signal, q[1], last),
            "dq_dv": np.divide(1.0, slope, out=np.full(POINTS, np.nan), where=rising),
        }
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
    from scipy.signal import savgol_filter  # noqa: PLC0415 - half a second that every process at start would pay

    slope = np.full(values.size, np.nan)
    if last >= WINDOW and np.isfinite(values[:last]).all():
        slope[:last] = savgol_filter(values[:last], WINDOW, ORDER, deriv=1, delta=step)
    return slope
