"""Reactions of the Cell page: one query feeds what is above and below the figures; notes; imports taken back."""

from typing import Any

import plotly.graph_objects as go
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from access.roles import requires
from callbacks import cell_formation, cell_hover
from callbacks.cell_figures import (
    View,
    has_signal,
    known_times,
    show_inside,
    stack_figure,
    stack_subtitle,
    style_of,
    unit_choices,
)
from callbacks.cell_formation import ask_formation
from callbacks.cell_time import show_time
from data_access.database import db
from data_access.models import Cell, Fault
from data_access.queries import (
    load_cell,
    load_cell_states,
    load_channels,
    load_cycles,
    load_events,
    load_faults,
    load_import,
    load_imports,
)
from data_access.writes import store_event
from figures.style import Theme
from ingest.answers import redo_import, undo_import
from layouts import cell_evidence, cell_facts, ids, parts
from layouts.words import cell as words
from pressiometry.errors import NotFoundError

CONTENT, WITHOUT_SIGNAL = "cell-content", "without-signal"
"""Classes of the figures; the second makes assets/cell.js and cell.css leave the mechanical signal out."""

MOST_FAULTS = 30
"""Faults of a channel that "Data quality" names; the Instruments page has all."""


@requires("viewer")
def show_cell(view: View | None, _revision: int, theme: Theme) -> Any:
    """Return everything of the page that comes from the cell and its cycles."""
    if not view or not view.get("cell"):
        return [no_update] * 15
    try:
        cell = load_cell(db.engine, view["cell"])
    except NotFoundError:
        return _no_such_cell()
    cycles = load_cycles(db.engine, cell.id)
    imports = load_imports(db.engine, cell_id=cell.id)
    last = last_values(cell.id)
    style = style_of(cell)
    figure = stack_figure(cell, cycles, view, style, theme)
    empty = not len(cycles) and not last.get("rows") and not any(job.status == "stored" for job in imports)
    return [
        cell.name,
        cell_facts.identity(cell, known_times()),
        no_records(cell) if empty else None,
        cell_facts.fact_strip(cell, cycles, last, view.get("unit", "")),
        [] if empty else [*ask_formation(cell, cycles), *cell_facts.notices(cell, cycles)],
        empty,
        figure,
        stack_subtitle(cycles, view),
        unit_choices(cycles),
        cell_evidence.notes(cell, load_events(db.engine, cell.id), cycles),
        cell_evidence.quality(cycles, faults_of(cell.id)),
        cell_evidence.used_cycles(cycles),
        cell_evidence.sources(cell, imports, int(last.get("rows") or 0), channels_of(cell.id)),
        exports(cell.id),
        CONTENT if has_signal(cycles) else f"{CONTENT} {WITHOUT_SIGNAL}",
    ]


def channels_of(cell_id: int) -> list[str]:
    """Return the names of the channels that send for a cell."""
    return [channel.name for channel in load_channels(db.engine) if channel.cell_id == cell_id]


def faults_of(cell_id: int) -> list[tuple[str, Fault]]:
    """Return what was flagged about the channels that send for a cell, with the name of each, latest first."""
    channels = [channel for channel in load_channels(db.engine) if channel.cell_id == cell_id]
    return [(channel.name, fault) for channel in channels for fault in load_faults(db.engine, channel.id, MOST_FAULTS)]


def _no_such_cell() -> list[Any]:
    action = parts.button_link(words.GONE_ACTION, "/cells", kind="primary")
    state = parts.panel(None, parts.empty_state(words.GONE_TITLE, None, action, picture="search"))
    return [words.TITLE, None, state, None, None, True, go.Figure(), None, no_update, *[None] * 5, no_update]


def no_records(cell: Cell) -> Component:
    """Return what stands in place of the figures while a cell has no record."""
    action = parts.button_link(words.NO_RECORDS_ACTION, f"/import?cell={cell.id}", kind="primary", picture="import")
    if not parts.may_edit(cell.project_id):
        return parts.panel(None, parts.empty_state(words.NO_RECORDS_TITLE, None, picture="wave"))
    text = words.NO_RECORDS_TEXT.format(name=cell.name)
    return parts.panel(None, parts.empty_state(words.NO_RECORDS_TITLE, text, action, picture="wave"))


