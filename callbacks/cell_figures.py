"""The figures of the Cell page, drawn from the store by what the address says."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
from dash import html, no_update

from access.roles import requires
from callbacks.cell_window import Window, chosen_cycle, drawn_cycles, find_window
from data_access.database import db
from data_access.models import Cell
from data_access.queries import facts_of, load_cell, load_cells, load_curves, load_cycle_values
from data_access.series import load_cell_overview
from figures.context_strip import draw_context_strip
from figures.cycle_stack import draw_cycle_stack
from figures.differential_curves import draw_differential
from figures.loops import HEIGHT as LOOPS_HEIGHT
from figures.loops import draw_against_capacity, draw_loops
from figures.style import PlatingStyle, Theme, display, plating_style
from figures.tables import (
    SECONDS_PER_HOUR,
    available_units,
    choose_unit,
    complete_cycles,
    estimator_of,
    evenly_chosen,
    flags,
    indicator,
    numbers,
    signal_of,
)
from figures.voltage_pressure import HEIGHT as TIME_HEIGHT
from figures.voltage_pressure import MECHANICAL, draw_voltage_pressure, mechanical_column
from layouts.cell import named
from layouts.words import cell as words
from pressiometry.columns import MECHANICAL_SIGNALS

MOST_CURVES = 24
MOST_DIFFERENTIAL = 4
"""Derivatives are noisy: the first, the last, two between and the chosen one can be told apart."""
OVERVIEW_POINTS = 2400
STRIP_POINTS = 600
TIME_COLUMNS = ("voltage_volt", *MECHANICAL)
STACKED_COLUMNS = ("voltage_volt", *MECHANICAL, "current_ampere", "surface_temperature_celsius")

TIMES = ("start_second", "end_second", "mechanical_signal")

View = Mapping[str, Any]


def known_times() -> list[float]:
    """Return every plating time of the laboratory, so that each keeps its colour on every page."""
    times = [cell.plating_time_min for cell in load_cells(db.engine, archived=True)]
    return [time for time in times if time is not None]


def style_of(cell: Cell) -> PlatingStyle:
    """Return the marks of a cell's group."""
    return plating_style(cell.plating_time_min, known_times())


def stack_figure(cell: Cell, cycles: pd.DataFrame, view: View, style: PlatingStyle, theme: Theme) -> go.Figure:
    """Return the strips over cycles, with its words for a screen reader and where its data are."""
    beside = {"slope": ("e3",), "all": ("e1", "e2", "e3")}.get(str(view.get("beside")), ())
    chosen = chosen_cycle(cycles, view.get("cycle"))
    unit = choose_unit(cycles, str(view.get("unit")))
    figure = draw_cycle_stack(cycles, theme=theme, unit=unit, beside=beside, selected=chosen, style=style)
    complete = complete_cycles(cycles)
    quantity = indicator(signal_of(cycles), unit)
    known = [value for value in numbers(complete, quantity.column) if value is not None]
    value = quantity.text(known[-1] if known else None)
    label = words.STACK_ARIA.format(name=cell.name, count=len(complete), value=value)
    return with_meta(
        figure,
        f"{cell.name}-cycles",
        label,
        csv=f"/api/v1/cells/{cell.id}/cycles.csv",
        revision=cell.id,
        name=display(cell.name),
    )


def with_meta(
    figure: go.Figure, file: str, label: str, *, revision: object, csv: str = "", **further: Any
) -> go.Figure:
    """Return the figure with what the page's scripts need to know: file name, words, where the CSV is."""
    meta = {"file": file, "label": label, **({"csv": csv} if csv else {}), **further}
    return figure.update_layout(meta=meta, uirevision=str(revision))


def stack_subtitle(cycles: pd.DataFrame, view: View) -> str:
    """Return what the strips show: the estimator, what bars, rings and the dashed line mean."""
    estimator = estimator_of(cycles)
    said = [words.ESTIMATORS[estimator], words.BARS] if estimator in words.ESTIMATORS else []
    if any(flags(complete_cycles(cycles), "masked")):
        said.append(words.RING)
    if choose_unit(cycles, str(view.get("unit"))) == "relative":
        said.append(words.HUNDRED)
    return " · ".join(said)


