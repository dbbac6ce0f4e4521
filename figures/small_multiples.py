"""The same voltage and pressure overlay for each group, side by side with the same axes."""

from collections.abc import Mapping
from math import ceil
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from figures.style import (
    PRESSURE_WIDTH,
    REPLICATE_OPACITY,
    TOKENS,
    VOLTAGE_WIDTH,
    PlatingStyle,
    Theme,
    axis_style,
    display,
    empty_figure,
    fade,
    group_styles,
    template,
)
from figures.tables import numbers
from pressiometry.columns import PRESSURE, MechanicalSignal

ROW_HEIGHT = 190
MOST_IN_A_ROW = 4
GLYPHS = {
    "circle": "●", "square": "■", "diamond": "◆", "pentagon": "⬟", "cross": "✚",
    "triangle-up": "▲", "star": "★", "hexagon": "⬢", "triangle-down": "▼",
}  # fmt: skip
GAP_PX = 74
ASSUMED_WIDTH_PX = 1120


def multiples_height(groups: int) -> int:
    """Return the height of the picture for a number of groups, px."""
    return ROW_HEIGHT * max(ceil(groups / MOST_IN_A_ROW), 1)


def draw_small_multiples(
    traces: pd.DataFrame,
    *,
    theme: Theme = "light",
    styles: Mapping[str, PlatingStyle] | None = None,
    signal: MechanicalSignal = PRESSURE,
) -> go.Figure:
    """Return one small plot a group: voltage (grey, left) and mechanical change (the group's colour, right).

    `traces`: group, cell_id, cell_name, hour (since the start of charge), voltage_volt, change (of the signal since
    the start of charge).  Every plot has the same axes; further cells of a group are thin behind its first.
    """
    if traces.empty:
        return empty_figure(theme, "No group has these cycles.", height=ROW_HEIGHT)
    groups = [str(group) for group in dict.fromkeys(traces["group"])]
    marks = dict(styles) if styles is not None else group_styles(groups)
    ranges = {column: _shared_range(traces, column) for column in ("hour", "voltage_volt", "change")}
    ranges["hour"] = [0.0, ranges["hour"][1]]
    figure = go.Figure()
    for index, group in enumerate(groups):
        rows = traces[traces["group"] == group]
        _add_cells(figure, rows, index, marks[group], theme, signal.unit)
        _lay_out(figure, index, len(groups), ranges, theme)
        _name(figure, index, len(groups), group, rows, marks[group], theme)
    figure.update_layout(
        template=template(theme),
        height=multiples_height(len(groups)),
        margin={"l": 40, "r": 40, "t": 24, "b": 38},
        hovermode="closest",
    )
    return figure


def _axis(letter: str, number: int) -> str:
    return letter if number == 1 else f"{letter}{number}"


def _numbers_of(index: int) -> tuple[int, int, int]:
    """Return the numbers of a plot's x axis, left axis and right axis."""
    return index + 1, 2 * index + 1, 2 * index + 2


def _add_cells(  # noqa: PLR0913, PLR0917 - the lines of one plot
    figure: go.Figure, rows: pd.DataFrame, index: int, style: PlatingStyle, theme: Theme, unit_of_change: str
) -> None:
    """Draw the cells of one group; the first is full, the others are thin and behind it."""
    x, left, right = _numbers_of(index)
    cells = list(dict.fromkeys(rows["cell_id"]))
    for cell_id in reversed(cells):
        cell = rows[rows["cell_id"] == cell_id]
        first = cell_id == cells[0]
        name = display(cell["cell_name"].iloc[0])
        lines = (
            ("voltage_volt", left, TOKENS[theme]["volt"], VOLTAGE_WIDTH, "V", 3, "Voltage"),
            ("change", right, style.colour(theme), PRESSURE_WIDTH, unit_of_change, 2, "Change of the signal"),
        )
        for column, axis, colour, width, unit, digits, words in lines:
            line = {"color": colour if first else fade(colour, REPLICATE_OPACITY), "width": width if first else 0.9}
            figure.add_trace(
                go.Scatter(
                    {
                        "x": numbers(cell, "hour"),
                        "y": numbers(cell, column),
                        "xaxis": _axis("x", x),
                        "yaxis": _axis("y", axis),
                        "mode": "lines",
                        "line": line,
                        "connectgaps": False,
                        "name": f"{display(style.label)}, {words}",
                        "meta": {"name": name, "x": "Time since the start of charge / h", "y": f"{words} / {unit}"},
                        "hovertemplate": f"{name}<br>%{{x:.2f}} h, %{{y:.{digits}f}} {unit}<extra></extra>",
                    }
                )
            )


