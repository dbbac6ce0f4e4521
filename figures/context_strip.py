"""The whole test in one thin strip, with the range that is shown: a brush below the time plot."""

import pandas as pd
import plotly.graph_objects as go

from figures.style import MARGIN_TWO_AXES, TOKENS, Theme, empty_figure, template
from figures.tables import SECONDS_PER_HOUR, numbers

HEIGHT = 44


def draw_context_strip(
    signal: pd.DataFrame, *, theme: Theme = "light", window: tuple[float, float] | None = None
) -> go.Figure:
    """Return the strip: a thin line of the whole test, its shown part in ink, and the window as a movable frame.

    `signal` has test_time_second and one further column; `window` is in s.  Dragging selects a range.
    """
    column = next((name for name in signal.columns if name != "test_time_second"), None)
    if column is None or signal.empty:
        return empty_figure(theme, height=HEIGHT)
    token = TOKENS[theme]
    hours = numbers(signal, "test_time_second", 1 / SECONDS_PER_HOUR)
    values = numbers(signal, column)
    known = [hour for hour in hours if hour is not None]
    figure = go.Figure()
    low, high = (second / SECONDS_PER_HOUR for second in window) if window else (min(known), max(known))
    inside = [hour is not None and low <= hour <= high for hour in hours]
    for kept, colour in ((values, "line2"), (_kept(values, inside), "ink2")):
        line = {"width": 1, "color": token[colour]}
        figure.add_trace(go.Scatter({"x": hours, "y": kept, "mode": "lines", "line": line, "hoverinfo": "skip"}))
    figure.update_layout(
        template=template(theme),
        height=HEIGHT,
        margin={**MARGIN_TWO_AXES, "t": 2, "b": 2},
        dragmode="select",
        selectdirection="h",
    )
    figure.update_layout(newselection={"line": {"color": token["ink3"], "width": 1, "dash": "solid"}})
    figure.update_xaxes(visible=False, range=[min(known), max(known)], fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    frame = {"type": "rect", "x0": low, "x1": high, "y0": 0, "y1": 1, "xref": "x", "yref": "paper"}
    figure.add_shape({**frame, "line": {"color": token["ink3"], "width": 1}, "fillcolor": "rgba(0,0,0,0)"})
    return figure


def _kept(values: list[float | None], inside: list[bool]) -> list[float | None]:
    return [value if keep else None for value, keep in zip(values, inside, strict=True)]
