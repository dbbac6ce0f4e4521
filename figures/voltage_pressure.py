"""Voltage and mechanical signal against time: overlaid on two axes or stacked, with cycles shaded and numbered."""

from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from figures.flagged import EDGES, edge_axis, flagged_trace, without_flagged
from figures.style import (
    MARGIN,
    MARGIN_TWO_AXES,
    PRESSURE_WIDTH,
    TOKENS,
    VOLTAGE_WIDTH,
    PlatingStyle,
    Theme,
    axis_style,
    empty_figure,
    plating_style,
    template,
)
from figures.tables import SECONDS_PER_HOUR, Numbers, Signals, numbers
from pressiometry.columns import MECHANICAL_SIGNALS, RECORD_COLUMNS
from pressiometry.plausible import PLAUSIBLE_RANGES

HEIGHT = 216
STRIP_HEIGHT = 96
ROOM_ABOVE = 24
"""Room for the cycle numbers above the plot, px."""
STRIP_TITLE = 16
"""Room for the title of the first strip below them, px."""
MOST_CYCLE_NUMBERS = 16
MOST_SHADED = 120
LEAST_WIDTH_SHARE = 0.012
"""Cycles of which those from one number to the next are narrower than this share of the plot have no numbers."""

MECHANICAL = tuple(signal.column for signal in MECHANICAL_SIGNALS)
NO_RECORDS = "No records in this range."
IN_PROGRESS = "{cycle} in progress"
OPEN_CYCLE = "open-cycle"
"""Name of the marks of the unfinished cycle, which move as it goes on."""


def mechanical_column(signals: Signals) -> str | None:
    """Return the first mechanical column with a value: pressure before thickness before strain."""
    for column in MECHANICAL:
        if column in signals and any(value is not None for value in numbers(signals[column], column)):
            return column
    return None


def draw_voltage_pressure(  # noqa: PLR0913 - the reader's choices
    signals: Signals,
    cycles: pd.DataFrame | None = None,
    *,
    theme: Theme = "light",
    arrangement: Literal["overlay", "stacked"] = "overlay",
    window: tuple[float, float] | None = None,
    style: PlatingStyle | None = None,
    height: int = HEIGHT,
    origin_second: float = 0.0,
) -> go.Figure:
    """Return voltage (grey, left) and pressure, thickness or strain (the group's colour, right) against time in h.

    `signals` maps a record column to its table[test_time_second, column]; a row of NaN is a gap and stays one.
    Values that cannot be (100 V) are marks at the edge; lines and axes are of the others.
    Stacked, every column has a strip of its own.  `window` is the range shown, s; `cycles` (start_second,
    end_second, cycle_count) are shaded in turn and numbered on top.  `origin_second` is time 0 of the axis.
    """
    columns = [column for column in signals if len(signals[column])]
    if not columns:
        return empty_figure(theme, NO_RECORDS, height=height)
    measured, signals = signals, {column: without_flagged(table) for column, table in signals.items()}
    mechanical = mechanical_column(measured)
    figure = go.Figure()
    if arrangement == "stacked":
        _add_strips(figure, signals, columns, style or plating_style(0), theme, origin_second)
        figure.update_layout(height=stacked_height(len(columns)), margin={**MARGIN, "t": ROOM_ABOVE + STRIP_TITLE})
    else:
        _add_overlay(figure, signals, mechanical, style or plating_style(0), theme, origin_second)
        figure.update_layout(height=height, margin={**MARGIN_TWO_AXES, "t": ROOM_ABOVE})
    _mark_flagged(figure, measured, theme, origin_second)
    figure.update_layout(template=template(theme), hovermode="x unified")
    figure.update_layout(hoversubplots="axis")
    span = window or _span(signals)
    axis = time_axis(theme, (span[0] - origin_second, span[1] - origin_second))
    figure.update_layout(xaxis={**axis, "anchor": f"y{len(columns)}" if _strips(arrangement, columns) else "y"})
    if cycles is not None and len(cycles):
        _mark_cycles(figure, cycles, span, origin_second, theme, lift=STRIP_TITLE if arrangement == "stacked" else 0)
    return figure


def stacked_height(strips: int) -> int:
    """Return the height of the stacked arrangement, px."""
    return MARGIN["b"] + ROOM_ABOVE + STRIP_TITLE + STRIP_HEIGHT * strips


