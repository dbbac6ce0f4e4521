"""Reactions of the Cells page: its grid, edits in place, and what is done with several cells at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate
from sqlalchemy import Engine

from access.identity import allowed
from access.roles import requires
from callbacks import cell_form, cell_list
from data_access.database import db
from data_access.models import Cell
from data_access.queries import load_cell, load_cells, load_changes, load_cycle_values
from data_access.writes import archive_cell, delete_cell, restore_cell, unarchive_cell
from ingest.edits import edit_cell
from layouts import cells_rows, ids, parts
from layouts.cell_fields import FIELDS
from layouts.grids import grid_height
from layouts.words import cells as words
from pressiometry.errors import BarographError, InvalidInputError

GRID_EXTRA = 50  # row of filters and the bar that scrolls sideways, which grid_height does not know


@requires("viewer")
def refresh(_edited: str | None, show: str) -> tuple[Any, ...]:
    """Return the rows of the grid, its height, the sentence, and which of grid and empty state is seen."""
    engine = db.engine
    cells = load_cells(engine, archived=True, deleted=True)
    shown = cells_rows.shown_cells(cells, show)
    values = load_cycle_values(engine, [cell.id for cell in shown], [])
    rows = cells_rows.cell_rows(shown, values)
    height = grid_height(len(rows))
    style = {"height": f"calc({height} + {GRID_EXTRA}px)" if rows else "160px", "width": "100%"}
    hint = words.DELETED_HINT if show == "deleted" else words.HINT
    hint = hint if allowed("operator") else ""
    return rows, style, cells_rows.cells_sentence(cells), hint, not cells, bool(cells)


@requires("operator")
def edit_in_place(changes: list[dict[str, Any]] | None) -> tuple[Any, Any]:
    """Store the values that were typed into the grid; what cannot be taken goes back to what it was."""
    if not changes:
        raise PreventUpdate
    toasts = [_store_change(db.engine, change) for change in changes]
    return toasts, _now()


def _store_change(engine: Engine, change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message about one changed value."""
    row, name = change["data"], change["colId"]
    field = FIELDS[name]
    try:
        before = load_cell(engine, int(row["cell_id"]))
        cell = edit_cell(engine, before.id, {name: change.get("value")}, version=int(row["version"]))
    except BarographError as error:
        problems = error.problems if isinstance(error, InvalidInputError) else (error.text,)
        said = " ".join(problem.replace(f"{name}: ", "", 1) for problem in problems)
        return parts.toast(words.NOT_TAKEN.format(field=field.label), said, level="watch")
    text = words.CHANGED_TEXT.format(
        before=field.in_words(getattr(before, name)), after=field.in_words(getattr(cell, name))
    )
    undo = [latest_change(engine, cell.id)] if cell.version != before.version else []
    return parts.toast(words.CHANGED.format(name=cell.name, field=field.label), text, undo=undo)


def latest_change(engine: Engine, cell_id: int) -> int:
    """Return the number of the change of a cell that was recorded last."""
    return load_changes(engine, kind=Cell.__tablename__, object_id=cell_id, limit=1)[0].id


@requires("operator")
def show_bulk_bar(rows: Sequence[Mapping[str, Any]] | None, actions: list[dict[str, str]]) -> tuple[Any, ...]:
    """Return whether the bar is hidden, its count, and which of its buttons are hidden."""
    chosen = rows or []
    fitting = {
        "edit": len(chosen) == 1 and not chosen[0]["deleted"],
        "archive": any(not row["archived"] and not row["deleted"] for row in chosen),
        "unarchive": any(row["archived"] and not row["deleted"] for row in chosen),
        "delete": any(not row["deleted"] for row in chosen),
        "restore": any(row["deleted"] for row in chosen),
    }
    count = words.SELECTED_ONE if len(chosen) == 1 else words.SELECTED_MANY.format(count=len(chosen))
    kept = any(not row["deleted"] for row in chosen)
    return not chosen, count, [not fitting.get(one["action"], kept) for one in actions]


