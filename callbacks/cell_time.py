"""Voltage and pressure over time on the Cell page: the range that the address says, and how it goes on live."""

import time
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
from dash import html, no_update

from access.roles import requires
from callbacks.cell_figures import MOST_CURVES, TIME_COLUMNS, TIMES, View, curves_of, style_of, with_meta, with_values
from callbacks.cell_window import Window, chosen_cycle, drawn_cycles, find_window, is_zoomed, shows_now
from data_access.database import db
from data_access.models import Cell
from data_access.queries import facts_of, load_cell, load_cycle_values
from data_access.queries.live_view import LiveView, load_live_overview
from figures.context_strip import draw_context_strip
from figures.loops import draw_against_capacity
from figures.style import PlatingStyle, Theme, display
from figures.tables import SECONDS_PER_HOUR, evenly_chosen, numbers
from figures.voltage_pressure import HEIGHT as TIME_HEIGHT
from figures.voltage_pressure import MECHANICAL, draw_voltage_pressure, mechanical_column
from layouts.words import cell as words
from pressiometry.columns import MECHANICAL_SIGNALS

OVERVIEW_POINTS = 2400
STRIP_POINTS = 600
STACKED_COLUMNS = ("voltage_volt", *MECHANICAL, "current_ampere", "surface_temperature_celsius")
ROOM_SHARE = 0.03
"""Room at the right of a range that goes on, so that the axis moves now and then and not with every row."""


@requires("viewer")
def show_time(view: View | None, _revision: int, _live: int, theme: Theme) -> Any:
    """Return voltage and pressure of the range and the strip of the whole test: overviews only, never all records."""
    if not view or not view.get("cell"):
        return [no_update] * 5
    cell = load_cell(db.engine, view["cell"])
    cycles = load_cycle_values(db.engine, [cell.id], TIMES)
    overview = load_live_overview(db.engine, cell.id, TIME_COLUMNS, None, None, STRIP_POINTS)
    whole = with_values(overview.signals)
    span = span_of(whole)
    window = find_window(view, cycles, span)
    follows = bool(overview.positions) and cell.state == "running" and shows_now(view, cycles, window)
    if follows:
        window = (window[0], max(window[1], span[1]))
        cycles = with_open_end(cycles, span[1])
    strip_column = strip_column_of(whole)
    strip = draw_context_strip(whole.get(strip_column, pd.DataFrame()), theme=theme, window=window, span=span)
    strip.update_layout(uirevision=str(window), meta={"column": strip_column})
    figure, drawn = time_figure(cell, cycles, view, window, theme, follows=follows)
    hours = [f"{second / SECONDS_PER_HOUR:.2f}" for second in window]
    label = words.TIME_ARIA.format(name=cell.name, low=hours[0], high=hours[1])
    further: dict[str, Any] = {"cycles": cycle_spans(cycles), "window": list(window)}
    further["live"] = live_meta(cell, view, window, drawn, follows=follows)
    with_meta(figure, f"{cell.name}-records", label, revision=window, name=display(cell.name), **further)
    height = {"height": f"{figure.layout.height}px"}
    said = words.CAPACITY_SUBTITLE if view.get("x") == "capacity" else words.TIME_SUBTITLE
    subtitle = [*time_key(whole, style_of(cell)), html.Span(said)]
    edges = {"l": figure.layout.margin.l, "r": figure.layout.margin.r}
    strip.update_layout(margin={name: pixels for name, pixels in edges.items() if pixels is not None})
    return figure, height, strip, subtitle, time_title(whole)


def live_meta(cell: Cell, view: View, window: Window, drawn: LiveView, *, follows: bool) -> dict[str, Any]:
    """Return what assets/cell_live.js needs to add rows to the figure: where it ends, and whether it goes on."""
    position = ",".join(f"{series}:{sequence}:{late}" for series, (sequence, late) in drawn.positions.items())
    return {
        "cell": cell.id,
        "drawn": time.time_ns() // 1000,  # tells this drawing from every other
        "revision": cell.cycles_revision,
        "position": position if view.get("x") != "capacity" else "",
        "columns": {str(series): names for series, names in drawn.columns.items()},
        "by_time": view.get("x") != "capacity",
        "follows": follows,
        "slides": view.get("range") == "24h",
        "room": ROOM_SHARE,
        "to": None if follows else upper_limit(view, window),
    }


def upper_limit(view: View, window: Window) -> float:
    """Return the end of the range as the address says it, which may lie beyond the last record, s."""
    asked = view.get("to")
    return max(float(asked), window[1]) if is_zoomed(view) and isinstance(asked, int | float) else window[1]