def time_axis(theme: Theme, span_second: tuple[float, float]) -> dict[str, Any]:
    """Return the settings of a time axis in hours over a span in seconds, with the hair line of the readout."""
    return {
        "title": {"text": "Test time / h"},
        "range": [second / SECONDS_PER_HOUR for second in span_second],
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": TOKENS[theme]["ink3"],
        "spikesnap": "cursor",
        "nticks": 12,
    }


def time_trace(  # noqa: PLR0913 - the reader's choices
    table: pd.DataFrame, column: str, *, style: PlatingStyle, theme: Theme, origin_second: float = 0.0, axis: str = "y"
) -> go.Scatter:
    """Return the line of one record column against time in h; gaps stay open."""
    mechanical = column in MECHANICAL
    colour = style.colour(theme) if mechanical else TOKENS[theme]["volt"]
    shift = origin_second / SECONDS_PER_HOUR
    hours = [
        None if hour is None else hour - shift for hour in numbers(table, "test_time_second", 1 / SECONDS_PER_HOUR)
    ]
    known, values = RECORD_COLUMNS[column], numbers(table, column)
    alone = sum(value is not None for value in values) == 1  # one record has no line
    return go.Scatter(
        {
            "x": hours,
            "y": values,
            "mode": "lines+markers" if alone else "lines",
            "marker": {"size": 5, "color": colour},
            "name": known.title,
            "meta": {
                "label": known.label,
                "unit": known.unit,
                "digits": 2 if mechanical else known.digits,
                "y": known.title,
                "column": column,
                "range": PLAUSIBLE_RANGES.get(column),
            },
            "line": {"color": colour, "width": PRESSURE_WIDTH if mechanical else VOLTAGE_WIDTH},
            "connectgaps": False,
            "hoverinfo": "none",
            "yaxis": axis,
        }
    )


def _strips(arrangement: str, columns: list[str]) -> bool:
    return arrangement == "stacked" and len(columns) > 1


def _span(signals: Signals) -> tuple[float, float]:
    """Return first and last time of all signals, s."""
    ends = [table["test_time_second"].dropna() for table in signals.values()]
    known = [times for times in ends if len(times)]
    if not known:
        return 0.0, 1.0
    return min(float(times.min()) for times in known), max(float(times.max()) for times in known)


def _add_overlay(  # noqa: PLR0913, PLR0917 - the parts of one picture
    figure: go.Figure, signals: Signals, mechanical: str | None, style: PlatingStyle, theme: Theme, origin_second: float
) -> None:
    """Draw voltage on the left axis, the mechanical signal on the right; alone it takes the left one."""
    left = "voltage_volt" if "voltage_volt" in signals else mechanical or next(iter(signals))
    figure.add_trace(time_trace(signals[left], left, style=style, theme=theme, origin_second=origin_second))
    digits = {"tickformat": tick_format(numbers(signals[left], left))}
    figure.update_layout(yaxis={"title": {"text": RECORD_COLUMNS[left].title}, "nticks": 6, **digits})
    if mechanical is None or left == mechanical:
        return
    trace = time_trace(
        signals[mechanical], mechanical, style=style, theme=theme, origin_second=origin_second, axis="y2"
    )
    figure.add_trace(trace)
    ink = TOKENS[theme]["ink"]
    right = {
        **axis_style(theme),
        "overlaying": "y",
        "side": "right",
        "anchor": "x",
        "showgrid": False,
        "tickmode": "auto",
        "nticks": 6,
        "tickformat": tick_format(numbers(signals[mechanical], mechanical)),
        "title": {"text": RECORD_COLUMNS[mechanical].title, "standoff": 8, "font": {"size": 12, "color": ink}},
    }
    figure.update_layout(yaxis2=right)


def tick_format(values: Numbers) -> str:
    """Return a format with as many decimals on every tick as the range needs: "4.0" beside "3.5".

    >>> tick_format([3.0, 4.3]), tick_format([70.11, 70.18])
    ('.1f', '.2f')
    """
    known = [value for value in values if value is not None]
    span = max(known) - min(known) if known else 1.0
    if span > 12:  # noqa: PLR2004 - whole numbers then
        return ".0f"
    return next((f".{digits}f" for digits in range(1, 6) if span >= 0.4 * 10.0 ** (1 - digits)), "~g")


