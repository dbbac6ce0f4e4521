"""Over cycles: indicator with 95 % bars, capacity, coulombic efficiency and baseline on one cycle axis."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from figures.strip_axes import arrows_at_edge, cycle_ticks, strip_axis
from figures.style import (
    MARGIN,
    RING_EDGE,
    STRIP_MARKER_SIZE,
    TOKENS,
    PlatingStyle,
    Theme,
    axis_style,
    empty_figure,
    free_range,
    plating_style,
    template,
)
from figures.tables import (
    CONFIDENCE,
    Numbers,
    Quantity,
    Unit,
    capacity,
    choose_unit,
    complete_cycles,
    estimator_of,
    flags,
    half_text,
    has_values,
    indicator,
    numbers,
    signal_of,
)

HEIGHT = 436
SHARES = (0.56, 0.15, 0.13, 0.16)
SPACING = 0.062
TOP, BASELINE = 0, 3
TOP_MARKER_SIZE = 4
"""Small, so that bars of 95 % reach beyond it."""
TITLE_PX = 30
LEAST_SPANS = {"coulombic_efficiency_percent": 0.5}
"""Span of a strip at least: a CE that stays within 0.02 % is a flat line, not a drama."""
SHORT_TEST = 9
"""Fewer cycles than this are numbered one by one."""

BESIDE_WORDS = {"e1": "E1 paper", "e2": "E2 drift", "e3": "E3 slope"}


def draw_cycle_stack(  # noqa: PLR0913 - the reader's choices
    cycles: pd.DataFrame,
    *,
    theme: Theme = "light",
    unit: Unit = "paper",
    beside: Sequence[str] = (),
    selected: int | None = None,
    style: PlatingStyle | None = None,
    show_formation: bool = True,
) -> go.Figure:
    """Return the strips of one cell: indicator with 95 % bars, capacity, CE (polarisation), baseline.

    `cycles` has CYCLE_COLUMNS, one row a cycle; columns may be absent and values NaN.  `unit` falls back to one
    the cell has.  `beside` names further estimators ("e1", "e2", "e3") drawn as thin lines.  Masked cycles are
    rings, formation cycles stand left of cycle 1, unfinished ones are not drawn (SCIENCE sections 2 and 3).
    """
    table = complete_cycles(cycles)
    if not show_formation:
        table = table[table["position"] >= 1]
    if table.empty:
        return empty_figure(theme, "No complete cycle yet.", height=HEIGHT)
    every = strip_quantities(table, unit)
    strips = {kind: quantity for kind, quantity in enumerate(every) if has_values(table, quantity.column)}
    if not strips:
        return empty_figure(theme, "No value can be computed for these cycles.", height=HEIGHT)
    figure = go.Figure()
    readouts = cycle_readouts(table, every, hidden_below=hidden_bar(table, every[TOP]))
    if TOP in strips:
        _add_beside(figure, table, strips[TOP], beside, theme)
    for row, (kind, quantity) in enumerate(strips.items()):
        axis = "y" if row == 0 else f"y{row + 1}"
        if kind == BASELINE:
            figure.add_trace(_baseline_line(table, quantity, axis, style or plating_style(0), theme))
        figure.add_trace(_strip_trace(table, quantity, kind, axis, readouts, style or plating_style(0), theme))
    _lay_out(figure, table, strips, theme)
    _lay_out_cycle_axis(figure, table, len(strips), theme)
    if selected is not None:
        line = {"width": 1, "color": TOKENS[theme]["line2"]}
        figure.add_shape(type="line", x0=selected, x1=selected, y0=0, y1=1, yref="paper", line=line, layer="below")
    if TOP in strips and strips[TOP].column.endswith("_percent"):
        line = {"width": 1, "color": TOKENS[theme]["line2"], "dash": "2px,2px"}
        figure.add_shape(type="line", x0=0, x1=1, xref="x domain", y0=100, y1=100, yref="y", line=line, layer="below")
    return figure


def strip_quantities(cycles: pd.DataFrame, unit: str) -> list[Quantity]:
    """Return the quantities of the strips, from the top; polarisation stands for CE where CE is not defined."""
    signal = signal_of(cycles)
    efficiency = Quantity("coulombic_efficiency_percent", "CE", "%", 2)
    if not has_values(cycles, efficiency.column) and has_values(cycles, "polarisation_volt"):
        efficiency = Quantity("polarisation_volt", "Polarisation", "mV", 1, factor=1000.0)
    baseline = Quantity(signal.named("eod"), f"{signal.symbol}<sub>EOD</sub>", signal.unit, 2)
    return [indicator(signal, choose_unit(cycles, unit)), capacity(cycles), efficiency, baseline]


def hidden_bar(cycles: pd.DataFrame, quantity: Quantity) -> float:
    """Return the half length below which a bar of the top strip lies inside its marker, in the quantity's unit."""
    values = [value for value in numbers(cycles, quantity.column, quantity.factor) if value is not None]
    height_px = (HEIGHT - MARGIN["b"] - TITLE_PX) * SHARES[TOP]
    return (max(values) - min(values)) * TOP_MARKER_SIZE / 2 / height_px if values else 0.0


