"""The example experiment on demand: made in a thread of its own, its progress kept in the store for every worker."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import ALL, Dash, Input, Output, no_update
from dash.exceptions import PreventUpdate
from flask import current_app
from sqlalchemy import Engine

from access.roles import requires
from data_access.database import db
from data_access.queries import load_cells, load_changes, load_setting
from data_access.scope import Scope, current_scope, limited_to
from data_access.writes import delete_cell, save_setting
from layouts import ids, parts
from layouts.words import overview as words

SETTING = "example_experiment"
REFRESH_MS = 1_500
LONGEST = timedelta(minutes=10)
"""After this a load that never reported its end counts as broken off."""

_log = logging.getLogger("barograph")


def state(engine: Engine) -> str:
    """Return "loading" while the example is being made, "failed" for a while if it could not be, else ""."""
    kept = load_setting(engine, SETTING)
    if kept is None or datetime.now(UTC) - datetime.fromisoformat(kept["since"]) > LONGEST:
        return ""
    return "" if kept["state"] == "loaded" else str(kept["state"])


def _keep(engine: Engine, state_now: str) -> None:
    save_setting(engine, SETTING, {"state": state_now, "since": datetime.now(UTC).isoformat()})


@requires("operator")
def load(n_clicks: int | None) -> Any:
    """Start making the example experiment; the Overview shows the cells as they come."""
    if not n_clicks:
        return no_update
    engine = db.engine
    if state(engine) != "loading":
        _keep(engine, "loading")
        loader: Callable[[Engine], None] = current_app.config["LOAD_EXAMPLE"]
        threading.Thread(target=_load, args=(engine, loader, current_scope(engine)), daemon=True).start()
    return REFRESH_MS


def _load(engine: Engine, loader: Callable[[Engine], None], scope: Scope) -> None:
    """Run the loader to its end, for whoever asked for it, and say in the store how it ended."""
    with limited_to(scope):
        try:
            loader(engine)
            _keep(engine, "loaded")
        except Exception:  # noqa: BLE001 - whatever it was, the page must not wait for ever
            _log.exception("the example experiment could not be made")
            _keep(engine, "failed")


@requires("operator")
def remove(clicks: list[int | None]) -> Any:
    """Delete every synthetic cell, and offer Undo."""
    if not any(clicks):
        raise PreventUpdate
    engine = db.engine
    changes = []
    for cell in load_cells(engine, archived=True):
        if cell.synthetic is not None and parts.may_edit(cell.project_id):
            delete_cell(engine, cell.id)
            changes.append(load_changes(engine, kind="cell", object_id=cell.id, limit=1)[0].id)
    toast = parts.toast(words.REMOVED.format(count=len(changes)), words.REMOVED_TEXT, undo=changes[::-1])
    return [toast], datetime.now(UTC).isoformat()


def register(app: Dash) -> None:
    """Connect the functions to the buttons of the Overview."""
    app.callback(
        Output(ids.OVERVIEW_CLOCK, "interval", allow_duplicate=True),
        Input(ids.OVERVIEW_EXAMPLE, "n_clicks"),
        prevent_initial_call=True,
    )(load)
    app.callback(
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
        Input(ids.overview_remove(ALL), "n_clicks"),
        prevent_initial_call=True,
    )(remove)
