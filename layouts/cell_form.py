"""The form of one cell: every field with its unit and help, and a place for what is wrong with it."""

from collections import defaultdict
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import ids, parts
from layouts.cell_fields import FIELDS, Field
from layouts.projects import with_project_field
from layouts.words import cells as words


def cell_form() -> Component:
    """Return the drawer with the form; which cell it edits stands in its store (None: a new one)."""
    sections: dict[str, list[Component]] = defaultdict(list)
    for field in FIELDS.values():
        if field.name != "project_id" or with_project_field():
            sections[field.section].append(control(field))
    blocks = [
        html.Fieldset(
            [html.Legend(words.SECTIONS[name]), html.Div(controls, className="form-grid")], className="form-block"
        )
        for name, controls in sections.items()
    ]
    buttons = [
        parts.button(words.SAVE, kind="primary", id=ids.CELL_FORM_SAVE),
        parts.button(words.CANCEL, id=ids.CELL_FORM_CANCEL),
    ]
    summary = html.Div(id=ids.CELL_FORM_SUMMARY, role="alert", className="form-summary")
    drawer: Component = dmc.Drawer(
        [
            dcc.Store(id=ids.CELL_FORM_CELL),
            html.Div(blocks, className="form-body"),
            html.Div([*buttons, summary], className="form-foot"),
        ],
        id=ids.CELL_FORM,
        title=words.FORM_NEW,
        opened=False,
        position="right",
        size=560,
        padding=0,
        keepMounted=True,
        closeButtonProps={"aria-label": words.CLOSE},
        transitionProps={"duration": 0},
    )
    return drawer


def control(field: Field) -> Component:
    """Return the input of one field."""
    made: Component = _input(field)
    return made


def _input(field: Field) -> Any:
    shared: dict[str, Any] = {
        "id": ids.cell_field(field.name),
        "label": field.label,
        "description": field.help or None,
        "inputWrapperOrder": ["label", "input", "description", "error"],
        "size": "xs",
    }
    if field.kind in {"number", "integer"}:
        # A text, not a number input: that one turns "-5" into 0 and a pasted "12,5" into 125 without a word.
        return dmc.TextInput(**shared, value="", inputProps={"inputMode": "decimal"})
    if field.kind == "choice":
        choices = [{"value": value, "label": label} for value, label in field.choices.items()]
        return dmc.Select(**shared, data=choices, allowDeselect=False)
    if field.kind == "tags":
        return dmc.TagsInput(**shared, value=[], className="form-wide")
    if field.kind in {"properties", "long_text"}:
        return dmc.Textarea(**shared, autosize=True, minRows=2, maxRows=8, value="", className="form-wide")
    wide = {"className": "form-wide", "data-autofocus": True} if field.name == "name" else {}
    return dmc.TextInput(**shared, value="", required=field.name == "name", **wide)
