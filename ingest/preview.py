"""What the Import page shows of a file before it is stored: thinned curves, capacities, first and last rows.

Made in the child, from the table that will be stored, so the page never touches a large table.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from ingest.reading import Reading
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.cycles import summarise_cycles
from pressiometry.errors import MissingDataError
from pressiometry.facts import CellFacts

CURVE_COLUMNS = (
    "voltage_volt",
    "current_ampere",
    "surface_pressure_mpa",
    "force_newton",
    "thickness_micrometre",
    "strain",
    "analogue_input_volt",
)
BUCKETS = 300
"""Each bucket gives its least and its greatest value: a one-sample dip stays visible."""

CAPACITY_INPUT = (
    "voltage_volt",
    "current_ampere",
    "instrument_cycle_count",
    "record_index",
    "cycle_charging_capacity_ah",
    "cycle_discharging_capacity_ah",
)
"""What capacities are computed from, beside the time: no mechanical signal, whose indicator is not shown here."""

CAPACITY_COLUMNS = ("cycle_count", "end_second", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah")
SHOWN_CYCLES = 3
SHOWN_ROWS = 5
CAPACITY_ROWS = 200_000
"""Records from which the capacities of the preview are computed; the stored cycles use all."""


def preview_of(reading: Reading) -> dict[str, Any]:
    """JSON values: records (columns of thinned values), cycles (capacities in Ah), head and tail rows, duration."""
    table = reading.table
    seconds = continuous_seconds(table)
    cycles = _cycles(table, seconds) if reading.kind == "cycler" else []
    end = cycles[SHOWN_CYCLES - 1]["end_second"] if len(cycles) > SHOWN_CYCLES else None
    shown = len(table) if end is None else int(np.searchsorted(seconds, end, side="right"))
    return {
        "records": _thinned(table.head(shown), seconds[:shown]),
        "shown_cycles": len(cycles) if end is None else SHOWN_CYCLES,
        "cycles": cycles,
        "duration_second": float(seconds[-1] - seconds[0]) if len(seconds) else 0.0,
        "columns": [name for name in RECORD_COLUMNS if name in table.columns],
        "head": rows_of(table.head(SHOWN_ROWS)),
        "tail": rows_of(table.tail(SHOWN_ROWS)),
    }


def continuous_seconds(table: pd.DataFrame) -> np.ndarray:
    """Test time in s, with each segment placed directly after the one before.

    >>> continuous_seconds(pd.DataFrame({"test_time_second": [0.0, 5.0, 0.0, 5.0], "segment": [0, 0, 1, 1]}))
    array([ 0.,  5.,  5., 10.])
    """
    seconds = table["test_time_second"].to_numpy(dtype=float).copy()
    for start in np.flatnonzero(_breaks(table)):
        seconds[start:] += seconds[start - 1] - seconds[start]
    return seconds


def extremes(values: np.ndarray, buckets: int = BUCKETS) -> set[int]:
    """Rows of the least and of the greatest value of each bucket; a one-sample dip is among them.

    >>> sorted(extremes(np.array([3.0, 3.0, 0.1, 3.0, 4.0, 3.0]), buckets=1))
    [2, 4]
    """
    if not len(values):
        return set()
    width = -(-len(values) // buckets)
    rows = np.full((-(-len(values) // width), width), np.nan)
    rows.ravel()[: len(values)] = np.where(np.isfinite(values), values, np.nan)
    measured = np.flatnonzero(~np.isnan(rows).all(axis=1))
    places = (np.nanargmin(rows[measured], axis=1), np.nanargmax(rows[measured], axis=1))
    return {int(place) for within in places for place in measured * width + within}


def _thinned(table: pd.DataFrame, seconds: np.ndarray) -> dict[str, list[float | None]]:
    """The curves' columns in the rows where any of them has an extreme; a row without values where a segment ends."""
    names = [name for name in CURVE_COLUMNS if name in table.columns and table[name].notna().any()]
    columns = {name: table[name].to_numpy(dtype=float) for name in names}
    kept = sorted(set().union(*(extremes(values) for values in columns.values())))
    joined = np.cumsum(_breaks(table))
    thinned: dict[str, list[float | None]] = {name: [] for name in ("test_time_second", *names)}
    for place, row in enumerate(kept):
        if place and joined[row] != joined[kept[place - 1]]:
            thinned["test_time_second"].append(float(seconds[row]))
            for name in names:
                thinned[name].append(None)
        thinned["test_time_second"].append(float(f"{seconds[row]:.9g}"))
        for name in names:
            thinned[name].append(finite(float(f"{columns[name][row]:.7g}")))
    return thinned


def rows_of(table: pd.DataFrame) -> list[list[float | None]]:
    """The rows of the record columns as JSON numbers; what was not measured is None."""
    columns = [name for name in RECORD_COLUMNS if name in table.columns]
    return [[finite(value) for value in row] for row in table[columns].to_numpy(dtype=float).tolist()]


def finite(value: float) -> float | None:
    """The number, or None where it is no finite number."""
    return value if math.isfinite(value) else None


def _breaks(table: pd.DataFrame) -> np.ndarray:
    """True in the first row of every segment but the first."""
    if "segment" not in table.columns or table.empty:
        return np.zeros(len(table), dtype=bool)
    segment = table["segment"].to_numpy()
    return np.concatenate([[False], segment[1:] != segment[:-1]])


def _cycles(table: pd.DataFrame, seconds: np.ndarray) -> list[dict[str, Any]]:
    """Capacities of the cycles, Ah; an empty list where none can be found."""
    known = [name for name in CAPACITY_INPUT if name in table.columns]
    records = table[known].head(CAPACITY_ROWS).assign(test_time_second=seconds[:CAPACITY_ROWS])
    try:
        cycles = summarise_cycles(records, CellFacts())
    except MissingDataError:
        return []
    numbers = cycles.reindex(columns=list(CAPACITY_COLUMNS)).astype(float).to_dict("records")
    states = cycles["state"].tolist()
    return [
        {**{str(name): finite(value) for name, value in row.items()}, "state": state}
        for row, state in zip(numbers, states, strict=True)
    ]
