"""Panel of the Import page that says which cell a file belongs to: a menu, the cell's facts, the form of a new one."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data_access.models import Cell, Import
from ingest.name_hints import NameHints
from layouts import ids, import_parts, parts
from layouts.projects import editable_projects, with_project_field
from layouts.words import import_page as words
from pressiometry.facts import CellFacts

CELL_FIELDS = {
    "plating_time_min": words.PLATING,
    "active_mass_mg": words.MASS,
    "electrode_diameter_mm": words.DIAMETER,
    "temperature_celsius": words.TEMPERATURE,
}
"""What the short form of a new cell asks for besides the name; everything else is on Cells."""


def cell_facts(cell: Cell, facts: CellFacts) -> Component:
    """What the file's numbers will be divided by."""
    mass = facts.active_mass_g
    rows = (
        (words.PLATING, "" if cell.plating_time_min is None else f"{cell.plating_time_min:g}"),
        (words.ACTIVE_MASS, words.MASS_UNKNOWN if mass is None else f"{1000 * mass:.4g} mg"),
        (words.FORCE_AREA, f"{facts.force_diameter_mm:g} mm, {facts.force_area_mm2 / 100:.4g} cm²"),
    )
    pairs = [html.Div([html.Dt(label), html.Dd(value)]) for label, value in rows if value]
    return html.Dl(pairs, className="import-facts")


def cell_choice(job: Import, cell: Cell | None, cells: Sequence[Cell]) -> Component:
    """The menu of the cells that the file may belong to; every import has its own."""
    menu: Component = dmc.Select(
        id=ids.import_cell(job.id),
        data=cell_options(cells),
        value=str(cell.id) if cell else None,
        disabled=import_parts.kind_of(job) != "asks",
        placeholder=words.CHOOSE_CELL,
        searchable=True,
        clearable=False,
        size="xs",
        **{"aria-label": words.CHOOSE_CELL},
    )
    return menu


def cell_options(cells: Sequence[Cell]) -> list[dict[str, str]]:
    """The cells for the menu."""
    return [{"value": str(cell.id), "label": cell.name} for cell in cells]


def cell_form(job: Import, hints: NameHints) -> Component:
    """The short form of a new cell; the file's name is offered as its name.

    What was typed for a file is there again when the file is chosen again.
    """
    kept = {"size": "xs", "persistence": str(job.id), "persistence_type": "memory"}
    fields: list[Component] = [
        dmc.TextInput(id=ids.import_value(field), label=label, inputProps={"inputMode": "decimal"}, **kept)
        for field, label in CELL_FIELDS.items()
    ]
    if with_project_field():
        choices = [{"value": number, "label": name} for number, name in editable_projects().items()]
        first = choices[0]["value"] if choices else None
        project = ids.import_value("project_id")
        fields.append(
            dmc.Select(id=project, label=words.PROJECT, data=choices, value=first, allowDeselect=False, **kept)
        )
    content = [
        html.H3(words.NEW_CELL, className="import-form-title"),
        dmc.TextInput(id=ids.import_value("name"), label=words.NAME, value=hints.name, **kept),
        html.Div(fields, className="import-form-fields"),
    ]
    number = {"import": job.id}
    said = hint_words(hints)
    if said:
        take = parts.button(words.TAKE_HINTS, **import_parts.press(act="hints", **number))
        content.append(html.Div([html.Span(words.HINTS.format(hints=said)), take], className="import-hints"))
    content.append(parts.button(words.CREATE, **import_parts.press(act="create", **number)))
    return html.Div(content, className="import-form")


def hint_words(hints: NameHints) -> str:
    """The hints as one list of words.

    >>> hint_words(NameHints("a", active_mass_mg=25.28, mass_words="31.6 mg × 80 wt%", c_rate=0.2))
    '25.28 mg active mass (31.6 mg × 80 wt%), 0.2 C'
    """
    said = []
    if hints.active_mass_mg is not None:
        said.append(f"{hints.active_mass_mg:g} mg active mass ({hints.mass_words})")
    if hints.electrode_diameter_mm is not None:
        said.append(f"diameter {hints.electrode_diameter_mm:g} mm")
    if hints.c_rate is not None:
        said.append(f"{hints.c_rate:g} C")
    if hints.temperature_celsius is not None:
        said.append(f"{hints.temperature_celsius:g} °C")
    return ", ".join(said)
