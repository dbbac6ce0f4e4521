"""Reactions of the Instruments page: its list, the chosen channel, assignments and their undoing."""

import hashlib
import time
from datetime import UTC, datetime
from typing import Any

import orjson
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate
from sqlalchemy import Engine

from access.roles import requires
from data_access.database import db
from data_access.models import Change, Channel
from data_access.queries import (
    load_agents,
    load_cells,
    load_changes,
    load_channel,
    load_faults,
    load_live_quarantine,
)
from data_access.queries.live import load_channels_with_files
from data_access.writes import assign_channel, release_channel
from layouts import channels_parts, channels_rows, ids, parts
from layouts.addresses import address, choices_of
from layouts.grids import grid_height
from layouts.words import channels as words
from monitoring.feeds import feed_states
from pressiometry.errors import NotFoundError, StaleEditError

MOST_ASIDE = 200


@requires("viewer")
def refresh(_ticks: int, _edited: str | None, seen: str | None, search: str | None) -> tuple[Any, ...]:
    """Return what the page shows now, or nothing new if only ages have changed since."""
    rows = load_rows(db.engine)
    aside = channels_rows.aside_rows(load_live_quarantine(db.engine, MOST_ASIDE))
    agents = channels_rows.agent_rows(load_agents(db.engine))
    still = [{**agent, "heard": agent["is_silent"] and agent["heard"], "title": ""} for agent in agents]
    print_of_it = fingerprint([{**row, "last": None} for row in rows], aside, still)
    if print_of_it == seen:
        raise PreventUpdate
    return (
        print_of_it,
        True,  # the skeleton goes
        bool(rows or agents),
        not rows and not agents,
        channels_rows.channels_sentence(rows, agents),
        rows,
        {"height": grid_height(len(rows)), "width": "100%"},
        channels_parts.agent_table(agents),
        channels_parts.aside_table(aside),
        channels_parts.aside_count(aside, MOST_ASIDE),
        not aside,
        {"ids": [choices_of(search).get("channel", "")]},
    )


def load_rows(engine: Engine) -> list[channels_rows.Row]:
    """Return the rows of all channels as they are now."""
    names = {cell.id: cell.name for cell in load_cells(engine, archived=True)}
    return channels_rows.channel_rows(feed_states(engine, time.time()), names, load_channels_with_files(engine))


def fingerprint(*shown: object) -> str:
    """Return a print of what is shown: the same is not drawn again."""
    return hashlib.sha256(orjson.dumps(shown)).hexdigest()


@requires("viewer")
def choose(rows: list[dict[str, Any]] | dict[str, Any] | None, search: str | None) -> None:
    """Put the chosen channel into the address, which the detail follows."""
    name = rows[0]["name"] if isinstance(rows, list) and rows else ""  # {"ids": ...} is what the page itself chose
    if name and name != choices_of(search).get("channel"):
        set_props(ids.LOCATION, {"search": address("", {"channel": name})})


@requires("viewer")
def show_chosen(search: str | None, _edited: str | None, _ticks: int, shown: str | None) -> tuple[Any, ...]:
    """Return the panel of the channel that the address names, without the form, which only some readers have."""
    engine = db.engine
    name = choices_of(search).get("channel", "")
    row = next((row for row in load_rows(engine) if row["name"] == name), None)
    if row is None:
        gone = words.GONE.format(name=name) if name else ""
        return (name, None, "", gone, False, True, *[no_update] * 4)
    channel = load_channel(engine, name)
    faults = channels_rows.fault_rows(load_faults(engine, channel.id))
    change = latest_change(engine, channel)
    when = None if change is None else channels_rows.ago(change.at)
    painted = dict.fromkeys(("last", "row", "interval"))  # by assets/channels.js, as the list beside it says
    print_of_it = fingerprint({**row, **painted}, channel.version, faults, when)
    if print_of_it == shown:
        raise PreventUpdate
    chosen = {"name": name, "version": channel.version}
    status = parts.status(channels_rows.LEVELS[row["status"]], words.STATUS_WORDS[row["status"]])
    last = channels_parts.last_change(change, may_undo=may_assign(engine, channel))
    content = (
        channels_parts.facts(row),
        channels_parts.notices(channel, row),
        last,
        channels_parts.fault_table(faults),
    )
    return (print_of_it, chosen, name, status, True, False, *content)