def unit_choices(cycles: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the units of the control: the four of the product, those the cell lacks disabled; else what it has."""
    units = available_units(cycles)
    always = [unit for unit in ("paper", "areal", "relative", "stiffness") if unit in units or "paper" in units]
    shown = always if "paper" in units else units or ["swing"]
    return [{"value": unit, "label": words.UNITS[unit], "disabled": unit not in units} for unit in shown]


@requires("viewer")
def show_inside(view: View | None, _revision: int, theme: Theme) -> Any:
    """Return the loops and differential curves of cycles, the chosen one on top."""
    if not view or not view.get("cell"):
        return [no_update] * 6
    cell = load_cell(db.engine, view["cell"])
    cycles = load_cycle_values(db.engine, [cell.id], TIMES)
    signal = signal_of(cycles)
    chosen = chosen_cycle(cycles, view.get("cycle"))
    counts = evenly_chosen(drawn_cycles(cycles, chosen), MOST_CURVES, chosen)
    curves = curves_of(cell.id, counts, cycles)
    loops = inside_figure(cell, curves, cycles, view, chosen, theme)
    quantity, against = view.get("curve", "dsignal_dq"), view.get("by", "q")
    few = evenly_chosen(counts, MOST_DIFFERENTIAL, chosen)
    differential = differential_figure(cell, curves[curves["cycle_count"].isin(few)], view, chosen, theme)
    said = {
        "name": cell.name,
        "first": counts[0] if counts else 0,
        "last": counts[-1] if counts else 0,
        "chosen": chosen,
    }
    title = dict(named(words.CURVES, signal)).get(quantity, "")
    label = words.LOOPS_ARIA.format(what=words.INSIDE, **said)
    with_meta(loops, f"{cell.name}-loops", label, revision=f"{cell.id} {view.get('tab')}", name=display(cell.name))
    label = words.LOOPS_ARIA.format(what=title, **said)
    with_meta(
        differential,
        f"{cell.name}-{title.replace('/', '-')}",
        label,
        revision=f"{cell.id} {quantity} {against}",
        name=display(cell.name),
    )
    heading = [title, " ", html.Span(words.CURVE_SUBTITLE, className="panel-subtitle")]
    choices = [choices_data(named(texts, signal)) for texts in (words.TABS, words.CURVES)]
    return loops, ramp_key(counts, chosen, view), differential, heading, *choices


def choices_data(choices: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Return choices as a segmented control takes them."""
    return [{"value": key, "label": text} for key, text in choices]


def curves_of(cell_id: int, counts: Sequence[int], cycles: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of some cycles with the mechanical signal they hold."""
    return load_curves(db.engine, cell_id, counts).assign(mechanical_signal=signal_of(cycles).column)


def differential_figure(cell: Cell, curves: pd.DataFrame, view: View, chosen: int | None, theme: Theme) -> go.Figure:
    """Return dP/dQ or dQ/dV of some cycles, as the address asks for."""
    return draw_differential(
        curves,
        theme=theme,
        quantity=view.get("curve", "dsignal_dq"),
        against=view.get("by", "q"),
        active_mass_g=facts_of(cell).active_mass_g,
        selected=chosen,
    )


def inside_figure(  # noqa: PLR0913, PLR0917 - what a tab may need
    cell: Cell, curves: pd.DataFrame, cycles: pd.DataFrame, view: View, chosen: int | None, theme: Theme
) -> go.Figure:
    """Return what the chosen tab shows inside a cycle."""
    mass, style, tab = facts_of(cell).active_mass_g, style_of(cell), view.get("tab")
    if tab == "capacity":
        alone = curves[curves["cycle_count"] == chosen] if len(curves) else curves
        return draw_against_capacity(alone, theme=theme, active_mass_g=mass, selected=chosen, style=style)
    if tab == "time":
        window = find_window({"range": "cycle", "cycle": chosen}, cycles, (0.0, 0.0))
        signals = load_cell_overview(db.engine, cell.id, TIME_COLUMNS, window[0], window[1], STRIP_POINTS)
        height = LOOPS_HEIGHT
        return draw_voltage_pressure(
            with_values(signals),
            theme=theme,
            window=window,
            style=style,
            height=height,
            origin_second=window[0],
        )
    kind: Literal["voltage", "signal"] = "voltage" if tab == "vq" else "signal"
    return draw_loops(curves, theme=theme, quantity=kind, active_mass_g=mass, selected=chosen)


def ramp_key(counts: list[int], chosen: int | None, view: View) -> list[Any]:
    """Return the key of the colours: first cycle, ramp, last cycle; or the one cycle shown."""
    if not counts:
        return []
    if view.get("tab") in {"capacity", "time"} or len(counts) == 1:
        return [f"cycle {chosen}"]
    return [f"cycle {counts[0]}", html.I(className="ramp"), str(counts[-1])]


@requires("viewer")
def show_time(view: View | None, _revision: int, theme: Theme) -> Any:
    """Return voltage and pressure of the range and the strip of the whole test: overviews only, never all records."""
    if not view or not view.get("cell"):
        return [no_update] * 5
    cell = load_cell(db.engine, view["cell"])
    cycles = load_cycle_values(db.engine, [cell.id], TIMES)
    whole = with_values(load_cell_overview(db.engine, cell.id, TIME_COLUMNS, None, None, STRIP_POINTS))
    span = span_of(whole)
    window = find_window(view, cycles, span)
    strip_column = mechanical_column(whole) or "voltage_volt"
    strip = draw_context_strip(whole.get(strip_column, pd.DataFrame()), theme=theme, window=window)
    strip.update_layout(uirevision=str(window))
    figure = time_figure(cell, cycles, view, window, theme)
    hours = [f"{second / SECONDS_PER_HOUR:.2f}" for second in window]
    label = words.TIME_ARIA.format(name=cell.name, low=hours[0], high=hours[1])
    spans: dict[str, Any] = {"cycles": cycle_spans(cycles), "window": list(window)}
    with_meta(figure, f"{cell.name}-records", label, revision=window, name=display(cell.name), **spans)
    height = {"height": f"{figure.layout.height}px"}
    subtitle = words.CAPACITY_SUBTITLE if view.get("x") == "capacity" else time_key(whole, style_of(cell))
    return figure, height, strip, subtitle, time_title(whole)


def time_title(signals: Mapping[str, pd.DataFrame]) -> str:
    """Return "Voltage and pressure", with the mechanical signal the cell has."""
    column = mechanical_column(signals)
    found = next((signal.name for signal in MECHANICAL_SIGNALS if signal.column == column), None)
    return words.TIME.format(signal=found) if found else words.TIME_ALONE


def time_figure(cell: Cell, cycles: pd.DataFrame, view: View, window: Window, theme: Theme) -> go.Figure:
    """Return the picture of the range: against time, overlaid or stacked, or against capacity."""
    style = style_of(cell)
    if view.get("x") == "capacity":
        inside = cycles[(cycles["end_second"] > window[0] + 1) & (cycles["start_second"] < window[1] - 1)]
        counts = evenly_chosen(drawn_cycles(inside, view.get("cycle")), MOST_CURVES, view.get("cycle"))
        curves = curves_of(cell.id, counts, cycles)
        mass, chosen = facts_of(cell).active_mass_g, view.get("cycle")
        return draw_against_capacity(
            curves,
            theme=theme,
            active_mass_g=mass,
            selected=chosen,
            style=style,
            height=TIME_HEIGHT,
        )
    arrangement: Literal["overlay", "stacked"] = "stacked" if view.get("arrange") == "stacked" else "overlay"
    columns = STACKED_COLUMNS if arrangement == "stacked" else TIME_COLUMNS
    signals = load_cell_overview(db.engine, cell.id, columns, window[0], window[1], OVERVIEW_POINTS)
    figure = draw_voltage_pressure(
        with_values(signals),
        cycles,
        theme=theme,
        arrangement=arrangement,
        window=window,
        style=style,
    )
    return figure.update_yaxes(fixedrange=True)


def with_values(signals: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the signals that have at least one value."""
    return {name: table for name, table in signals.items() if len(table) and table[name].notna().any()}


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


def time_key(signals: Mapping[str, pd.DataFrame], style: PlatingStyle) -> list[Any]:
    """Return the key of the overlay: a grey line is V, a line in the group's colour the mechanical signal."""
    found: list[Any] = []
    mechanical = mechanical_column(signals)
    if "voltage_volt" in signals:
        found += [html.I(className="key-line", style={"--c": "var(--volt)", "--h": "1.5px"}), html.Span("V")]
    if mechanical:
        symbol = {"surface_pressure_mpa": "P", "thickness_micrometre": "d"}.get(mechanical, "ε")
        found += [html.I(className="key-line", style={"--c": f"var(--{style.token})", "--h": "3px"}), html.Span(symbol)]
    return [*found, html.Span(words.TIME_SUBTITLE)]