def cycle_readouts(cycles: pd.DataFrame, strips: Sequence[Quantity], hidden_below: float = 0.0) -> list[str]:
    """Return one line of text a cycle: number, every strip's value with unit, the indicator with its 95 % bar.

    A bar shorter than `hidden_below` cannot be seen behind its marker; the line says so.
    """
    columns = [numbers(cycles, quantity.column, quantity.factor) for quantity in strips]
    spread = numbers(cycles, f"{strips[0].column}_u", strips[0].factor * CONFIDENCE)
    masked = flags(cycles, "masked")
    lines = []
    for index, position in enumerate(cycles["position"]):
        first = strips[0].text(columns[0][index])
        bar = spread[index]
        if bar is not None and columns[0][index] is not None:
            number, _, rest = first.partition(" ")
            first = f"{number} ± {half_text(bar, strips[0].digits)} {rest}".rstrip()
            first += " (bar inside the mark)" if bar < hidden_below else ""
        others = [quantity.text(column[index]) for quantity, column in zip(strips[1:], columns[1:], strict=True)]
        others[1] = f"{strips[2].symbol} {others[1]}"
        name = f"cycle {position:.0f}" if position >= 1 else f"formation {_formation_number(cycles, index)}"
        lines.append("   ".join([name, first, *others, *(["masked"] if masked[index] else [])]))
    return lines


def _formation_number(cycles: pd.DataFrame, index: int) -> str:
    count = numbers(cycles, "formation_count")[index]
    return "" if count is None else f"{count:.0f}"


def _strip_trace(  # noqa: PLR0913, PLR0917 - one strip of the stack
    cycles: pd.DataFrame,
    quantity: Quantity,
    kind: int,
    axis: str,
    readouts: list[str],
    style: PlatingStyle,
    theme: Theme,
) -> go.Scatter:
    """Return the points of a strip; each keeps its kind: counted, masked, formation, in one trace (unified hover)."""
    values = numbers(cycles, quantity.column, quantity.factor)
    token = TOKENS[theme]
    positions = cycles["position"].tolist()
    masked = flags(cycles, "masked")
    hollow = [mask or position < 1 for mask, position in zip(masked, positions, strict=True)]
    shown, symbols = (values, ["circle"] * len(values)) if kind == TOP else arrows_at_edge(values, masked)
    size = TOP_MARKER_SIZE if kind == TOP else STRIP_MARKER_SIZE
    ink = style.colour(theme)
    trace: dict[str, Any] = {
        "x": positions,
        "y": shown,
        "name": quantity.symbol,
        "xaxis": "x",
        "yaxis": axis,
        "mode": "markers",
        "cliponaxis": False,
        "hoverinfo": "none",
        "customdata": readouts,
        "marker": {
            "symbol": symbols,
            "size": size if kind < BASELINE else 3,
            "opacity": 1,
            "color": [token["surface"] if ring else ink for ring in hollow],
            "line": {
                "color": [token["ink3"] if ring else ink for ring in hollow],
                "width": [RING_EDGE - 0.2 if ring else 0 for ring in hollow],
            },
        },
    }
    if kind == TOP:
        bars = numbers(cycles, f"{quantity.column}_u", quantity.factor * CONFIDENCE)
        trace["error_y"] = {
            "type": "data",
            "array": bars,
            "thickness": 1,
            "width": 0,
            "color": ink,
            "visible": any(bar is not None for bar in bars),
        }
    return go.Scatter(trace)