@requires("operator")
def change_chosen(
    _clicks: list[int], rows: Sequence[Mapping[str, Any]] | None, group: str | None, plating: float | str | None
) -> tuple[Any, Any, Any]:
    """Archive, delete, restore or set a value of every chosen cell, and offer Undo for all of them together."""
    action = ctx.triggered_id["action"] if isinstance(ctx.triggered_id, dict) else ""
    if not rows or not any(_clicks) or action in {"", "edit"}:
        raise PreventUpdate
    engine = db.engine
    values = {"group": group, "plating_time_min": plating}
    act = ACTIONS.get(action) or (
        lambda engine, row: edit_cell(engine, row["cell_id"], {action: values[action]}, version=row["version"])
    )
    changed = [row["cell_id"] for row in rows if act(engine, row).version != row["version"]]
    undo = [latest_change(engine, cell_id) for cell_id in changed]
    return [_bulk_toast(action, undo)], _now(), True


def _bulk_toast(action: str, undo: list[int]) -> dict[str, Any]:
    kind = action if action in ACTIONS else "set"
    field = FIELDS[action].label if action in FIELDS else ""
    title = words.DONE[kind].format(cells=cells_rows.count_words(len(undo)), field=field)
    return parts.toast(title, words.CONSEQUENCE[kind], undo=undo[::-1])


ACTIONS: dict[str, Callable[[Engine, Mapping[str, Any]], Cell]] = {
    "archive": lambda engine, row: archive_cell(engine, row["cell_id"]),
    "unarchive": lambda engine, row: unarchive_cell(engine, row["cell_id"]),
    "delete": lambda engine, row: delete_cell(engine, row["cell_id"]),
    "restore": lambda engine, row: restore_cell(engine, row["cell_id"]),
}
"""What a button of the bar does with one cell."""


def _now() -> str:
    return datetime.now(UTC).isoformat()


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        Output(ids.CELLS_GRID, "rowData"),
        Output(ids.CELLS_GRID, "style"),
        Output(ids.CELLS_SENTENCE, "children"),
        Output(ids.CELLS_HINT, "children"),
        Output(ids.CELLS_TABLE, "hidden"),
        Output(ids.CELLS_EMPTY, "hidden"),
        Input(ids.EDITED, "data"),
        Input(ids.CELLS_SHOW, "value"),
    )(refresh)
    app.callback(
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Input(ids.CELLS_TYPED, "data"),
        prevent_initial_call=True,
    )(edit_in_place)
    app.callback(
        Output(ids.CELLS_BULK, "hidden"),
        Output(ids.CELLS_SELECTED, "children"),
        Output(ids.cells_bulk(ALL), "hidden"),
        Input(ids.CELLS_GRID, "selectedRows"),
        State(ids.cells_bulk(ALL), "id"),
    )(show_bulk_bar)
    app.callback(
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Output(ids.CELLS_GRID, "deselectAll"),
        Input(ids.cells_bulk(ALL), "n_clicks"),
        State(ids.CELLS_GRID, "selectedRows"),
        State(ids.CELLS_BULK_GROUP, "value"),
        State(ids.CELLS_BULK_PLATING, "value"),
        prevent_initial_call=True,
    )(change_chosen)
    _register_in_the_browser(app)
    cell_form.register(app)
    cell_list.register(app)


def _register_in_the_browser(app: Dash) -> None:
    """Connect what the grid does without the server."""
    app.clientside_callback(
        ClientsideFunction("cells", "redraw_marks"),
        Input(ids.CELLS_GRID, "rowData"),
        State(ids.CELLS_GRID, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("cells", "typed"),  # a grid that is only read has no place for it, and asks nobody
        Output(ids.CELLS_TYPED, "data"),
        Input(ids.CELLS_GRID, "cellValueChanged"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("cells", "search"),
        Output(ids.CELLS_GRID, "dashGridOptions"),
        Input(ids.CELLS_SEARCH, "value"),
        State(ids.CELLS_GRID, "dashGridOptions"),
        prevent_initial_call=True,
    )
