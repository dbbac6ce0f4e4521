"""Reactions of the Overview: its sentence, counts and list, and what the address chooses."""

import hashlib
import time
from typing import Any

import orjson
from dash import Dash, Input, Output, State, ctx, html, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from access.identity import allowed
from access.roles import requires
from callbacks import example
from data_access.database import db
from data_access.queries import load_cell_states, load_cells, load_cycle_values
from layouts import ids, overview, parts
from layouts import overview_rows as rows_of
from layouts.addresses import address, choices_of
from layouts.grids import grid_height
from layouts.words import overview as words
from layouts.words.parts import LEVEL_ICONS
from monitoring.feeds import feed_states


@requires("viewer")
def refresh(_ticks: int, _edited: str | None, search: str | None, query: str | None, seen: str | None) -> Any:
    """Return what the page shows now, or nothing new if the store says the same as before."""
    engine = db.engine
    cells = load_cells(engine)
    values = load_cycle_values(engine, [cell.id for cell in cells], rows_of.CYCLE_VALUES)
    cycles = rows_of.cycles_to_show(values, overview.CYCLES_SHOWN)
    feeds = feed_states(engine, time.time())
    rows = rows_of.overview_rows(cells, load_cell_states(engine), values, cycles, feeds)
    choices = choices_of(search)
    loading = example.state(engine)
    print_of_it = hashlib.sha256(orjson.dumps([rows, choices, query, loading])).hexdigest()
    if print_of_it == seen:
        raise PreventUpdate
    by, state = choices.get("by", "none"), choices.get("state", "")
    shown = rows_of.filter_rows(rows, state=state, query=query or "")
    listed = rows_of.group_rows(shown, by)
    return [
        print_of_it,
        True,  # the skeleton goes
        bool(rows) or loading == "loading",
        not (rows or loading),
        _sentence(rows, loading),
        _detail(rows, loading),
        _counts(rows, choices),
        words.LIST_TITLES.get(state, words.LIST_TITLE),
        listed,
        overview.overview_columns(cycles, grouped=by != "none"),
        {"height": grid_height(len(listed)), "width": "100%"},
        not shown,
        bool(shown) or not rows,
        [{"value": f"property:{name}", "label": name} for name in rows_of.property_names(cells)],
        example.REFRESH_MS if loading == "loading" else overview.LIVE_MS if len(feeds) else overview.REFRESH_MS,
    ]


OUTPUTS = (
    Output(ids.OVERVIEW_STATE, "data"),
    Output(ids.OVERVIEW_SKELETON, "hidden"),
    Output(ids.OVERVIEW_EMPTY, "hidden"),
    Output(ids.OVERVIEW_LIST, "hidden"),
    Output(ids.OVERVIEW_SENTENCE, "children"),
    Output(ids.OVERVIEW_DETAIL, "children"),
    Output(ids.OVERVIEW_COUNTS, "children"),
    Output(ids.OVERVIEW_LIST_TITLE, "children"),
    Output(ids.OVERVIEW_GRID, "rowData"),
    Output(ids.OVERVIEW_GRID, "columnDefs"),
    Output(ids.OVERVIEW_GRID, "style"),
    Output(ids.OVERVIEW_TABLE, "hidden"),
    Output(ids.OVERVIEW_NOTHING, "hidden"),
    Output(ids.OVERVIEW_PROPERTY, "data"),
    Output(ids.OVERVIEW_CLOCK, "interval"),
)
"""What `refresh` returns, in this order."""


def _sentence(rows: list[rows_of.Row], loading: str) -> str:
    if loading == "loading":
        return words.LOADING_SENTENCE
    return rows_of.overview_sentence(rows) if rows else words.NO_CELLS_YET


def _detail(rows: list[rows_of.Row], loading: str) -> list[Component | str]:
    """Return the second line: what falls fastest, and how many cells were simulated."""
    synthetic = sum(row["synthetic"] is not None for row in rows)
    if loading == "loading":
        return [words.LOADING_TEXT.format(done=synthetic)]
    if loading == "failed":
        return [words.EXAMPLE_FAILED]
    said: list[Component | str] = [rows_of.falling_sentence(rows), " "]
    if synthetic:
        count = words.ALL_SYNTHETIC if synthetic == len(rows) else words.SYNTHETIC.format(count=synthetic)
        remove = html.Button(words.REMOVE_EXAMPLE, id=ids.overview_remove(), className="text-button", n_clicks=0)
        said.append(count)
        said += [" ", remove] if allowed("operator") else []
    return said


def _counts(rows: list[rows_of.Row], choices: dict[str, str]) -> list[Component]:
    """Return the counts by state; each filters the list, and a second press shows all again."""
    running = sum(row["running"] for row in rows)
    counts = {"stale": sum(row["stale"] for row in rows), "running": running, "ended": len(rows) - running}
    icons = {state: LEVEL_ICONS[level] for state, level in words.COUNT_LEVELS.items()}
    chosen = choices.get("state")
    return [
        parts.link(
            [parts.icon(icons[state], size=13), html.Strong(str(count)), words.COUNT_WORDS[state]],
            address("/", choices | {"state": "" if state == chosen else state}),
            class_name="chip",
            **({"aria-current": "true"} if state == chosen else {}),
        )
        for state, count in counts.items()
        if count
    ]


@requires("viewer")
def follow_address(search: str | None) -> tuple[str, str | None]:
    """Return what the two group controls show for an address."""
    by = choices_of(search).get("by", "none")
    return (by, None) if by in dict(words.GROUP_CHOICES) else ("", by)


@requires("viewer")
def choose_group(group: str, prop: str | None, search: str | None) -> None:
    """Put the grouping into the address, which the list follows."""
    chosen = prop if ctx.triggered_id == ids.OVERVIEW_PROPERTY else group
    by = chosen or choices_of(search).get("by", "none")
    fresh = address("", choices_of(search) | {"by": "" if by == "none" else by})
    if fresh != (search or ""):
        set_props(ids.LOCATION, {"search": fresh})  # no Output: the address is an Input of follow_address


@requires("viewer")
def show_property_control(options: list[Any]) -> dict[str, str]:
    """Return the style of the property control: seen only where some cell has further properties."""
    return {} if options else {"display": "none"}


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        *OUTPUTS,
        Input(ids.OVERVIEW_CLOCK, "n_intervals"),
        Input(ids.EDITED, "data"),
        Input(ids.LOCATION, "search"),
        Input(ids.OVERVIEW_SEARCH, "value"),
        State(ids.OVERVIEW_STATE, "data"),
    )(refresh)
    app.callback(
        Output(ids.OVERVIEW_GROUP, "value"), Output(ids.OVERVIEW_PROPERTY, "value"), Input(ids.LOCATION, "search")
    )(follow_address)
    app.callback(
        Input(ids.OVERVIEW_GROUP, "value"),
        Input(ids.OVERVIEW_PROPERTY, "value"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )(choose_group)
    app.callback(Output(ids.OVERVIEW_PROPERTY, "style"), Input(ids.OVERVIEW_PROPERTY, "data"))(show_property_control)
    example.register(app)
