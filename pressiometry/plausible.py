"""What a cell or a sensor cannot have measured: one table of ranges; values outside are kept and used in no result."""

import numpy as np
import pandas as pd

PLAUSIBLE_RANGES: dict[str, tuple[float, float]] = {
    "voltage_volt": (-1.0, 10.0),
    "current_ampere": (-10_000.0, 10_000.0),
    "cycle_charging_capacity_ah": (-10_000.0, 10_000.0),
    "cycle_discharging_capacity_ah": (-10_000.0, 10_000.0),
    "surface_temperature_celsius": (-273.15, 1_000.0),
    "ambient_temperature_celsius": (-273.15, 1_000.0),
    "surface_pressure_mpa": (-100.0, 2_000.0),
    "force_newton": (-1e6, 1e7),
    "analogue_input_volt": (-1_000.0, 1_000.0),
    "thickness_micrometre": (-1e5, 1e5),
    "strain": (-1.0, 1.0),
}
"""For record columns: the least and the largest value that a single cell and its sensors can give."""


def mask_implausible(records: pd.DataFrame) -> pd.DataFrame:
    """The records with NaN in place of values outside PLAUSIBLE_RANGES; the table itself where there are none.

    >>> table = pd.DataFrame({"voltage_volt": [3.7, 100.0], "current_ampere": [0.001, 0.001]})
    >>> mask_implausible(table)["voltage_volt"].tolist()
    [3.7, nan]
    """
    masked = records
    for name, (low, high) in PLAUSIBLE_RANGES.items():
        if name in records.columns:
            values = records[name].to_numpy(np.float64)
            outside = (values < low) | (values > high)
            if outside.any():
                masked = masked.copy(deep=False) if masked is records else masked
                masked[name] = np.where(outside, np.nan, values)
    return masked
