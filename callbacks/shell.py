"""Reactions of the frame: which page is shown and Undo."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from access.identity import allowed
from access.roles import requires
from data_access.database import db
from ingest.edits import undo as undo_change
from layouts import find_page, ids, parts, settings, shell
from layouts.words import shell as words


@requires("viewer")
def show_page(pathname: str | None) -> Component:
    """Return the layout of the page at an address."""
    address = (pathname or "/").rstrip("/") or "/"
    found = find_page(settings.entrance() if address == "/settings" else address)
    if found is None:
        return shell.not_found(address)
    page, numbers = found
    return page.layout(**numbers) if allowed(page.role) else shell.forbidden(page)


@requires("operator")
def undo(pressed: Mapping[str, str] | None) -> tuple[list[dict[str, Any]], str]:
    """Take back the changes whose Undo was pressed in a toast, the last first, and say so."""
    if not pressed:
        raise PreventUpdate
    for number in pressed["changes"].split(","):
        undo_change(db.engine, int(number))
    return [parts.toast(words.UNDONE, words.UNDONE_TEXT)], datetime.now(UTC).isoformat()


def register(app: Dash) -> None:
    """Connect the frame's functions to its components."""
    app.callback(Output(ids.PAGE, "children"), Input(ids.LOCATION, "pathname"))(show_page)
    app.callback(
        Output(ids.TOASTS, "sendNotifications"),
        Output(ids.EDITED, "data"),
        Input(ids.UNDO, "data"),
        prevent_initial_call=True,
    )(undo)
    app.clientside_callback(
        ClientsideFunction("frame", "apply_theme"),
        Output(ids.THEME, "data"),
        Output(ids.PROVIDER, "forceColorScheme"),
        Input(ids.THEME_CHOICE, "data"),
        State(ids.THEME_PAIRS, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("frame", "arrive"),
        Input(ids.PAGE, "children"),
        State(ids.LOCATION, "pathname"),
    )