def last_values(cell_id: int) -> dict[str, Any]:
    """Return the last measured values of a cell by column, with "step"; empty where nothing was recorded."""
    states = load_cell_states(db.engine)
    rows = states[states["cell_id"] == cell_id]
    return {str(name): value for name, value in rows.iloc[0].items()} if len(rows) else {}


def exports(cell_id: int) -> list[Component]:
    """Return the links to a cell's data."""
    return [
        html.A([parts.icon("table", size=14), text], href=f"/api/v1/cells/{cell_id}/{path}", download="")
        for path, text in words.EXPORTS
    ]


@requires("operator")
def keep_note(
    clicks: int | None, cell_id: int | None, text: str | None, view: View | None, revision: int | None
) -> Any:
    """Keep the note at the chosen cycle, close the dialog and show it."""
    if not clicks or cell_id is None or not (text or "").strip():
        return no_update, no_update, no_update, no_update
    cycle = (view or {}).get("cycle")
    second = None
    if cycle is not None:
        cycles = load_cycles(db.engine, cell_id)
        starts = cycles.loc[cycles["cycle_count"] == cycle, "start_second"]
        second = float(starts.iloc[0]) if len(starts) else None
    store_event(db.engine, cell_id, kind="note", text=str(text).strip(), start_second=second)
    return False, "", (revision or 0) + 1, [parts.toast(words.NOTE_KEPT)]


@requires("operator")
def take_back_import(clicks: list[int | None], revision: int | None) -> Any:
    """Take back the import whose button was pressed; the toast offers to bring it back."""
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        return no_update, no_update
    number = int(ctx.triggered_id["import"])
    job = undo_import(db.engine, number)
    again = html.Button(
        words.UNDO, id=ids.cell_redo_import(number), type="button", className="toast-action", n_clicks=0
    )
    message = parts.toast(words.IMPORT_UNDONE.format(name=job.name), words.IMPORT_UNDONE_TEXT, action=again)
    return (revision or 0) + 1, [message]


@requires("operator")
def bring_import_back(clicks: list[int | None], revision: int | None) -> Any:
    """Bring a taken-back import back."""
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        return no_update, no_update
    number = int(ctx.triggered_id["import"])
    redo_import(db.engine, number)
    name = load_import(db.engine, number).name
    return (revision or 0) + 1, [parts.toast(words.IMPORT_REDONE.format(name=name))]


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    _register_figures(app)
    _register_actions(app)
    _register_address(app)
    _register_pointer(app)
    cell_formation.register(app)
    cell_hover.register(app)


def _register_figures(app: Dash) -> None:
    theme = State(ids.THEME, "data")
    app.callback(
        Output(ids.CELL_TITLE, "children"),
        Output(ids.CELL_SUBTITLE, "children"),
        Output(ids.CELL_STATE, "children"),
        Output(ids.CELL_FACTS, "children"),
        Output(ids.CELL_NOTICE, "children"),
        Output(ids.CELL_CONTENT, "hidden"),
        Output(ids.CELL_STACK, "figure"),
        Output(ids.CELL_STACK_SUBTITLE, "children"),
        Output(ids.CELL_UNIT, "data"),
        Output(ids.CELL_NOTES, "children"),
        Output(ids.CELL_QUALITY, "children"),
        Output(ids.CELL_QUALITY_SUBTITLE, "children"),
        Output(ids.CELL_SOURCES, "children"),
        Output(ids.CELL_EXPORT, "children"),
        Output(ids.CELL_CONTENT, "className"),
        Input(ids.CELL_OVER_VIEW, "data"),
        Input(ids.CELL_REVISION, "data"),
        theme,
    )(show_cell)
    app.callback(
        Output(ids.CELL_LOOPS, "figure"),
        Output(ids.CELL_LOOPS_SUBTITLE, "children"),
        Output(ids.CELL_CURVES, "figure"),
        Output(ids.CELL_CURVES_SUBTITLE, "children"),
        Output(ids.CELL_TAB, "data"),
        Output(ids.CELL_CURVE, "data"),
        Input(ids.CELL_INSIDE_VIEW, "data"),
        Input(ids.CELL_REVISION, "data"),
        theme,
    )(show_inside)
    app.callback(
        Output(ids.CELL_TIME, "figure"),
        Output(ids.CELL_TIME, "style"),
        Output(ids.CELL_STRIP, "figure"),
        Output(ids.CELL_TIME_SUBTITLE, "children"),
        Output(ids.CELL_TIME_TITLE, "children"),
        Input(ids.CELL_TIME_VIEW, "data"),
        Input(ids.CELL_REVISION, "data"),
        Input(ids.CELL_LIVE, "data"),
        theme,
    )(show_time)


