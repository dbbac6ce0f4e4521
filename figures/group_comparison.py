"""Groups of cells over cycles: thin cells, thick means, bands of one standard deviation, names at the line ends."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from figures.end_labels import GAP_PX, Label, place_labels, width_of
from figures.style import (
    MARGIN,
    MARKER_SIZE,
    MEAN_WIDTH,
    REPLICATE_OPACITY,
    REPLICATE_WIDTH,
    TOKENS,
    PlatingStyle,
    Theme,
    display,
    empty_figure,
    fade,
    free_range,
    group_styles,
    template,
)
from figures.tables import Quantity, numbers

HEIGHT = 366
PLOT_WIDTH_PX = 540.0
"""Width assumed while names are placed; a wider plot only leaves more room."""
MOST_ROOM_PX, LATE_SHARE = 150.0, 0.7
"""Room at the right of the plot for the names of lines that end in its last part; the axis ends with the data."""
LEAST_CELLS = 3
"""Fewer cells have no mean: their lines speak for themselves (SCIENCE section 1.9)."""
MEAN_MARKERS = 8
BAND_OPACITY = 0.13

Show = Literal["mean", "cells", "both"]


def draw_group_comparison(  # noqa: PLR0913 - the reader's choices
    values: pd.DataFrame,
    summary: pd.DataFrame,
    *,
    theme: Theme = "light",
    show: Show = "both",
    quantity: Quantity | None = None,
    styles: Mapping[str, PlatingStyle] | None = None,
    selected: int | None = None,
) -> go.Figure:
    """Return one line a cell and, for groups of three and more, the mean with a band of one sd.

    `values`: group, cell_id, cell_name, cycle_count, value, ended (the cell failed after its last cycle).
    `summary`: group, cycle_count, n, mean, sd.  The mean of a cycle is drawn where n >= 3 only; a cross marks the
    last point of a cell that has failed, and n stands beside every name.
    """
    what = quantity or Quantity("value", "Value", "", 2)
    known = values.assign(value=values["value"] * what.factor).dropna(subset=["value", "cycle_count"])
    means = summary.assign(mean=summary["mean"] * what.factor, sd=summary["sd"] * what.factor)
    if known.empty:
        return empty_figure(theme, "No cell has a value of this metric.", height=HEIGHT)
    groups = [str(group) for group in dict.fromkeys(known["group"])]
    marks = dict(styles) if styles is not None else group_styles(groups)
    figure = go.Figure()
    ends: list[tuple[str, float, float]] = []
    for group in groups:
        cells = known[known["group"] == group]
        mean = means[(means["group"] == group) & (means["n"] >= LEAST_CELLS)].sort_values("cycle_count")
        alone = mean.empty
        if show != "cells" and not alone:
            _add_band(figure, mean, marks[group], theme)
        if show != "mean" or alone:
            _add_cells(figure, cells, marks[group], theme, what, faint=show == "both" and not alone)
        if show != "cells" and not alone:
            _add_mean(figure, mean, marks[group], theme, what)
        ends.append((group, *_line_end(cells, mean if show != "cells" else mean.iloc[:0])))
    _lay_out(figure, known, what, theme, selected)
    _make_room(figure, known, ends)
    _add_names(figure, known, means, ends, theme, cells_shown=show != "mean")
    figure.update_xaxes(**free_range(*figure.layout.xaxis.range))
    return figure.update_yaxes(**free_range(*figure.layout.yaxis.range))


def _add_cells(  # noqa: PLR0913 - the parts of one group
    figure: go.Figure, cells: pd.DataFrame, style: PlatingStyle, theme: Theme, quantity: Quantity, *, faint: bool
) -> None:
    """Draw each cell as a thin line; a cross stands at the last point of a cell that has failed."""
    colour = style.colour(theme)
    line = {"width": REPLICATE_WIDTH if faint else 1.3, "color": fade(colour, REPLICATE_OPACITY) if faint else colour}
    for _, rows in cells.sort_values("cycle_count").groupby("cell_id", sort=True):
        name = display(rows["cell_name"].iloc[0])
        values = numbers(rows, "value")
        trace: dict[str, Any] = {
            "x": numbers(rows, "cycle_count"),
            "y": values,
            "mode": "lines",
            "name": name,
            "line": line,
            "connectgaps": False,
            "customdata": [f"{name} · cycle {count:.0f}" for count in rows["cycle_count"]],
            "text": [quantity.text(value) for value in values],
            "hovertemplate": "%{customdata}<br>%{text}<extra></extra>",
            "meta": {"cell": int(rows["cell_id"].iloc[0]), "name": display(rows["group"].iloc[0])},
        }
        ended = bool(rows["ended"].iloc[0]) if "ended" in rows else False
        if ended or len(rows) == 1:
            symbol = "x-thin" if ended else style.symbol
            marker = {
                "symbol": symbol,
                "size": 7,
                "opacity": 1,
                "color": colour,
                "line": {"color": colour, "width": 1.6},
            }
            last = len(rows) - 1
            marker["size"] = [7 if index == last else 0 for index in range(len(rows))]
            trace |= {"mode": "lines+markers", "marker": marker, "cliponaxis": False}
        figure.add_trace(go.Scatter(trace))


def _add_band(figure: go.Figure, mean: pd.DataFrame, style: PlatingStyle, theme: Theme) -> None:
    """Fill one sd around the mean; the band breaks where cycles are missing."""
    fill = fade(style.colour(theme), BAND_OPACITY)
    for rows in _runs(mean):
        if len(rows) < 2:  # noqa: PLR2004
            continue
        x, high = numbers(rows, "cycle_count"), numbers(rows.assign(edge=rows["mean"] + rows["sd"]), "edge")
        low = numbers(rows.assign(edge=rows["mean"] - rows["sd"]), "edge")
        outline = {"x": [*x, *reversed(x)], "y": [*high, *reversed(low)], "mode": "lines", "fill": "toself"}
        figure.add_trace(
            go.Scatter({**outline, "fillcolor": fill, "line": {"width": 0}, "hoverinfo": "skip", "name": "band"})
        )


def _add_mean(figure: go.Figure, mean: pd.DataFrame, style: PlatingStyle, theme: Theme, quantity: Quantity) -> None:
    """Draw the mean with the group's marks every few cycles."""
    rows = pd.concat([part for run in _runs(mean) for part in (run, run.iloc[:1].assign(mean=float("nan")))])
    marker = style.marker(theme, MARKER_SIZE + 0.5) | {"maxdisplayed": MEAN_MARKERS}
    label = display(style.label)
    texts = [
        f"{label} · cycle {cycle:.0f}<br>mean {quantity.text(value)}, n = {n:.0f}"
        for cycle, value, n in zip(rows["cycle_count"], numbers(rows, "mean"), rows["n"], strict=True)
    ]
    figure.add_trace(
        go.Scatter(
            {
                "x": numbers(rows, "cycle_count"),
                "y": numbers(rows, "mean"),
                "mode": "lines+markers",
                "name": f"{label}, mean",
                "meta": {"name": label, "columns": {"one sd": numbers(rows, "sd"), "n": numbers(rows, "n")}},
                "line": {"width": MEAN_WIDTH, "color": style.colour(theme)},
                "marker": marker,
                "text": texts,
                "hovertemplate": "%{text}<extra></extra>",
                "connectgaps": False,
            }
        )
    )