def _add_strips(  # noqa: PLR0913, PLR0917 - the parts of one picture
    figure: go.Figure, signals: Signals, columns: list[str], style: PlatingStyle, theme: Theme, origin_second: float
) -> None:
    """Draw one strip a column on one time axis, its title above the upper left corner."""
    token = TOKENS[theme]
    gap = 0.1 if len(columns) > 1 else 0.0
    share = (1 - gap * (len(columns) - 1)) / len(columns)
    for row, column in enumerate(columns):
        axis = "y" if row == 0 else f"y{row + 1}"
        figure.add_trace(
            time_trace(signals[column], column, style=style, theme=theme, origin_second=origin_second, axis=axis)
        )
        top = 1 - row * (share + gap)
        domain = [max(top - share, 0.0), top]
        settings = {**axis_style(theme), "title": None, "nticks": 4, "gridcolor": token["grid"], "domain": domain}
        figure.update_layout({f"yaxis{row + 1}" if row else "yaxis": {**settings, "anchor": "x"}})
        known = RECORD_COLUMNS[column]
        title = f"<b>{known.label}</b> / {known.unit}" if known.unit else f"<b>{known.label}</b>"
        figure.add_annotation(
            text=title,
            x=0,
            xref="paper",
            xanchor="left",
            xshift=2,
            y=top,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11, "color": token["ink"]},
        )


def _mark_flagged(figure: go.Figure, signals: Signals, theme: Theme, origin_second: float) -> None:
    """Mark what cannot have been measured at the edge of the plot or strip that its line is drawn in."""
    lines: dict[str, str] = {trace["meta"]["column"]: trace["yaxis"] for trace in figure.data}
    for column, over in lines.items():
        axis = f"y{int(EDGES[1:]) + int(over[1:] or 1) - 1}"
        trace = flagged_trace(signals[column], column, theme=theme, origin_second=origin_second, axis=axis)
        if trace is not None:
            domain = figure.layout[f"yaxis{over[1:]}"].domain
            figure.add_trace(trace)
            figure.update_layout({f"yaxis{axis[1:]}": edge_axis(over, list(domain) if domain else None)})


def _mark_cycles(  # noqa: PLR0913 - what a mark is made of
    figure: go.Figure,
    cycles: pd.DataFrame,
    span: tuple[float, float],
    origin_second: float,
    theme: Theme,
    *,
    lift: int,
) -> None:
    """Shade every second cycle in the span and write cycle numbers on top, `lift` px above it, as many as fit."""
    inside = _cycles_within(cycles, span)
    if not inside:
        return
    token = TOKENS[theme]
    width = span[1] - span[0]
    up = {"yshift": 2 + lift}
    step = next(
        size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if len(inside) / size <= MOST_CYCLE_NUMBERS
    )
    for name, number, start, end, is_open in inside:
        low, high = (max(start, span[0]) - origin_second, min(end, span[1]) - origin_second)
        hours = (low / SECONDS_PER_HOUR, high / SECONDS_PER_HOUR)
        if number % 2 == 0 and len(inside) <= MOST_SHADED:
            place = {"x0": hours[0], "x1": hours[1], "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
            mark = {"name": OPEN_CYCLE} if is_open else {}
            figure.add_shape({"type": "rect", **place, "line": {"width": 0}, "fillcolor": token["raised"], **mark})
        if is_open:
            words = IN_PROGRESS.format(cycle=name)
            _write_on_top(figure, words, hours[0], token["ink3"], name=OPEN_CYCLE, xanchor="left", xshift=4, **up)
        elif (number % step == 0 or step == 1) and step * (high - low) > LEAST_WIDTH_SHARE * width:
            _write_on_top(figure, name, sum(hours) / 2, token["ink3"], name="cycle-number", **up)
    _write_on_top(figure, "cycle", 0, token["ink3"], xref="paper", xanchor="right", xshift=-8, **up)


def _write_on_top(figure: go.Figure, text: str, x: float, colour: str, **place: Any) -> None:
    """Write a word above the plot."""
    top = {"y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
    figure.add_annotation({"text": text, "x": x, **top, "font": {"size": 11, "color": colour}, **place})


def _cycles_within(cycles: pd.DataFrame, span: tuple[float, float]) -> list[tuple[str, int, float, float, bool]]:
    """Return (word, number, start, end, unfinished) of the cycles in the span; F1, F2 are formation cycles."""
    columns = ("cycle_count", "formation_count", "start_second", "end_second")
    states = cycles["state"] if "state" in cycles else ["complete"] * len(cycles)
    rows = zip(*(numbers(cycles, column) for column in columns), states, strict=True)
    found = []
    for count, formation, start, end, state in rows:
        number = count if count is not None else formation
        if number is None or start is None or end is None or end <= span[0] or start >= span[1]:
            continue
        word = f"{number:.0f}" if count is not None else f"F{number:.0f}"
        found.append((word, int(number), start, end, state == "in_progress"))
    return found