def _baseline_line(
    cycles: pd.DataFrame, quantity: Quantity, axis: str, style: PlatingStyle, theme: Theme
) -> go.Scatter:
    """Return the line of the baseline: it breaks at masked cycles, as they enter no trend."""
    values = numbers(cycles, quantity.column, quantity.factor)
    kept = [None if mask else value for value, mask in zip(values, flags(cycles, "masked"), strict=True)]
    line = {"width": 1.3, "color": style.colour(theme)}
    trace = {"x": cycles["position"].tolist(), "y": kept, "mode": "lines", "line": line, "connectgaps": False}
    return go.Scatter({**trace, "xaxis": "x", "yaxis": axis, "hoverinfo": "skip", "name": quantity.symbol})


def _add_beside(figure: go.Figure, cycles: pd.DataFrame, main: Quantity, beside: Sequence[str], theme: Theme) -> None:
    """Add other estimators as thin grey lines; each, the cell's own among them, is named at its end (SCIENCE 1.6)."""
    chosen = estimator_of(cycles)
    paths = {name: estimator_values(cycles, main, name) for name in beside if name != chosen}
    own = numbers(cycles, main.column, main.factor) if chosen in beside else []
    grey = TOKENS[theme]["volt"]
    dashes = {"e1": "6px,3px", "e2": "solid", "e3": "2px,2px"}
    masked = flags(cycles, "masked")
    positions = cycles["position"].tolist()
    ends: list[tuple[float, float, str]] = []
    for estimator, raw in paths.items():
        if not any(value is not None for value in raw):
            continue
        values = [None if mask else value for value, mask in zip(raw, masked, strict=True)]
        line = {"width": 1.1, "color": grey, "dash": dashes[estimator]}
        figure.add_trace(
            go.Scatter(
                {"x": positions, "y": values, "mode": "lines", "line": line, "hoverinfo": "skip", "name": estimator}
            )
        )
        known = [(y, x, BESIDE_WORDS[estimator]) for x, y in zip(positions, values, strict=True) if y is not None]
        ends += known[-1:]
    points = zip(positions, own, masked, strict=True) if own else []
    ends += [(y, x, BESIDE_WORDS[chosen]) for x, y, mask in points if y is not None and not mask][-1:]
    for place, (y, x, words) in enumerate(sorted(ends)):
        shift = (place - (len(ends) - 1) / 2) * 14
        _note_at(figure, x, y, words, shift, TOKENS[theme]["ink3"])


def estimator_values(cycles: pd.DataFrame, shown: Quantity, estimator: str) -> Numbers:
    """Return the indicator by another estimator ("e1", "e2", "e3") in the unit shown.

    It is stored per gram and per A h; every other unit is a multiple of that, by the ratio that the cell's own
    indicator has in each cycle (median, where a cycle lacks it).  A relative value keeps the cell's own reference,
    so that the distance between two estimators stays to be seen.
    """
    signal = signal_of(cycles)
    bases = [indicator(signal, "paper"), indicator(signal, "per_ah")]
    base = next((each for each in bases if has_values(cycles, f"{each.column}_{estimator}")), bases[0])
    own = pd.Series(numbers(cycles, base.column), dtype=float)
    ratio = pd.Series(numbers(cycles, shown.column, shown.factor), dtype=float) / own.where(own != 0)
    ratio = ratio.fillna(ratio.median())
    values = pd.Series(numbers(cycles, f"{base.column}_{estimator}"), dtype=float) * ratio
    return [value if pd.notna(value) else None for value in values.tolist()]