def _runs(mean: pd.DataFrame) -> list[pd.DataFrame]:
    """Return stretches of consecutive cycles, so that a gap stays a gap."""
    breaks = (mean["cycle_count"].diff() > 1).cumsum()
    return [rows for _, rows in mean.groupby(breaks)]


def _line_end(cells: pd.DataFrame, mean: pd.DataFrame) -> tuple[float, float]:
    """Return the point where a group's name stands: the end of its mean, else of its longest cell."""
    table, column = (mean, "mean") if len(mean) else (cells.sort_values("cycle_count"), "value")
    last = table.dropna(subset=[column]).iloc[-1]
    return float(last["cycle_count"]), float(last[column])


def _lay_out(figure: go.Figure, values: pd.DataFrame, quantity: Quantity, theme: Theme, selected: int | None) -> None:
    low, high = _value_range(values)
    last = float(values["cycle_count"].max())
    figure.update_layout(template=template(theme), height=HEIGHT, margin=MARGIN, hovermode="closest", hoverdistance=14)
    figure.update_xaxes(title={"text": "Cycle"}, range=[0, last + max(0.02 * last, 0.5)], nticks=9)
    figure.update_yaxes(title={"text": quantity.axis_title}, range=[low, high], nticks=7)
    if selected is not None:
        line = {"width": 1, "color": TOKENS[theme]["line2"]}
        figure.add_vline(x=selected, line=line, layer="below")