def _register_actions(app: Dash) -> None:
    revision = Output(ids.CELL_REVISION, "data", allow_duplicate=True)
    toasts = Output(ids.TOASTS, "sendNotifications", allow_duplicate=True)
    app.callback(
        Output(ids.CELL_NOTE_DIALOG, "opened"),
        Output(ids.CELL_NOTE_TEXT, "value"),
        revision,
        toasts,
        Input(ids.CELL_NOTE_SAVE, "n_clicks"),
        State(ids.CELL_ID, "data"),
        State(ids.CELL_NOTE_TEXT, "value"),
        State(ids.CELL_OVER_VIEW, "data"),
        State(ids.CELL_REVISION, "data"),
        prevent_initial_call=True,
    )(keep_note)
    for make_id, function in ((ids.cell_undo_import, take_back_import), (ids.cell_redo_import, bring_import_back)):
        app.callback(
            revision,
            toasts,
            Input(make_id(ALL), "n_clicks"),
            State(ids.CELL_REVISION, "data"),
            prevent_initial_call=True,
        )(function)


def _register_address(app: Dash) -> None:
    """Connect the address and the controls, in the browser alone."""
    app.clientside_callback(
        ClientsideFunction("cell", "read_address"),
        Output(ids.CELL_OVER_VIEW, "data"),
        Output(ids.CELL_INSIDE_VIEW, "data"),
        Output(ids.CELL_TIME_VIEW, "data"),
        Output(ids.CELL_UNIT, "value"),
        Output(ids.CELL_BESIDE, "value"),
        Output(ids.CELL_TAB, "value"),
        Output(ids.CELL_CURVE, "value"),
        Output(ids.CELL_AGAINST, "value"),
        Output(ids.CELL_ARRANGEMENT, "value"),
        Output(ids.CELL_AXIS, "value"),
        Output(ids.CELL_RANGE, "value"),
        Input(ids.CELL_ID, "data"),
        Input(ids.LOCATION, "search"),
        State(ids.CELL_OVER_VIEW, "data"),
        State(ids.CELL_INSIDE_VIEW, "data"),
        State(ids.CELL_TIME_VIEW, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("cell", "begin_with"), Input(ids.CELL_CONTENT, "className"), State(ids.CELL_ID, "data")
    )
    app.clientside_callback(
        ClientsideFunction("cell", "choose"),
        Input(ids.CELL_UNIT, "value"),
        Input(ids.CELL_BESIDE, "value"),
        Input(ids.CELL_TAB, "value"),
        Input(ids.CELL_CURVE, "value"),
        Input(ids.CELL_AGAINST, "value"),
        Input(ids.CELL_ARRANGEMENT, "value"),
        Input(ids.CELL_AXIS, "value"),
        Input(ids.CELL_RANGE, "value"),
        prevent_initial_call=True,
    )


def _register_pointer(app: Dash) -> None:
    """Connect clicks, zoom, readouts and the note's dialog, in the browser alone."""
    graphs = (ids.CELL_STACK, ids.CELL_LOOPS, ids.CELL_CURVES, ids.CELL_TIME)
    app.clientside_callback(
        ClientsideFunction("cell", "click"),
        *[Input(graph, "clickData") for graph in graphs],
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("cell", "zoom"),
        Input(ids.CELL_TIME, "relayoutData"),
        Input(ids.CELL_STRIP, "relayoutData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("cell", "read_cycle"),
        Output(ids.CELL_STACK_READOUT, "children"),
        Input(ids.CELL_STACK, "hoverData"),
        Input(ids.CELL_LOOPS, "hoverData"),
        Input(ids.CELL_CURVES, "hoverData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("cell", "read_time"),
        Output(ids.CELL_TIME_READOUT, "children"),
        Input(ids.CELL_TIME, "hoverData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("cell", "open_note"),
        Output(ids.CELL_NOTE_DIALOG, "opened", allow_duplicate=True),
        Input(ids.CELL_NOTE_OPEN, "n_clicks"),
        Input(ids.CELL_NOTE_ADD, "n_clicks"),
        prevent_initial_call=True,
    )
