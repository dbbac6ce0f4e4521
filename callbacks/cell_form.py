"""Reactions of the form of a cell: open it, follow the cell type, store it or say at each field what is wrong."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from access.roles import requires
from data_access.database import db
from data_access.models import Cell
from data_access.queries import load_cell, load_changes
from data_access.writes import create_cell
from data_access.writes.cells import cell_problems
from ingest.edits import edit_cell
from layouts import ids, parts
from layouts.addresses import address, choices_of
from layouts.cell_fields import DEFAULTS, DIAMETER_MM, FIELDS, Field, read_properties, write_properties
from layouts.projects import editable_projects
from layouts.words import cells as words
from pressiometry.errors import BarographError, InvalidInputError, NameTakenError


@requires("operator")
def open_form(
    _new: int,
    _empty_new: int,
    _bulk: list[int],
    search: str | None,
    rows: Sequence[Mapping[str, Any]] | None,
    names: Sequence[Mapping[str, str]],
) -> tuple[Any, ...]:
    """Return the form filled with a cell's values, or with the defaults of a new one.

    `/cells?edit=3` and `/cells?new=1` open it as the buttons do.
    """
    cell_id = _asked_for(search, rows)
    if cell_id is None:
        raise PreventUpdate
    cell = load_cell(db.engine, cell_id) if cell_id else None
    values = [as_shown(field, _value(cell, field.name)) for field in (FIELDS[one["field"]] for one in names)]
    title = words.FORM_EDIT.format(name=cell.name) if cell else words.FORM_NEW
    edited = {"cell_id": cell.id, "version": cell.version} if cell else None
    return True, title, edited, values, [None] * len(values), ""


def _asked_for(search: str | None, rows: Sequence[Mapping[str, Any]] | None) -> int | None:
    """Return the number of the cell to edit, 0 for a new one, None if nobody asked."""
    trigger = ctx.triggered_id
    if isinstance(trigger, dict):
        pressed = trigger.get("action") == "edit" and ctx.triggered[0]["value"]
        return int(rows[0]["cell_id"]) if pressed and rows else None
    if trigger in {ids.CELLS_NEW, ids.CELLS_EMPTY_NEW}:
        return 0 if ctx.triggered[0]["value"] else None
    choices = choices_of(search)
    if re.fullmatch("[0-9]{1,9}", choices.get("edit", "")):
        return int(choices["edit"])
    return 0 if "new" in choices else None


def _value(cell: Cell | None, name: str) -> Any:
    if cell is None and name == "project_id":
        return min(editable_projects(), key=int, default=None)
    return DEFAULTS.get(name) if cell is None else getattr(cell, name)


def as_shown(field: Field, value: Any) -> Any:
    """Return a stored value as the input of its field shows it."""
    if field.kind == "tags":
        return list(value or [])
    if field.kind == "properties":
        return write_properties(value or {})
    if field.kind == "moment" and value is not None:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    if field.kind in {"number", "integer"} and value is not None:
        return f"{value:.12g}"
    if field.name == "project_id" and value is not None:
        return str(value)
    return "" if value is None else value


@requires("operator")
def follow_type(cell_type: str, diameter: str | None) -> Any:
    """Return the electrode diameter for the cell type, unless another one was entered."""
    usual = {name: f"{value:g}" for name, value in DIAMETER_MM.items()}
    if diameter not in ("", None, *usual.values()):
        return no_update
    return usual.get(cell_type, no_update)


@requires("operator")
def save(
    _clicks: int, values: list[Any], names: list[dict[str, str]], edited: Mapping[str, int] | None, search: str | None
) -> tuple[Any, ...]:
    """Store the form; if something cannot be taken, say it at each field and store nothing."""
    if not _clicks:
        raise PreventUpdate
    fields = [one["field"] for one in names]
    try:
        cell = _store(dict(zip(fields, values, strict=True)), edited)
    except BarographError as error:
        problems = problems_by_field(error)
        return True, [problems.get(name) for name in fields], _summary(error, problems), no_update, no_update, no_update
    changed = edited is None or cell.version != edited["version"]
    undo = [load_changes(db.engine, kind="cell", object_id=cell.id, limit=1)[0].id] if changed else []
    title, text = (words.SAVED, words.SAVED_TEXT) if edited else (words.CREATED, words.CREATED_TEXT)
    toast = parts.toast(title.format(name=cell.name), text, undo=undo)
    return False, [None] * len(fields), "", [toast], datetime.now(UTC).isoformat(), without_form(search)


def _store(shown: Mapping[str, Any], edited: Mapping[str, int] | None) -> Cell:
    """Return the stored cell; a new one leaves empty fields to the store's defaults."""
    problems: tuple[str, ...] = ()
    known = load_cell(db.engine, edited["cell_id"]).properties if edited else None
    try:
        values = {**shown, "properties": read_properties(shown.get("properties") or "", known)}
    except InvalidInputError as error:
        problems, values = error.problems, {name: value for name, value in shown.items() if name != "properties"}
    if edited is None:
        values = {name: value for name, value in values.items() if value not in ("", None) or name == "name"}
    if problems:
        problems += tuple(cell_problems(db.engine, values, cell_id=edited["cell_id"] if edited else None))
        raise InvalidInputError("; ".join(problems), problems=problems)
    if edited is None:
        return create_cell(db.engine, values)
    return edit_cell(db.engine, edited["cell_id"], values, version=edited["version"])


