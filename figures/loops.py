"""Loops of one cell: pressure or voltage against charge, coloured by cycle; both against capacity for few cycles."""

from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from figures.cycle_curves import (
    charge_scale,
    chosen_last,
    curve_halves,
    curve_trace,
    cycle_shares,
    loop_charge,
)
from figures.style import (
    MARGIN_TWO_AXES,
    TOKENS,
    PlatingStyle,
    Theme,
    axis_style,
    empty_figure,
    plating_style,
    template,
)
from figures.tables import has_values, numbers, signal_of

HEIGHT = 188
NO_CURVES = "No curve of a complete cycle yet."


def draw_loops(
    curves: pd.DataFrame,
    *,
    theme: Theme = "light",
    quantity: Literal["signal", "voltage"] = "signal",
    active_mass_g: float | None = None,
    selected: int | None = None,
) -> go.Figure:
    """Return P-Q (or V-Q) loops: charge up, discharge down, early cycles light, late ones dark.

    `curves` has cycle_count, half ("charge", "discharge"), q_ah, voltage_volt, signal (change since the start of
    charge, in the unit of mechanical_signal).  Q is in mAh/g with an active mass, else mAh (SCIENCE section 3).
    """
    column = "signal" if quantity == "signal" else "voltage_volt"
    if curves.empty or not has_values(curves, column):
        return empty_figure(
            theme, NO_CURVES if curves.empty else "No mechanical signal in these cycles.", height=HEIGHT
        )
    scale = charge_scale(active_mass_g)
    signal = signal_of(curves)
    unit = signal.unit if quantity == "signal" else "V"
    shares = cycle_shares(curves)
    halves = {(cycle, half): rows for cycle, half, rows in curve_halves(curves)}
    figure = go.Figure()
    for cycle in chosen_last(shares, selected):
        for half in ("charge", "discharge"):
            if (cycle, half) in halves:
                rows = halves[cycle, half]
                x, y = loop_charge(rows, half, scale.factor), numbers(rows, column)
                share, chosen = shares[cycle], cycle == selected
                figure.add_trace(
                    curve_trace(x, y, cycle=cycle, half=half, share=share, chosen=chosen, theme=theme, y_unit=unit)
                )
    title = f"Δ{signal.symbol} / {unit}".removesuffix(" / ") if quantity == "signal" else "Voltage / V"
    figure.update_layout(
        template=template(theme), height=HEIGHT, hovermode="closest", xaxis={"title": {"text": scale.title}}
    )
    figure.update_layout(yaxis={"title": {"text": title}, "nticks": 5})
    if quantity == "signal" and curves["signal"].mean() > 0:
        _note(figure, "charge up, discharge down", theme)
    return figure


def draw_against_capacity(  # noqa: PLR0913 - the reader's choices
    curves: pd.DataFrame,
    *,
    theme: Theme = "light",
    active_mass_g: float | None = None,
    selected: int | None = None,
    style: PlatingStyle | None = None,
    height: int = HEIGHT,
) -> go.Figure:
    """Return voltage (grey, left) and mechanical change (the group's colour, right) against capacity.

    Charge and discharge both run from 0 to the right, as cyclers plot them; cycles other than `selected` are thin.
    `curves` as for `draw_loops`.
    """
    if curves.empty:
        return empty_figure(theme, NO_CURVES, height=height)
    scale = charge_scale(active_mass_g)
    signal = signal_of(curves)
    ink = (style or plating_style(0)).colour(theme)
    shares = cycle_shares(curves)
    chosen_cycle = selected if selected in shares else max(shares)
    halves = {(cycle, half): rows for cycle, half, rows in curve_halves(curves)}
    has_signal = has_values(curves, "signal")
    figure = go.Figure()
    for cycle in chosen_last(shares, chosen_cycle):
        for half in ("charge", "discharge"):
            if (cycle, half) not in halves:
                continue
            rows = halves[cycle, half]
            x = numbers(rows, "q_ah", scale.factor)
            marks: dict[str, Any] = {
                "cycle": cycle,
                "half": half,
                "share": shares[cycle],
                "chosen": cycle == chosen_cycle,
            }
            volt, unit = TOKENS[theme]["volt"], signal.unit
            figure.add_trace(
                curve_trace(x, numbers(rows, "voltage_volt"), theme=theme, y_unit="V", colour=volt, **marks)
            )
            if has_signal:
                figure.add_trace(
                    curve_trace(x, numbers(rows, "signal"), theme=theme, y_unit=unit, axis="y2", colour=ink, **marks)
                )
    figure.update_layout(template=template(theme), height=height, hovermode="closest")
    figure.update_layout(
        xaxis={"title": {"text": scale.title}},
        yaxis={"title": {"text": "Voltage / V"}, "nticks": 5, "tickformat": ".1f"},
    )
    if has_signal:
        title = {"text": f"Δ{signal.symbol} / {signal.unit}".removesuffix(" / "), "standoff": 8}
        right = {**axis_style(theme), "overlaying": "y", "side": "right", "showgrid": False, "tickmode": "auto"}
        figure.update_layout(yaxis2={**right, "nticks": 5, "title": title}, margin=MARGIN_TWO_AXES)
    return figure


def _note(figure: go.Figure, text: str, theme: Theme) -> None:
    """Write a quiet note into the lower right corner, where loops leave room."""
    figure.add_annotation(
        text=text,
        x=1,
        y=0,
        xref="paper",
        yref="paper",
        xanchor="right",
        yanchor="bottom",
        yshift=4,
        showarrow=False,
        font={"size": 11, "color": TOKENS[theme]["ink3"]},
    )