def _make_room(figure: go.Figure, values: pd.DataFrame, ends: list[tuple[str, float, float]]) -> None:
    """Widen the margin at the right by the longest name that stands there."""
    last = max(x for _, x, _ in ends)
    late = [(group, x) for group, x, _ in ends if x > LATE_SHARE * last]
    long = max(width_of(_name(group, _count_words(values[values["group"] == group], x))) for group, x in late)
    figure.update_layout(margin={**MARGIN, "r": int(min(GAP_PX + long, MOST_ROOM_PX) + MARGIN["r"])})


def _name(group: str, count: str) -> str:
    return f"{group}  n = {count}"


def _value_range(values: pd.DataFrame) -> tuple[float, float]:
    """Return a range with some air that holds every cell's values."""
    low = float(values["value"].min())
    high = float(values["value"].max())
    air = max((high - low) * 0.06, abs(high) * 1e-3, 1e-9)
    return low - air, high + air


def _count_words(cells: pd.DataFrame, last_cycle: float) -> str:
    """Number of cells of a group; also that at the end of its line, where some have left before."""
    count = cells["cell_id"].nunique()
    left = cells.loc[cells["cycle_count"] == last_cycle, "cell_id"].nunique()
    return str(count) if left == count else f"{count}, {left} at the end"


def _add_names(  # noqa: PLR0913 - what the names must keep clear of
    figure: go.Figure,
    values: pd.DataFrame,
    summary: pd.DataFrame,
    ends: list[tuple[str, float, float]],
    theme: Theme,
    *,
    cells_shown: bool,
) -> None:
    """Write every group's name and n at the end of its line, none over another."""
    x_low, x_high = figure.layout.xaxis.range
    y_low, y_high = figure.layout.yaxis.range
    height = HEIGHT - MARGIN["t"] - MARGIN["b"]

    def pixel(x: float, y: float) -> tuple[float, float]:
        return (x - x_low) / (x_high - x_low) * PLOT_WIDTH_PX, (y - y_low) / (y_high - y_low) * height

    counts = {group: _count_words(values[values["group"] == group], x) for group, x, _ in ends}
    labels = [Label(_name(group, counts[group]), *pixel(x, y)) for group, x, y in ends]
    lines = values.rename(columns={"value": "y"}) if cells_shown else summary.rename(columns={"mean": "y"})
    dots = [pixel(x, y) for x, y in zip(lines["cycle_count"], lines["y"], strict=True)]
    room = float(figure.layout.margin.r or 0) - MARGIN["r"]
    placed = place_labels(labels, dots, width=PLOT_WIDTH_PX + room, height=height)
    for (group, x, y), label in zip(ends, placed, strict=True):
        figure.add_annotation(
            text=f"<b>{display(group)}</b>  n = {counts[group]}",
            x=x,
            y=y,
            xshift=label.shift_x,
            yshift=label.shift_y,
            xanchor="left",
            yanchor="middle",
            showarrow=False,
            font={"size": 11, "color": TOKENS[theme]["ink"]},
        )
