"""The figures of the Cell page, drawn from the store by what the address says."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
from dash import html, no_update

from access.roles import requires
from callbacks.cell_window import chosen_cycle, drawn_cycles, find_window
from data_access.database import db
from data_access.models import Cell
from data_access.queries import facts_of, load_cell, load_cells, load_curves, load_cycle_values
from data_access.series import load_cell_overview
from figures.cycle_stack import draw_cycle_stack
from figures.differential_curves import draw_differential
from figures.loops import HEIGHT as LOOPS_HEIGHT
from figures.loops import draw_against_capacity, draw_loops
from figures.style import PlatingStyle, Theme, display, plating_style
from figures.tables import (
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
from figures.voltage_pressure import MECHANICAL, draw_voltage_pressure
from layouts.cell import named
from layouts.words import cell as words

MOST_CURVES = 24
MOST_DIFFERENTIAL = 4
"""Derivatives are noisy: the first, the last, two between and the chosen one can be told apart."""
CYCLE_POINTS = 600
TIME_COLUMNS = ("voltage_volt", *MECHANICAL)

TIMES = ("start_second", "end_second", "mechanical_signal")

INSTEAD = {"pq": "vq", "dsignal_dq": "dq_dv"}
"""What a cell without mechanical signal shows in place of the figures of that signal."""

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
    signal, alone = signal_of(cycles), not has_signal(cycles)
    if alone:
        view = {**view, **{name: INSTEAD.get(str(view.get(name)), view.get(name)) for name in ("tab", "curve")}}
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
    offered = (words.TABS_ALONE, words.CURVES_ALONE) if alone else (words.TABS, words.CURVES)
    choices = [choices_data(named(texts, signal)) for texts in offered]
    return loops, ramp_key(counts, chosen, view), differential, heading, *choices


def has_signal(cycles: pd.DataFrame) -> bool:
    """Return whether a cell has a mechanical signal; one without cycles may still get it."""
    return cycles.empty or bool(cycles["mechanical_signal"].notna().any())


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
        signals = load_cell_overview(db.engine, cell.id, TIME_COLUMNS, window[0], window[1], CYCLE_POINTS)
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


def with_values(signals: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the signals that have at least one value."""
    return {name: table for name, table in signals.items() if len(table) and table[name].notna().any()}