def _shared_range(traces: pd.DataFrame, column: str) -> list[float]:
    """Return one range for all plots, with a little air."""
    values = pd.to_numeric(traces[column], errors="coerce").dropna()
    if values.empty:
        return [0.0, 1.0]
    low, high = float(values.min()), float(values.max())
    air = max((high - low) * 0.05, 1e-6)
    return [low - air, high + air]


def _domain(index: int, groups: int) -> tuple[list[float], list[float]]:
    """Return the place of a plot in the picture: x and y domains."""
    columns = max(min(groups, MOST_IN_A_ROW), 2)
    rows = ceil(groups / MOST_IN_A_ROW)
    gap = GAP_PX / ASSUMED_WIDTH_PX
    width = (1 - gap * (columns - 1)) / columns
    left = (index % MOST_IN_A_ROW) * (width + gap)
    row_gap = 62 / (multiples_height(groups) - 62) if rows > 1 else 0.0
    height = (1 - row_gap * (rows - 1)) / rows
    top = 1 - (index // MOST_IN_A_ROW) * (height + row_gap)
    return [left, min(left + width, 1.0)], [max(top - height, 0.0), top]


def _lay_out(figure: go.Figure, index: int, groups: int, ranges: dict[str, list[float]], theme: Theme) -> None:
    x, left, right = _numbers_of(index)
    across, up = _domain(index, groups)
    base: dict[str, Any] = axis_style(theme)
    title_font = {"size": 11, "color": TOKENS[theme]["ink2"]}
    hours: dict[str, Any] = {**base, "domain": across, "anchor": _axis("y", left), "range": ranges["hour"], "nticks": 5}
    hours |= {"title": {"text": "t / h", "standoff": 2, "font": title_font}, "showgrid": False}
    volts: dict[str, Any] = {
        **base,
        "domain": up,
        "anchor": _axis("x", x),
        "range": ranges["voltage_volt"],
        "nticks": 5,
    }
    volts |= {"gridcolor": TOKENS[theme]["grid"], "title": None, "tickformat": ".1f"}
    change: dict[str, Any] = {**base, "overlaying": _axis("y", left), "side": "right", "anchor": _axis("x", x)}
    change |= {"range": ranges["change"], "showgrid": False, "tickmode": "auto", "nticks": 5, "title": None}
    if index > 0:
        hours["matches"], volts["matches"], change["matches"] = "x", "y", "y2"
    figure.update_layout(
        {
            f"xaxis{x}" if x > 1 else "xaxis": hours,
            f"yaxis{left}" if left > 1 else "yaxis": volts,
            f"yaxis{right}": change,
        }
    )


def _name(  # noqa: PLR0913, PLR0917 - the head of one plot
    figure: go.Figure, index: int, groups: int, group: str, rows: pd.DataFrame, style: PlatingStyle, theme: Theme
) -> None:
    """Write the group's mark, word and cells above a plot."""
    across, up = _domain(index, groups)
    cells = list(dict.fromkeys(rows["cell_name"]))
    glyph = "○" if style.hollow and style.symbol == "circle" else GLYPHS[style.symbol]
    who = display(cells[0]) if len(cells) == 1 else f"{len(cells)} cells"
    place: dict[str, Any] = {
        "x": across[0],
        "y": up[1],
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 3,
        "showarrow": False,
    }
    token = TOKENS[theme]
    figure.add_annotation(
        {**place, "text": glyph, "font": {"size": 16 if style.symbol == "circle" else 13, "color": style.colour(theme)}}
    )
    words = f"{display(group)}  {who}"
    figure.add_annotation({**place, "xshift": 14, "text": words, "font": {"size": 12, "color": token["ink2"]}})