def problems_by_field(error: BarographError) -> dict[str, str]:
    """Return what is wrong at each field, from problems of the form "field: what is wrong"."""
    if isinstance(error, NameTakenError):
        return {"name": words.NAME_TAKEN}
    problems: dict[str, str] = {}
    for problem in error.problems if isinstance(error, InvalidInputError) else ():
        name, _, text = problem.partition(": ")
        if name in FIELDS:
            problems[name] = f"{problems[name]}; {text}" if name in problems else text
    return problems


def _summary(error: BarographError, problems: Mapping[str, str]) -> str:
    if not problems:
        return error.text
    return words.PROBLEMS_ONE if len(problems) == 1 else words.PROBLEMS_MANY.format(count=len(problems))


@requires("operator")
def cancel(_clicks: int, search: str | None) -> tuple[bool, Any]:
    """Close the form; nothing was stored."""
    return False, without_form(search)


def without_form(search: str | None) -> Any:
    """Return the query of the address without what opened the form."""
    choices = choices_of(search)
    if not {"edit", "new"} & choices.keys():
        return no_update
    return address("", {name: value for name, value in choices.items() if name not in {"edit", "new"}})


def register(app: Dash) -> None:
    """Connect the form's functions to its components."""
    app.callback(
        Output(ids.CELL_FORM, "opened"),
        Output(ids.CELL_FORM, "title"),
        Output(ids.CELL_FORM_CELL, "data"),
        Output(ids.cell_field(ALL), "value"),
        Output(ids.cell_field(ALL), "error"),
        Output(ids.CELL_FORM_SUMMARY, "children"),
        Input(ids.CELLS_NEW, "n_clicks"),
        Input(ids.CELLS_EMPTY_NEW, "n_clicks"),
        Input(ids.cells_bulk(ALL), "n_clicks"),
        Input(ids.LOCATION, "search"),
        State(ids.CELLS_GRID, "selectedRows"),
        State(ids.cell_field(ALL), "id"),
    )(open_form)
    app.callback(
        Output(ids.cell_field("electrode_diameter_mm"), "value", allow_duplicate=True),
        Input(ids.cell_field("cell_type"), "value"),
        State(ids.cell_field("electrode_diameter_mm"), "value"),
        prevent_initial_call=True,
    )(follow_type)
    app.callback(
        Output(ids.CELL_FORM, "opened", allow_duplicate=True),
        Output(ids.cell_field(ALL), "error", allow_duplicate=True),
        Output(ids.CELL_FORM_SUMMARY, "children", allow_duplicate=True),
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Output(ids.LOCATION, "search", allow_duplicate=True),
        Input(ids.CELL_FORM_SAVE, "n_clicks"),
        State(ids.cell_field(ALL), "value"),
        State(ids.cell_field(ALL), "id"),
        State(ids.CELL_FORM_CELL, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )(save)
    app.callback(
        Output(ids.CELL_FORM, "opened", allow_duplicate=True),
        Output(ids.LOCATION, "search", allow_duplicate=True),
        Input(ids.CELL_FORM_CANCEL, "n_clicks"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )(cancel)
