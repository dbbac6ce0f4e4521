"""What stands above the figures of a cell: who it is, its last values, and what cannot be said of it and why."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from data_access.models import Cell
from figures.style import plating_style
from figures.tables import (
    CONFIDENCE,
    Quantity,
    available_units,
    capacity,
    choose_unit,
    complete_cycles,
    flags,
    half_text,
    has_values,
    indicator,
    numbers,
    signal_of,
)
from layouts import ids, parts
from layouts.overview_rows import state_words
from layouts.words import cell as words

REFERENCE_CYCLES = (2, 6)


def identity(cell: Cell, known_times: Sequence[float]) -> list[Component]:
    """Return the marks beside a cell's name: group, state, and whether it is synthetic."""
    level: Any = "running" if cell.state == "running" else "finished"
    word_of_group = words.NO_PLATING if cell.plating_time_min is None else None
    marks: list[Component] = [parts.swatch(plating_style(cell.plating_time_min, known_times), word=word_of_group)]
    marks.append(parts.status(level, state_words(cell)))
    if cell.synthetic:
        marks.append(parts.badge(words.SYNTHETIC, title=cell.synthetic))
    return marks


def fact_strip(cell: Cell, cycles: pd.DataFrame, last: Mapping[str, Any], unit: str) -> Component:
    """Return the last values in a row, and the facts of the cell at the right with the way to change them."""
    return parts.fact_strip(*_now(cell, last), *_last_cycle(cycles, unit), *_temperature(last), aside=_aside(cell))


def _number(last: Mapping[str, Any], name: str) -> float | None:
    value = last.get(name)
    return None if value is None or pd.isna(value) else float(value)


def _now(cell: Cell, last: Mapping[str, Any]) -> list[Component]:
    found = []
    step = str(last.get("step") or "")
    if cell.state != "running":
        found.append(parts.fact(words.FACT_NOW, words.ENDED))
    elif step in words.STEP_WORDS:
        live = parts.attributes(data_live_step=json.dumps(words.STEP_WORDS))
        found.append(parts.fact(words.FACT_NOW, html.Span(words.STEP_WORDS[step], **live)))
    for name, label, unit, digits in (
        ("voltage_volt", "Voltage", "V", 3),
        ("surface_pressure_mpa", "Pressure", "MPa", 2),
        ("thickness_micrometre", "Thickness change", "µm", 2),
        ("strain", "Strain", "", 5),
    ):
        value = _number(last, name)
        if value is not None:
            live = parts.attributes(data_live=name, data_digits=str(digits))
            found.append(parts.fact(label, html.Span(Quantity(name, "", "", digits).text(value), **live), unit))
    return found


def _temperature(last: Mapping[str, Any]) -> list[Component]:
    for name in ("surface_temperature_celsius", "ambient_temperature_celsius"):
        value = _number(last, name)
        if value is not None:
            live = parts.attributes(data_live=name, data_digits="1")
            return [parts.fact(words.FACT_TEMPERATURE, html.Span(f"{value:.1f}", **live), "°C")]
    return []


def _last_cycle(cycles: pd.DataFrame, unit: str) -> list[Component]:
    """Return the cycle now, and indicator, capacity and CE of one cycle, named: the last that enters trends."""
    complete = complete_cycles(cycles)
    complete = complete[complete["position"] >= 1]
    running = [count for count in numbers(cycles, "cycle_count") if count is not None]
    unfinished = len(cycles) and "state" in cycles and cycles["state"].iloc[-1] == "in_progress"
    found = []
    if running:
        masked = not unfinished and len(complete) > 0 and flags(complete, "masked")[-1]
        word = words.IN_PROGRESS if unfinished else words.MASKED_CYCLE if masked else words.COMPLETE
        found.append(parts.fact(words.FACT_CYCLE, f"{running[-1]:.0f}", word))
    valid = complete[[not mask for mask in flags(complete, "masked")]]
    return found if valid.empty else found + _results(valid, complete, unit)


def _results(valid: pd.DataFrame, complete: pd.DataFrame, unit: str) -> list[Component]:
    """Return indicator, capacity and CE (polarisation) of the last valid cycle, each with its number."""
    last = valid.iloc[-1:]
    cycle = f" cycle {last['position'].iloc[0]:.0f}"
    quantity, held = indicator(signal_of(complete), choose_unit(complete, unit)), capacity(complete)
    found = []
    if has_values(complete, quantity.column):
        label = [*_marked_up(quantity.symbol), cycle]
        found.append(parts.fact(label, _value(last, quantity), interval(last, quantity)))
    found.append(parts.fact([*_marked_up(held.symbol), cycle], _value(last, held), held.unit))
    efficiency = Quantity("coulombic_efficiency_percent", words.FACT_CE, "%", 2)
    if has_values(complete, efficiency.column):
        found.append(parts.fact(words.FACT_CE + cycle, _value(last, efficiency), "%"))
    elif has_values(complete, "polarisation_volt"):
        polarisation = Quantity("polarisation_volt", "", "", 1, 1e3)
        found.append(parts.fact(words.FACT_POLARISATION + cycle, _value(last, polarisation), "mV"))
    return found