@requires("operator")
def fill_form(chosen: dict[str, Any] | None, before: dict[str, Any] | None) -> tuple[Any, ...]:
    """Return the form of the chosen channel; its fields keep what is typed while it is the same."""
    if not chosen:
        raise PreventUpdate
    engine = db.engine
    channel = load_channel(engine, str(chosen["name"]))
    fields: list[Any] = [no_update, no_update]
    if chosen != before:
        fields = [None if channel.cell_id is None else str(channel.cell_id), ""]
    hidden = not may_assign(engine, channel)
    return (chosen, hidden, cell_choices(engine), *fields, channel.cell_id is None, held_words(channel))


def may_assign(engine: Engine, channel: Channel) -> bool:
    """Return whether the reader may assign a channel: it belongs where its cell does."""
    cells = {cell.id: cell.project_id for cell in load_cells(engine, archived=True)}
    return parts.may_edit(cells.get(channel.cell_id or 0, channel.project_id))


def cell_choices(engine: Engine) -> list[dict[str, str]]:
    """Return the cells that the reader may assign a channel to."""
    cells = [cell for cell in load_cells(engine) if parts.may_edit(cell.project_id)]
    return [{"value": str(cell.id), "label": cell.name} for cell in cells]


def held_words(channel: Channel) -> str:
    """Return who may write to a channel."""
    return words.HELD.format(agent=channel.agent) if channel.agent else words.HELD_BY_NONE


def latest_change(engine: Engine, channel: Channel) -> Change | None:
    """Return the last edit of a channel by a person."""
    changes = load_changes(engine, kind=Channel.__tablename__, object_id=channel.id, limit=1)
    return changes[0] if changes else None


@requires("operator")
def assign(
    _assign: int, _unassign: int, cell: str | None, first: int | str | None, chosen: dict[str, Any] | None
) -> tuple[list[dict[str, Any]], Any]:
    """Give the channel to the cell, or to none, and say so."""
    if not chosen or not ctx.triggered or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    to_none = ctx.triggered_id == ids.CHANNELS_UNASSIGN
    if not to_none and not cell:
        return [parts.toast(words.NO_CELL_CHOSEN, level="watch")], no_update
    cell_id = None if to_none else int(cell or 0)
    start = int(first) if first not in {None, ""} else None

    def give() -> dict[str, Any]:
        name = chosen["name"]
        assign_channel(db.engine, name, cell_id, version=chosen["version"], from_sequence=start)
        if to_none:
            return parts.toast(words.UNASSIGNED.format(name=name), words.UNASSIGNED_TEXT)
        title = words.ASSIGNED.format(name=name, cell=cell_name(db.engine, cell_id))
        return parts.toast(title, words.ASSIGNED_TEXT)

    return [said(give)], now()


@requires("operator")
def release(pressed: int, chosen: dict[str, Any] | None) -> tuple[list[dict[str, Any]], str]:
    """Let another agent write to the channel."""
    if not pressed or not chosen:
        raise PreventUpdate

    def let_in() -> dict[str, Any]:
        channel = release_channel(db.engine, chosen["name"], version=chosen["version"])
        text = words.RELEASED_TO.format(agent=channel.agent) if channel.agent else words.RELEASED_NEXT
        return parts.toast(words.RELEASED.format(name=channel.name), text)

    return [said(let_in)], now()


@requires("operator")
def undo(pressed: list[int], chosen: dict[str, Any] | None) -> tuple[list[dict[str, Any]], str]:
    """Give the rows of the last assignment back to the cell that had them."""
    if not any(pressed) or not chosen or not isinstance(ctx.triggered_id, dict):
        raise PreventUpdate
    number = ctx.triggered_id["change"]

    def take_back() -> dict[str, Any]:
        channel = load_channel(db.engine, chosen["name"])
        change = latest_change(db.engine, channel)
        if change is None or change.id != number:
            raise StaleEditError(words.CHANGED_SINCE)
        first, before = change.after["from_sequence"], change.before["cell_id"]
        assign_channel(db.engine, channel.name, before, version=chosen["version"], from_sequence=first)
        text = words.UNDONE_TEXT.format(cell=cell_name(db.engine, before))
        return parts.toast(words.UNDONE.format(name=channel.name), text)

    return [said(take_back)], now()


def said(act: Any) -> dict[str, Any]:
    """Return the message of an edit; where somebody else was first, that, and the page shows the channel anew."""
    try:
        message: dict[str, Any] = act()
    except StaleEditError:
        return parts.toast(words.CHANGED_SINCE, words.CHANGED_SINCE_TEXT, level="watch")
    except NotFoundError as error:
        return parts.toast(error.text, level="watch")
    return message


