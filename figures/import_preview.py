"""What a file holds, before it is stored: V, I and the mechanical signal against time; capacity per cycle."""

from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from figures.style import MARGIN, TOKENS, Theme, axis_style, empty_figure, plating_style, template
from figures.tables import Signals, capacity, complete_cycles, numbers
from figures.voltage_pressure import MECHANICAL, draw_voltage_pressure

CAPACITY_HEIGHT = 150
TICKS = 10
POINTS = 1000
"""Buckets a column is thinned to; the least and the greatest value of each are kept."""


def thinned(records: pd.DataFrame, column: str, buckets: int = POINTS) -> pd.DataFrame:
    """Return table[test_time_second, column] of at most 2 x buckets rows that keep every extreme, in order.

    >>> table = pd.DataFrame({"test_time_second": range(6), "voltage_volt": [3, 4, 3, 1, 3, 3]})
    >>> thinned(table, "voltage_volt", buckets=1)["voltage_volt"].tolist()
    [4, 1]
    """
    table = records[["test_time_second", column]].reset_index(drop=True)
    if len(table) <= 2 * buckets:
        return table
    bucket = pd.Series(range(len(table))) * buckets // len(table)
    grouped = pd.to_numeric(table[column], errors="coerce").groupby(bucket)
    extremes = pd.concat([grouped.idxmin(skipna=True), grouped.idxmax(skipna=True)]).dropna().astype(int)
    return table.loc[sorted(set(extremes))]


def draw_import_preview(records: pd.DataFrame, *, theme: Theme = "light") -> go.Figure:
    """Return strips of voltage, current and every mechanical signal of a file against time in h.

    `records` has test_time_second and any of RECORD_COLUMNS; columns without a value are left out.
    """
    wanted = [name for name in ("voltage_volt", "current_ampere", *MECHANICAL, "force_newton") if name in records]
    signals: Signals = {name: thinned(records, name) for name in wanted if records[name].notna().any()}
    return draw_voltage_pressure(signals, theme=theme, arrangement="stacked")


def _has_values(table: pd.DataFrame, half: Literal["charging", "discharging"]) -> bool:
    """Whether any cycle has a capacity of this half, in the unit that would be drawn."""
    column = capacity(table, half).column
    return column in table and bool(table[column].notna().any())


def draw_import_capacity(cycles: pd.DataFrame, *, theme: Theme = "light") -> go.Figure:
    """Return charge (ring) and discharge (disc) capacity of every complete cycle of a file.

    `cycles` has cycle_count and the capacities of CYCLE_COLUMNS, in the best unit it carries.
    """
    table = complete_cycles(cycles) if len(cycles) else cycles
    if table.empty or not any(_has_values(table, half) for half in ("charging", "discharging")):
        return empty_figure(theme, "No complete cycle in this file.", height=CAPACITY_HEIGHT)
    token = TOKENS[theme]
    figure = go.Figure()
    ink = plating_style(0).colour(theme)
    for half, fill in (("charging", token["surface"]), ("discharging", ink)):
        quantity = capacity(table, "charging" if half == "charging" else "discharging")
        word = "charge" if half == "charging" else "discharge"
        figure.add_trace(
            go.Scatter(
                {
                    "x": table["position"].tolist(),
                    "y": numbers(table, quantity.column, quantity.factor),
                    "mode": "markers",
                    "name": word,
                    "marker": {"size": 5, "color": fill, "line": {"color": ink, "width": 1.2}, "opacity": 1},
                    "hovertemplate": f"cycle %{{x}} · {word}<br>%{{y:.4~g}} {quantity.unit}<extra></extra>",
                    "cliponaxis": False,
                }
            )
        )
    unit = capacity(table).unit
    figure.update_layout(template=template(theme), height=CAPACITY_HEIGHT, margin=MARGIN, hovermode="closest")
    step = max(1, round((table["position"].max() - table["position"].min()) / TICKS))
    figure.update_xaxes(title={"text": "Cycle"}, dtick=step)  # whole cycles only
    figure.update_yaxes({**axis_style(theme), "title": {"text": f"Q / {unit}", "standoff": 8}, "nticks": 4})
    return figure