def _note_at(figure: go.Figure, x: float, y: float, text: str, shift: float, colour: str) -> None:  # noqa: PLR0913, PLR0917
    """Write a name to the right of a point, shifted up by some px."""
    figure.add_annotation(
        x=x,
        y=y,
        text=text,
        showarrow=False,
        xanchor="left",
        xshift=9,
        yshift=shift,
        font={"size": 11, "color": colour},
    )


def _lay_out(figure: go.Figure, cycles: pd.DataFrame, strips: Mapping[int, Quantity], theme: Theme) -> None:
    """Place the strips from the top, each with its title above its upper left corner."""
    token = TOKENS[theme]
    free = (1 - SPACING * (len(strips) - 1)) / sum(SHARES[kind] for kind in strips)
    top = 1.0
    for row, (kind, quantity) in enumerate(strips.items()):
        bottom = max(top - SHARES[kind] * free, 0.0)
        name = "yaxis" if row == 0 else f"yaxis{row + 1}"
        settings = {**axis_style(theme), "title": None, "nticks": 6, "showgrid": True}
        if kind != TOP:
            values = numbers(cycles, quantity.column, quantity.factor)
            shown, _ = arrows_at_edge(values, flags(cycles, "masked"))
            settings |= strip_axis(shown, LEAST_SPANS.get(quantity.column, 0.0))
        figure.update_layout(
            {name: {**settings, "domain": [bottom, top], "anchor": "x", "gridcolor": token["grid"], "gridwidth": 1}}
        )
        figure.add_annotation(
            text=quantity.strip_title,
            x=0,
            xref="paper",
            xanchor="left",
            xshift=2,
            y=top,
            yref="paper",
            yanchor="bottom",
            yshift=1 if row else 3,
            showarrow=False,
            font={"size": 12 if kind == TOP else 11, "color": token["ink"]},
        )
        top = bottom - SPACING
    figure.update_layout(
        template=template(theme),
        height=HEIGHT,
        margin={**MARGIN, "t": TITLE_PX},
        hovermode="x unified",
        hoverdistance=14,
    )
    figure.update_layout(hoversubplots="axis")


def _lay_out_cycle_axis(figure: go.Figure, cycles: pd.DataFrame, strips: int, theme: Theme) -> None:
    """Lay out the one cycle axis below the lowest strip, with the hair line through all strips."""
    positions = cycles["position"]
    first, last = float(positions.min()), float(positions.max())
    pad = max((last - first) * 0.03, 0.6)
    axis: dict[str, Any] = {
        "anchor": "y" if strips == 1 else f"y{strips}",
        "title": {"text": "Cycle"},
        **free_range(first - pad, last + max(pad, (last - first) * 0.12)),
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": TOKENS[theme]["ink3"],
        "spikesnap": "hovered data",
        "tickformat": "d",
        "nticks": 9,
    }
    if first < 1 or last < SHORT_TEST:
        axis |= {"tickmode": "array", "tickvals": cycle_ticks(int(last))}
    if first < 1:
        line = {"width": 1, "color": TOKENS[theme]["line2"], "dash": "2px,2px"}
        figure.add_shape(type="line", x0=0.5, x1=0.5, y0=0, y1=1, yref="paper", line=line, layer="below")
        figure.add_annotation(
            text="formation",
            x=0.5,
            y=1,
            yref="paper",
            xanchor="right",
            yanchor="top",
            xshift=-4,
            showarrow=False,
            font={"size": 11, "color": TOKENS[theme]["ink3"]},
        )
    figure.update_layout(xaxis=axis)
