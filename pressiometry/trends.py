"""What only a sequence of cycles shows: drift, baseline, retention, cumulative charge, scatter (SCIENCE section 3)."""

from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD
from pressiometry.lines import find_theil_sen_slope
from pressiometry.normalise import NO_REFERENCE, find_reference
from pressiometry.past import NO_PAST, Past

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pressiometry.columns import MechanicalSignal
    from pressiometry.records import Records

BASELINE_CYCLES = 10
BASELINE_COUNT = 5
"""The baseline's slope needs at least this many of the last ten cycles."""
LONGEST_PAUSE_SECOND = 3600.0
"""A drift is that of one cycle only if no more than this is missing from the records between."""
SCATTER_TRIPLES = 25
SCATTER_CYCLES = SCATTER_TRIPLES + 2
"""So many cycles before one make the triples."""
SCATTER_LEAST = 5
SCATTER_PERCENT = 1.0
"""Real cells scatter by 0.5 % beyond their sensor: only more than this, and than 2 u, is remarkable."""


def add_capacity_trends(cycles: "pd.DataFrame", past: Past = NO_PAST) -> float:
    """Reference of the retention, A h; columns of retention and cumulative capacity difference, made in place.

    Unfinished and formation cycles have neither; the sum ends at a cycle whose charge is not known.
    """
    counted = cycles["cycle_count"].notna() & (cycles["state"] == "complete")
    reference = find_reference(cycles, "cycle_discharging_capacity_ah", past)
    past.check_same("capacity_reference", reference)
    retention = 100 * cycles["cycle_discharging_capacity_ah"] / reference
    cycles["capacity_retention_percent"] = retention.where(counted)
    if not np.isfinite(reference):
        for reasons in cycles["not_computed"]:
            reasons["capacity_retention_percent"] = NO_REFERENCE
    discharge = cycles["cycle_discharging_capacity_ah"].where(cycles["discharge_start_second"].notna(), 0.0)
    difference = (cycles["cycle_charging_capacity_ah"] - discharge)[counted].to_numpy(dtype=np.float64)
    before = past.column("cumulative_capacity_difference_ah")[np.isfinite(past.column("cycle_count"))][-1:]
    total = np.full(len(cycles), np.nan)
    total[counted] = np.cumsum(np.concatenate((before, difference)))[before.size :]
    cycles["cumulative_capacity_difference_ah"] = total
    return reference


def add_baseline_trends(cycles: "pd.DataFrame", signal: "MechanicalSignal", past: Past = NO_PAST) -> None:
    """Columns of the drift and of the baseline's Theil-Sen slope over ten cycles, made in place.

    The drift is undefined in the first cycle, after a cycle without a baseline, and where the charge between was
    not recorded.
    """
    before = past.column("eod")[-BASELINE_CYCLES:]
    values = np.concatenate((before, cycles[signal.named("eod")].to_numpy(dtype=np.float64)))
    drift = np.diff(values, prepend=np.nan)[before.size :]
    cycles[signal.named("drift")] = np.where(cycles["charge_start_second"].notna(), drift, np.nan)
    numbers = np.arange(values.size, dtype=float)
    slopes = np.full(values.size, np.nan)
    for row in range(before.size, values.size):
        window = slice(max(row - BASELINE_CYCLES + 1, 0), row + 1)
        known = np.isfinite(values[window])
        if known[-1] and known.sum() >= BASELINE_COUNT:
            slopes[row] = find_theil_sen_slope(numbers[window][known], values[window][known])
    cycles[signal.named("baseline_slope")] = slopes[before.size :]


def blank_drift_over_pauses(
    cycles: "pd.DataFrame", signal: "MechanicalSignal", records: "Records", past: Past = NO_PAST
) -> None:
    """Leave out the drift where more than an hour without records lies since the discharge before, made in place.

    What happened to the signal meanwhile is no drift of one cycle.  A rest of which only the ends were recorded is
    such a pause too.
    """
    drift = signal.named("drift")
    pauses = np.flatnonzero(records.is_gap & (records.interval_second > LONGEST_PAUSE_SECOND))
    if cycles.empty or not len(pauses):
        return
    before = past.column("discharge_end_second")[-1:]
    ends = np.concatenate((before, cycles["discharge_end_second"].to_numpy(dtype=np.float64)))
    for row in range(1 - before.size, len(cycles)):
        start, end = ends[row + before.size - 1], ends[row + before.size]
        between = (records.time_second[pauses] > start) & (records.time_second[pauses] <= end)
        if between.any() and np.isfinite(cycles[drift].iloc[row]):
            hours = float(records.interval_second[pauses][between].max()) / 3600
            cycles.loc[cycles.index[row], drift] = np.nan
            cycles["not_computed"].iloc[row][drift] = f"No records for {hours:.3g} h since the discharge before"


def add_scatter(cycles: "pd.DataFrame", signal: "MechanicalSignal", past: Past = NO_PAST) -> None:
    """Column scatter_percent, and the quality code "scatter" where it exceeds 2 u and 1 %, made in place.

    Only valid cycles count: numbered, not masked, with a relative indicator.
    """
    relative = f"delta_delta_{signal.short}_q_percent"
    valid = cycles["cycle_count"].notna() & (cycles["masked"] == 0) & cycles[relative].notna()
    rows = np.flatnonzero(valid)
    chosen = cycles.iloc[rows]
    scatter = np.full(len(cycles), np.nan)
    known = np.isfinite(past.column("cycle_count")) & (past.column("masked") == 0) & np.isfinite(past.column("percent"))
    before = np.flatnonzero(known)[-SCATTER_CYCLES:]
    scatter[rows] = estimate_scatter(
        np.concatenate((past.column("cycle_count")[before], chosen["cycle_count"].to_numpy(dtype=np.float64))),
        np.concatenate((past.column("percent")[before], chosen[relative].to_numpy(dtype=np.float64))),
    )[before.size :]
    cycles["scatter_percent"] = scatter
    for value, u, codes in zip(scatter, cycles[f"{relative}_u"], cycles["quality"], strict=True):
        if value > max(2 * u, SCATTER_PERCENT):
            codes.append("scatter")


def estimate_scatter(cycle_count: "NDArray[np.float64]", indicator: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Scatter s_hat of the relative indicator before each cycle, in percent, from the last 25 triples.

    Each triple compares a cycle with the line through its neighbours; NaN where fewer than five triples end
    before the cycle.  Source: SCIENCE section 4, step 1.
    """
    x, r = cycle_count.astype(float), indicator.astype(float)
    alpha = (x[2:] - x[1:-1]) / (x[2:] - x[:-2])
    triples = np.abs(r[1:-1] - alpha * r[:-2] - (1 - alpha) * r[2:]) / np.sqrt(1 + alpha**2 + (1 - alpha) ** 2)
    before = [triples[max(row - 2 - SCATTER_TRIPLES, 0) : max(row - 2, 0)] for row in range(x.size)]
    return np.array([MAD_TO_SD * float(np.median(part)) if part.size >= SCATTER_LEAST else np.nan for part in before])
