"""Values that no cell or sensor can have measured: out of the lines and their axes, marked at the edge of the plot."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from figures.style import TOKENS, Theme, minus
from figures.tables import SECONDS_PER_HOUR, numbers
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.plausible import PLAUSIBLE_RANGES, mask_implausible

EDGES = "y9"
"""Axis from the floor (0) to the top (1) of a plot, on which the marks stand; strips have one each from here on."""
NAME = "{quantity}, out of range"
SAID = "{value} out of range"


def without_flagged(signal: pd.DataFrame) -> pd.DataFrame:
    """Return a table[test_time_second, column] with NaN in place of what cannot have been measured."""
    return mask_implausible(signal)


def flagged_trace(
    signal: pd.DataFrame, column: str, *, theme: Theme, origin_second: float = 0.0, axis: str = EDGES
) -> go.Scatter | None:
    """Return the marks of a column's flagged values at the edge that they lie beyond, or None where there are none."""
    low, high = PLAUSIBLE_RANGES.get(column, (float("-inf"), float("inf")))
    outside = signal[(signal[column] < low) | (signal[column] > high)]
    if outside.empty:
        return None
    values = [float(value) for value in outside[column]]
    above = [value > high for value in values]
    shift = origin_second / SECONDS_PER_HOUR
    hours = [(hour or 0.0) - shift for hour in numbers(outside, "test_time_second", 1 / SECONDS_PER_HOUR)]
    known = RECORD_COLUMNS[column]
    meta: dict[str, Any] = {"flagged": column, "y": known.title, "columns": {known.title: values}}
    return go.Scatter(
        {
            "x": hours,
            "y": [1.0 if up else 0.0 for up in above],
            "mode": "markers",
            "name": NAME.format(quantity=known.label),
            "meta": meta,
            "customdata": [SAID.format(value=f"{minus(f'{value:.6g}')} {known.unit}".strip()) for value in values],
            "marker": {
                "symbol": ["triangle-up" if up else "triangle-down" for up in above],
                "size": 9,
                "color": TOKENS[theme]["watch"],
            },
            "cliponaxis": False,
            "hoverinfo": "none",
            "yaxis": axis,
        }
    )


def edge_axis(over: str, domain: list[float] | None = None) -> dict[str, Any]:
    """Return the settings of the axis that the marks stand on, over the axis of the line."""
    place = {"domain": domain} if domain is not None else {}
    return {"overlaying": over, "anchor": "x", "range": [0, 1], "fixedrange": True, "visible": False, **place}