def _value(row: pd.DataFrame, quantity: Quantity) -> str:
    """Return a value without its unit."""
    return Quantity("", "", "", quantity.digits).text(numbers(row, quantity.column, quantity.factor)[0])


def interval(row: pd.DataFrame, quantity: Quantity) -> str:
    """Return "± 0.07 MPa g/(A h)", the 95 % interval with the unit; only the unit where none is known."""
    bar = numbers(row, f"{quantity.column}_u", quantity.factor * CONFIDENCE)[0]
    return quantity.unit if bar is None else f"± {half_text(bar, quantity.digits)} {quantity.unit}"


def _marked_up(symbol: str) -> list[Component | str]:
    """Return a symbol with its subscript as components: figures write it with <sub>."""
    before, _, rest = symbol.partition("<sub>")
    sub, _, after = rest.partition("</sub>")
    return [before, html.Sub(sub), after] if sub else [before]


def _aside(cell: Cell) -> list[Component]:
    """Return the facts of the cell that turn measured values into comparable ones, and the way to change them."""
    facts = []
    if cell.loading_mg_per_cm2 is not None:
        facts.append(f"{cell.loading_mg_per_cm2:g} mg/cm²")
    elif cell.active_mass_mg is not None:
        facts.append(f"{cell.active_mass_mg:g} mg")
    facts.append(f"{cell.force_diameter_mm:g} mm")
    if cell.applied_pressure_mpa is not None:
        facts.append(f"{cell.applied_pressure_mpa:g} MPa")
    if cell.temperature_celsius is not None:
        facts.append(f"{cell.temperature_celsius:g} °C")
    edit = parts.link(words.EDIT, edit_address(cell.id), class_name="quiet-link")
    return [html.Div(" · ".join(facts)), *([edit] if parts.may_edit(cell.project_id) else [])]


def edit_address(cell_id: int) -> str:
    """Return the address at which the facts of a cell are edited."""
    return f"/cells?edit={cell_id}"


def ask_formation(count: int) -> Component:
    """Return the question whether the leading cycles are formation, with its two answers."""
    text = words.FORMATION_ONE if count == 1 else words.FORMATION_MANY.format(count=count)
    answers = [
        parts.button(words.FORMATION_MARK, id=ids.cell_formation("mark", count)),
        parts.button(words.FORMATION_NO, kind="quiet", id=ids.cell_formation("no", count)),
    ]
    return parts.notice("info", text, " ", *answers)


def notices(cell: Cell, cycles: pd.DataFrame) -> list[Component]:
    """Return what cannot be said of this cell, why, and what would help; nothing for a cell that lacks nothing."""
    complete = complete_cycles(cycles)
    complete = complete[complete["position"] >= 1]
    may_edit = parts.may_edit(cell.project_id)
    if complete.empty:
        return [parts.notice("info", words.NO_CYCLE)]
    signal = signal_of(complete)
    unit = choose_unit(complete, "paper")
    if cell.cell_type == "symmetric":
        return [parts.notice("info", words.SYMMETRIC)]
    if not has_values(complete, indicator(signal, unit).column):
        reason = _first_reason(complete, signal.short)
        if "mechanical_signal" in complete and complete["mechanical_signal"].notna().any():
            return [parts.notice("info", reason)] if reason else []
        add = parts.link(words.NO_SIGNAL_ACTION, f"/import?cell={cell.id}", class_name="quiet-link")
        offer: list[Component | str] = [" ", add] if may_edit else []
        return [parts.notice("info", reason or words.NO_SIGNAL, *offer)]
    if unit != "paper":
        shown = indicator(signal, unit)
        instead = f"{shown.symbol.replace('<sub>', '').replace('</sub>', '')} in {shown.unit or '1'}"
        add = parts.link(words.NO_MASS_ACTION, edit_address(cell.id), class_name="quiet-link")
        said = [words.NO_MASS.format(symbol=signal.symbol, instead=instead), " "]
        if has_values(complete, indicator(signal, "areal").column) and "areal" in available_units(complete):
            said += [words.AREAL_ASSUMES.format(diameter=cell.electrode_diameter_mm), " "]
        return [parts.notice("info", *said, *([add] if may_edit else []))]
    return []


def _first_reason(cycles: pd.DataFrame, short: str) -> str:
    """Return the reason that most often stands for a missing indicator, or "" where none is stored."""
    if "not_computed" not in cycles:
        return ""
    reasons = [
        text
        for stored in cycles["not_computed"]
        if isinstance(stored, dict)
        for name, text in stored.items()
        if str(name).startswith(f"delta_delta_{short}")
    ]
    return max(set(reasons), key=reasons.count) if reasons else ""