def with_open_end(cycles: pd.DataFrame, end: float) -> pd.DataFrame:
    """Return the cycles with the last one, if it is unfinished, reaching to the newest record."""
    if cycles.empty or cycles["state"].iloc[-1] != "in_progress":
        return cycles
    longer = cycles.copy()
    longer.loc[longer.index[-1], "end_second"] = max(end, float(cycles["end_second"].iloc[-1]))
    return longer


def time_title(signals: Mapping[str, pd.DataFrame]) -> str:
    """Return "Voltage and pressure", with the mechanical signal the cell has."""
    column = mechanical_column(signals)
    found = next((signal.name for signal in MECHANICAL_SIGNALS if signal.column == column), None)
    return words.TIME.format(signal=found) if found else words.TIME_ALONE


def time_figure(  # noqa: PLR0913 - the reader's choices
    cell: Cell, cycles: pd.DataFrame, view: View, window: Window, theme: Theme, *, follows: bool = False
) -> tuple[go.Figure, LiveView]:
    """Return the picture of the range (against time, overlaid or stacked, or against capacity) and what it is of."""
    style = style_of(cell)
    if view.get("x") == "capacity":
        inside = cycles[(cycles["end_second"] > window[0] + 1) & (cycles["start_second"] < window[1] - 1)]
        chosen = chosen_cycle(cycles, view.get("cycle"))
        counts = evenly_chosen(drawn_cycles(inside, chosen), MOST_CURVES, chosen)
        if chosen == view.get("cycle") and chosen is not None and chosen not in counts:
            counts.append(chosen)  # the reader zoomed elsewhere; the chosen one is drawn all the same
        curves = curves_of(cell.id, counts, cycles)
        mass = facts_of(cell).active_mass_g
        options: dict[str, Any] = {"active_mass_g": mass, "selected": chosen, "style": style, "height": TIME_HEIGHT}
        return draw_against_capacity(curves, theme=theme, **options), LiveView({}, {}, {})
    arrangement: Literal["overlay", "stacked"] = "stacked" if view.get("arrange") == "stacked" else "overlay"
    columns = STACKED_COLUMNS if arrangement == "stacked" else TIME_COLUMNS
    until = None if follows else upper_limit(view, window)
    drawn = load_live_overview(db.engine, cell.id, columns, window[0], until, OVERVIEW_POINTS)
    room = ROOM_SHARE * (window[1] - window[0]) if follows else 0.0
    figure = draw_voltage_pressure(
        with_values(drawn.signals),
        cycles if follows else cycles.assign(state="complete"),  # a cycle that a dead cell left is not in progress
        theme=theme,
        arrangement=arrangement,
        window=(window[0], window[1] + room),
        style=style,
    )
    return figure.update_yaxes(fixedrange=True), drawn


def span_of(signals: Mapping[str, pd.DataFrame]) -> Window:
    """Return first and last time of the signals, s."""
    ends = [table["test_time_second"].dropna() for table in signals.values()]
    known = [times for times in ends if len(times)]
    if not known:
        return 0.0, SECONDS_PER_HOUR
    return min(float(times.min()) for times in known), max(float(times.max()) for times in known)


def cycle_spans(cycles: pd.DataFrame) -> list[list[float]]:
    """Return [cycle, start, end] in h, for the readout and the choice of a cycle by a click."""
    columns = [numbers(cycles, "cycle_count")]
    columns += [numbers(cycles, name, 1 / SECONDS_PER_HOUR) for name in ("start_second", "end_second")]
    return [[a, b, c] for a, b, c in zip(*columns, strict=True) if a is not None and b is not None and c is not None]


def strip_column_of(signals: Mapping[str, pd.DataFrame]) -> str:
    """Return what the strip of the whole test shows: the mechanical signal where it has a line, else the voltage."""
    mechanical = mechanical_column(signals)
    lines = {name for name, table in signals.items() if table[name].notna().sum() > 1}
    return mechanical if mechanical and (mechanical in lines or "voltage_volt" not in lines) else "voltage_volt"


def time_key(signals: Mapping[str, pd.DataFrame], style: PlatingStyle) -> list[Any]:
    """Return the key of the lines: a grey line is V, a line in the group's colour the mechanical signal."""
    found: list[Any] = []
    mechanical = mechanical_column(signals)
    if "voltage_volt" in signals:
        found += [html.I(className="key-line", style={"--c": "var(--volt)", "--h": "1.5px"}), html.Span("V")]
    if mechanical:
        symbol = {"surface_pressure_mpa": "P", "thickness_micrometre": "d"}.get(mechanical, "ε")
        found += [html.I(className="key-line", style={"--c": f"var(--{style.token})", "--h": "3px"}), html.Span(symbol)]
    return found
