"""Formation of a cell: the leading cycles at another current are proposed, a person says what they are."""

from typing import Any

import pandas as pd
from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from access.roles import requires
from data_access.database import db
from data_access.models import Cell
from data_access.queries import load_cell, load_changes, load_setting
from data_access.writes import save_setting
from ingest.edits import edit_cell
from layouts import cell_facts, ids, parts
from layouts.words import cell as words


def ask_formation(cell: Cell, cycles: pd.DataFrame) -> list[Component]:
    """Return the question about the leading cycles, unless there is none, or the same was answered with No."""
    count = int(cycles.attrs.get("suggested_formation") or 0)
    if count == 0 or cell.formation_cycles or not parts.may_edit(cell.project_id):
        return []
    refused = load_setting(db.engine, _setting(cell.id)) or {}
    return [] if refused.get("cycles") == count else [cell_facts.ask_formation(count)]


def _setting(cell_id: int) -> str:
    return f"no_formation:{cell_id}"


@requires("operator")
def answer_formation(clicks: list[int | None], cell_id: int | None, revision: int | None) -> Any:
    """Mark the proposed cycles as formation, which can be undone, or remember that they are not."""
    if not any(clicks) or not isinstance(ctx.triggered_id, dict) or cell_id is None:
        return no_update, no_update
    count = int(ctx.triggered_id["cycles"])
    toast = mark_formation(cell_id, count) if ctx.triggered_id["answer"] == "mark" else refuse_formation(cell_id, count)
    return (revision or 0) + 1, [toast]


def mark_formation(cell_id: int, count: int) -> dict[str, Any]:
    """Return the message with its Undo, after so many leading cycles were set apart and all cycles computed anew."""
    edit_cell(db.engine, cell_id, {"formation_cycles": count}, version=load_cell(db.engine, cell_id).version)
    change = load_changes(db.engine, kind="cell", object_id=cell_id, limit=1)[0]
    title = words.FORMATION_MARKED_ONE if count == 1 else words.FORMATION_MARKED_MANY.format(count=count)
    return parts.toast(title, words.FORMATION_MARKED_TEXT, undo=[change.id])


def refuse_formation(cell_id: int, count: int) -> dict[str, Any]:
    """Return the message, after it was kept that so many leading cycles of the cell are no formation."""
    save_setting(db.engine, _setting(cell_id), {"cycles": count})
    return parts.toast(words.FORMATION_KEPT, words.FORMATION_KEPT_TEXT)


@requires("viewer")
def look_again(edited: str | None, revision: int | None) -> Any:
    """Return the next revision of the page after something was undone, so that it is drawn anew."""
    return (revision or 0) + 1 if edited else no_update


def register(app: Dash) -> None:
    """Connect the answers, and the page to what Undo takes back."""
    revision = Output(ids.CELL_REVISION, "data", allow_duplicate=True)
    app.callback(
        revision,
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Input(ids.cell_formation(ALL, ALL), "n_clicks"),
        State(ids.CELL_ID, "data"),
        State(ids.CELL_REVISION, "data"),
        prevent_initial_call=True,
    )(answer_formation)
    app.callback(revision, Input(ids.EDITED, "data"), State(ids.CELL_REVISION, "data"), prevent_initial_call=True)(
        look_again
    )
