"""What only a sequence of cycles shows: drift, baseline slope, retention, cumulative charge (SCIENCE section 3)."""

from typing import TYPE_CHECKING

import numpy as np

from pressiometry.lines import find_theil_sen_slope
from pressiometry.normalise import NO_REFERENCE, find_reference

if TYPE_CHECKING:
    import pandas as pd

    from pressiometry.columns import MechanicalSignal

BASELINE_CYCLES = 10
BASELINE_COUNT = 5
"""The baseline's slope needs at least this many of the last ten cycles."""


def add_capacity_trends(cycles: "pd.DataFrame") -> None:
    """Columns capacity_retention_percent and cumulative_capacity_difference_ah, made in place.

    Unfinished and formation cycles have neither; the sum ends at a cycle whose charge is not known.
    """
    counted = cycles["cycle_count"].notna() & (cycles["state"] == "complete")
    reference = find_reference(cycles, "cycle_discharging_capacity_ah")
    retention = 100 * cycles["cycle_discharging_capacity_ah"] / reference
    cycles["capacity_retention_percent"] = retention.where(counted)
    if not np.isfinite(reference):
        for reasons in cycles["not_computed"]:
            reasons["capacity_retention_percent"] = NO_REFERENCE
    discharge = cycles["cycle_discharging_capacity_ah"].where(cycles["discharge_start_second"].notna(), 0.0)
    difference = (cycles["cycle_charging_capacity_ah"] - discharge)[counted].cumsum(skipna=False)
    cycles["cumulative_capacity_difference_ah"] = difference.reindex(cycles.index)


def add_baseline_trends(cycles: "pd.DataFrame", signal: "MechanicalSignal") -> None:
    """Columns of the drift and of the baseline's Theil-Sen slope over ten cycles, made in place.

    The drift is undefined in the first cycle, after a cycle without a baseline, and where the charge between was
    not recorded.
    """
    baseline = cycles[signal.named("eod")].astype(np.float64)
    cycles[signal.named("drift")] = baseline.diff().where(cycles["charge_start_second"].notna())
    numbers = np.arange(len(cycles), dtype=float)
    slopes = np.full(len(cycles), np.nan)
    values = np.asarray(baseline, dtype=np.float64)
    for row in range(len(cycles)):
        window = slice(max(row - BASELINE_CYCLES + 1, 0), row + 1)
        known = np.isfinite(values[window])
        if known[-1] and known.sum() >= BASELINE_COUNT:
            slopes[row] = find_theil_sen_slope(numbers[window][known], values[window][known])
    cycles[signal.named("baseline_slope")] = slopes
