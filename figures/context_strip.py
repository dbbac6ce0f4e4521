"""The whole test in one thin strip, with the range that is shown: a brush below the time plot."""

import pandas as pd
import plotly.graph_objects as go

from figures.flagged import EDGES, edge_axis, flagged_trace, without_flagged
from figures.style import MARGIN_TWO_AXES, TOKENS, Theme, empty_figure, template
from figures.tables import SECONDS_PER_HOUR, numbers

HEIGHT = 44


def draw_context_strip(
    signal: pd.DataFrame,
    *,
    theme: Theme = "light",
    window: tuple[float, float] | None = None,
    span: tuple[float, float] | None = None,
) -> go.Figure:
    """Return the strip: a thin line of the whole test, its shown part in ink, and the window as a movable frame.

    `signal` has test_time_second and one further column; `window` is in s, and so is the whole test, `span` (that of
    the signal where it is not given).  Dragging selects a range.
    """
    column = next((name for name in signal.columns if name != "test_time_second"), None)
    if column is None or signal.empty:
        return empty_figure(theme, height=HEIGHT)
    token = TOKENS[theme]
    flagged, signal = flagged_trace(signal, column, theme=theme), without_flagged(signal)
    hours = numbers(signal, "test_time_second", 1 / SECONDS_PER_HOUR)
    values = numbers(signal, column)
    known = [hour for hour in hours if hour is not None]
    figure = go.Figure()
    low, high = (second / SECONDS_PER_HOUR for second in window) if window else (min(known), max(known))
    inside = [hour is not None and low <= hour <= high for hour in hours]
    mode = "lines" if len(known) > 1 else "markers"  # one record has no line
    for kept, colour in ((values, "line2"), (_kept(values, inside), "ink2")):
        look = {"line": {"width": 1, "color": token[colour]}, "marker": {"size": 4, "color": token[colour]}}
        figure.add_trace(go.Scatter({"x": hours, "y": kept, "mode": mode, **look, "hoverinfo": "skip"}))
    if flagged is not None:
        flagged.update(hoverinfo="skip", marker={"size": 6})
        figure.add_trace(flagged)
        figure.update_layout({f"yaxis{EDGES[1:]}": edge_axis("y")})
    figure.update_layout(
        template=template(theme),
        height=HEIGHT,
        margin={**MARGIN_TWO_AXES, "t": 2, "b": 2},
        dragmode="select",
        selectdirection="h",
    )
    figure.update_layout(newselection={"line": {"color": token["ink3"], "width": 1, "dash": "solid"}})
    figure.update_xaxes(visible=False, range=_range_of(known, span), fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    frame = {"type": "rect", "x0": low, "x1": high, "y0": 0, "y1": 1, "xref": "x", "yref": "paper"}
    figure.add_shape({**frame, "line": {"color": token["ink3"], "width": 1}, "fillcolor": "rgba(0,0,0,0)"})
    return figure


def _range_of(hours: list[float], span: tuple[float, float] | None) -> list[float]:
    """Return the first and last hour of the test, a minute apart at least."""
    first, last = (second / SECONDS_PER_HOUR for second in span) if span else (min(hours), max(hours))
    return [first, max(last, first + 1 / 60)]


def _kept(values: list[float | None], inside: list[bool]) -> list[float | None]:
    return [value if keep else None for value, keep in zip(values, inside, strict=True)]
