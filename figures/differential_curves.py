"""Differential curves of one cell: dP/dQ and dQ/dV, by charge or by voltage, coloured by cycle."""

from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from figures.cycle_curves import charge_scale, chosen_last, curve_halves, curve_trace, cycle_shares, per_charge_unit
from figures.style import TOKENS, Theme, empty_figure, template
from figures.tables import Numbers, has_values, numbers, signal_of
from pressiometry.differential import POINTS, WINDOW

HEIGHT = 188


def draw_differential(  # noqa: PLR0913 - the reader's choices
    curves: pd.DataFrame,
    *,
    theme: Theme = "light",
    quantity: Literal["dsignal_dq", "dq_dv"] = "dsignal_dq",
    against: Literal["q", "v"] = "q",
    halves: tuple[str, ...] = ("charge",),
    active_mass_g: float | None = None,
    selected: int | None = None,
) -> go.Figure:
    """Return dP/dQ or dQ/dV of cycles, overlaid by charge or by voltage (SCIENCE section 3).

    `curves` has cycle_count, half, q_ah, voltage_volt, dsignal_dq (the signal's unit per A h), dq_dv (A h/V).
    With an active mass they are drawn per gram.  The ends, where the smoothing window has one side only, are left out.
    """
    if curves.empty or not has_values(curves, quantity):
        words = "No curve of a complete cycle yet." if curves.empty else "Not computed for these cycles."
        return empty_figure(theme, words, height=HEIGHT)
    scale = charge_scale(active_mass_g)
    signal = signal_of(curves)
    if quantity == "dsignal_dq":
        factor, symbol, unit = active_mass_g or 1.0, f"d{signal.symbol}/dQ", per_charge_unit(signal, active_mass_g)
    else:
        factor, symbol, unit = scale.factor, "dQ/dV", f"{scale.unit}/V".replace("mAh/g/V", "mAh/(g V)")
    shares = cycle_shares(curves)
    tables = {(cycle, half): rows for cycle, half, rows in curve_halves(curves)}
    figure = go.Figure()
    for cycle in chosen_last(shares, selected):
        for half in halves:
            if (cycle, half) not in tables:
                continue
            rows = tables[cycle, half]
            x = numbers(rows, "q_ah", scale.factor) if against == "q" else numbers(rows, "voltage_volt")
            y, share, chosen = without_ends(numbers(rows, quantity, factor)), shares[cycle], cycle == selected
            figure.add_trace(
                curve_trace(x, y, cycle=cycle, half=half, share=share, chosen=chosen, theme=theme, y_unit=unit)
            )
    title = scale.title if against == "q" else "Voltage / V"
    figure.update_layout(template=template(theme), height=HEIGHT, hovermode="closest", xaxis={"title": {"text": title}})
    figure.update_layout(yaxis={"title": {"text": f"{symbol} / {unit}"}, "nticks": 5})
    words = f"smoothed over {100 * (WINDOW - 1) / (POINTS - 1):.0f} % of Q"
    place = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom", "yshift": -5}
    font = {"size": 11, "color": TOKENS[theme]["ink3"]}
    figure.add_annotation({"text": words, **place, "showarrow": False, "font": font})
    return figure


def without_ends(values: Numbers, window: int = WINDOW) -> Numbers:
    """Return the values without those nearer than half a window to the first or last known one.

    >>> without_ends([None, 1.0, 2.0, 3.0, 4.0, 5.0, None], window=3)
    [None, None, 2.0, 3.0, 4.0, None, None]
    """
    known = [index for index, value in enumerate(values) if value is not None]
    if not known:
        return values
    low, high = known[0] + window // 2, known[-1] - window // 2
    return [value if low <= index <= high else None for index, value in enumerate(values)]