def cell_name(engine: Engine, cell_id: int | None) -> str:
    """Return the name of a cell."""
    found = [cell.name for cell in load_cells(engine, archived=True) if cell.id == cell_id]
    return found[0] if found else words.NOBODY


def now() -> str:
    """Return a moment: whatever shows what was edited loads again."""
    return datetime.now(UTC).isoformat()


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        Output(ids.CHANNELS_SEEN, "data"),
        Output(ids.CHANNELS_SKELETON, "hidden"),
        Output(ids.CHANNELS_EMPTY, "hidden"),
        Output(ids.CHANNELS_PAGE, "hidden"),
        Output(ids.CHANNELS_SENTENCE, "children"),
        Output(ids.CHANNELS_GRID, "rowData"),
        Output(ids.CHANNELS_GRID, "style"),
        Output(ids.CHANNELS_AGENTS, "children"),
        Output(ids.CHANNELS_ASIDE, "children"),
        Output(ids.CHANNELS_ASIDE_COUNT, "children"),
        Output(ids.CHANNELS_DOWNLOAD, "hidden"),
        Output(ids.CHANNELS_GRID, "selectedRows"),
        Input(ids.CHANNELS_CLOCK, "n_intervals"),
        Input(ids.EDITED, "data"),
        State(ids.CHANNELS_SEEN, "data"),
        State(ids.LOCATION, "search"),
    )(refresh)
    app.callback(Input(ids.CHANNELS_GRID, "selectedRows"), State(ids.LOCATION, "search"), prevent_initial_call=True)(
        choose
    )
    _register_detail(app)
    _register_edits(app)
    app.clientside_callback(
        ClientsideFunction("channels", "took"), Input(ids.CHANNELS_GRID, "rowData"), State(ids.CHANNELS_GRID, "id")
    )


def _register_detail(app: Dash) -> None:
    app.callback(
        Output(ids.CHANNELS_SHOWN, "data"),
        Output(ids.CHANNELS_CHOSEN, "data"),
        Output(ids.CHANNELS_NAME, "children"),
        Output(ids.CHANNELS_STATUS, "children"),
        Output(ids.CHANNELS_NOTHING, "hidden"),
        Output(ids.CHANNELS_DETAIL, "hidden"),
        Output(ids.CHANNELS_FACTS, "children"),
        Output(ids.CHANNELS_NOTICES, "children"),
        Output(ids.CHANNELS_CHANGE, "children"),
        Output(ids.CHANNELS_FAULTS, "children"),
        Input(ids.LOCATION, "search"),
        Input(ids.EDITED, "data"),
        Input(ids.CHANNELS_CLOCK, "n_intervals"),
        State(ids.CHANNELS_SHOWN, "data"),
    )(show_chosen)
    app.callback(
        Output(ids.CHANNELS_FILLED, "data"),
        Output(ids.CHANNELS_FORM, "hidden"),
        Output(ids.CHANNELS_CELL, "data"),
        Output(ids.CHANNELS_CELL, "value"),
        Output(ids.CHANNELS_FROM, "value"),
        Output(ids.CHANNELS_UNASSIGN, "disabled"),
        Output(ids.CHANNELS_HELD, "children"),
        Input(ids.CHANNELS_CHOSEN, "data"),
        State(ids.CHANNELS_FILLED, "data"),
    )(fill_form)


def _register_edits(app: Dash) -> None:
    answer = (
        Output(ids.TOASTS, "sendNotifications", allow_duplicate=True),
        Output(ids.EDITED, "data", allow_duplicate=True),
    )
    app.callback(
        *answer,
        Input(ids.CHANNELS_ASSIGN, "n_clicks"),
        Input(ids.CHANNELS_UNASSIGN, "n_clicks"),
        State(ids.CHANNELS_CELL, "value"),
        State(ids.CHANNELS_FROM, "value"),
        State(ids.CHANNELS_CHOSEN, "data"),
        prevent_initial_call=True,
    )(assign)
    app.callback(
        *answer,
        Input(ids.CHANNELS_RELEASE, "n_clicks"),
        State(ids.CHANNELS_CHOSEN, "data"),
        prevent_initial_call=True,
    )(release)
    app.callback(
        *answer,
        Input(ids.channels_undo(ALL), "n_clicks"),
        State(ids.CHANNELS_CHOSEN, "data"),
        prevent_initial_call=True,
    )(undo)
