"""Reactions of the imported list of cells: read it, show what it would create or what is wrong, then create it."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from access.roles import requires
from data_access.database import db
from data_access.queries import load_cells, load_changes
from ingest.cell_list import read_cell_list, store_cell_list
from layouts import ids, parts
from layouts.cell_fields import FIELDS
from layouts.cells_rows import count_words
from layouts.words import cells as words
from pressiometry.errors import InvalidInputError

ROWS_SHOWN = 8
PROBLEMS_SHOWN = 30


@requires("operator")
def open_dialog(_clicks: int) -> tuple[bool, None, None]:
    """Open the dialog without the file of the last time."""
    return True, None, None


@requires("operator")
def preview(contents: str | None) -> tuple[Any, str, bool]:
    """Return what the file would create or what is wrong with it, the words of the button, and whether it is off."""
    if not contents:
        return None, words.LIST_CREATE_NONE, True
    try:
        cells = read_cell_list(_content(contents))
        problems: Sequence[str] = _taken(cells)
    except InvalidInputError as error:
        cells, problems = [], error.problems or (error.text,)
    button = words.LIST_CREATE.format(count=count_words(len(cells))) if cells else words.LIST_CREATE_NONE
    if problems:
        return _problem_list(problems), button, True
    return _preview_table(cells), button, False


def _content(contents: str) -> bytes:
    """Return the bytes of a file that the browser sent as a data address."""
    return base64.b64decode(contents.partition(",")[2])


def _taken(cells: Sequence[dict[str, Any]]) -> list[str]:
    names = {cell.name for cell in load_cells(db.engine, archived=True)}
    return [f"{cell['name']}: {words.NAME_TAKEN}" for cell in cells if cell["name"] in names]


def _problem_list(problems: Sequence[str]) -> Component:
    count = len(problems)
    title = words.LIST_BAD_ONE if count == 1 else words.LIST_BAD_MANY.format(count=count)
    rows = [html.Li(problem) for problem in problems[:PROBLEMS_SHOWN]]
    if count > PROBLEMS_SHOWN:
        rows.append(html.Li(words.LIST_MORE.format(count=count - PROBLEMS_SHOWN)))
    return parts.notice("watch", html.Strong(title), html.Ul(rows, className="problem-list"))


def _preview_table(cells: Sequence[dict[str, Any]]) -> Component:
    names = [name for name in FIELDS if any(cell.get(name) not in (None, "", [], {}) for cell in cells)]
    head = html.Tr([html.Th(FIELDS[name].label, scope="col") for name in names])
    rows = [html.Tr([html.Td(_shown(cell, name)) for name in names]) for cell in cells[:ROWS_SHOWN]]
    more = words.LIST_MORE.format(count=len(cells) - ROWS_SHOWN) if len(cells) > ROWS_SHOWN else ""
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="table")
    good = words.LIST_GOOD.format(count=count_words(len(cells)))
    return html.Div([html.P(html.Strong(good)), html.Div(table, className="table-frame", tabIndex="0"), html.P(more)])


def _shown(cell: dict[str, Any], name: str) -> str:
    value = cell.get(name)
    if name == "properties":
        return ", ".join(f"{key} = {one}" for key, one in (value or {}).items())
    return "" if value in (None, "", []) else FIELDS[name].in_words(value)


@requires("operator")
def create(_clicks: int, contents: str | None, file: str | None) -> tuple[Any, ...]:
    """Create the cells of the list, all or none, and offer Undo for all of them."""
    if not _clicks or not contents:
        raise PreventUpdate
    engine = db.engine
    cells = store_cell_list(engine, _content(contents))
    undo = [load_changes(engine, kind="cell", object_id=cell.id, limit=1)[0].id for cell in cells]
    title = words.LIST_CREATED.format(count=count_words(len(cells)))
    toast = parts.toast(title, words.LIST_CREATED_TEXT.format(file=file), undo=undo[::-1])
    return False, [toast], datetime.now(UTC).isoformat()


def register(app: Dash) -> None:
    """Connect the dialog's functions to its components."""
    app.callback(
        Output(ids.CELLS_LIST_DIALOG, "opened"),
        Output(ids.CELLS_LIST_UPLOAD, "contents"),
        Output(ids.CELLS_LIST_UPLOAD, "filename"),
        Input(ids.CELLS_LIST_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )(open_dialog)
    app.callback(
        Output(ids.CELLS_LIST_PREVIEW, "children"),
        Output(ids.CELLS_LIST_CREATE, "children"),
        Output(ids.CELLS_LIST_CREATE, "disabled"),
        Input(ids.CELLS_LIST_UPLOAD, "contents"),
    )(preview)
    app.callback(
        Output(ids.CELLS_LIST_DIALOG, "opened", allow_duplicate=True),
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Input(ids.CELLS_LIST_CREATE, "n_clicks"),
        State(ids.CELLS_LIST_UPLOAD, "contents"),
        State(ids.CELLS_LIST_UPLOAD, "filename"),
        prevent_initial_call=True,
    )(create)
    app.clientside_callback(
        ClientsideFunction("cells", "name_file_input"),
        Input(ids.CELLS_LIST_DIALOG, "opened"),
        State(ids.CELLS_LIST_DROP, "id"),
    )
