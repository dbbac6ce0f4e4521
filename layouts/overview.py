"""The Overview before its data arrive: what is in the laboratory now, in a sentence and a table."""

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from access.identity import allowed
from layouts import ids, parts
from layouts.grids import column, grid, number_column
from layouts.words import overview as words

REFRESH_MS = 10_000
LIVE_MS = 60_000
"""How often the list is made anew where instruments send: assets/overview_live.js asks when something happens."""
CYCLES_SHOWN = 60
"""Cycles that a sparkline is wide at least; more if a cell has more."""


def layout() -> Component:
    """Return the page without data: skeleton, list and empty state; the callback shows what applies."""
    search = dmc.TextInput(
        id=ids.OVERVIEW_SEARCH,
        placeholder=words.SEARCH,
        debounce=200,
        size="xs",
        w=190,
        leftSection=parts.icon("search", size=14),
        rightSection=dmc.Kbd("/"),
        **parts.attributes(aria_label=words.SEARCH, aria_keyshortcuts="/"),
    )
    add = parts.button_link(words.IMPORT, "/import", picture="import")
    return parts.page(
        words.TITLE,
        dcc.Interval(id=ids.OVERVIEW_CLOCK, interval=REFRESH_MS),
        dcc.Store(id=ids.OVERVIEW_STATE),
        html.Div(parts.skeleton(28, 20, 300), id=ids.OVERVIEW_SKELETON),
        html.Div(_empty(), id=ids.OVERVIEW_EMPTY, hidden=True),
        html.Div([_head(), _list_head(), _table()], id=ids.OVERVIEW_LIST, hidden=True, className="overview"),
        actions=[search, parts.for_role("operator", add)],
    )


def _head() -> Component:
    """Return the sentence that says what is the case, and the counts that filter the list."""
    sentence = html.P(id=ids.OVERVIEW_SENTENCE, className="sentence", role="status")
    detail = html.P(id=ids.OVERVIEW_DETAIL, className="sentence-detail")
    counts = html.Div(id=ids.OVERVIEW_COUNTS, className="chips")
    return html.Div([html.Div([sentence, detail]), counts], className="overview-head")


def _list_head() -> Component:
    title = html.H2(words.LIST_TITLE, id=ids.OVERVIEW_LIST_TITLE, className="panel-title")
    hint = html.Span(words.LIST_HINT, className="panel-subtitle")
    choices = [{"value": value, "label": label} for value, label in words.GROUP_CHOICES]
    label = html.Span(words.GROUP_BY, className="control-label", id=ids.OVERVIEW_GROUP_LABEL)
    group = dmc.SegmentedControl(
        id=ids.OVERVIEW_GROUP,
        data=choices,
        value="none",
        size="xs",
        **parts.attributes(aria_labelledby=ids.OVERVIEW_GROUP_LABEL),
    )
    prop = dmc.Select(
        id=ids.OVERVIEW_PROPERTY,
        data=[],
        placeholder=words.PROPERTY_HINT,
        size="xs",
        w=140,
        clearable=True,
        style={"display": "none"},
        **parts.attributes(aria_label=words.PROPERTY_HINT),
    )
    return html.Div([title, hint, label, group, prop], className="overview-list-head")


def _table() -> Component:
    nothing = html.Div(
        parts.empty_state(words.NOTHING_FOUND, None, parts.button_link(words.SHOW_ALL, "/"), picture="search"),
        id=ids.OVERVIEW_NOTHING,
        className="panel",
        hidden=True,
    )
    table = grid(
        ids.OVERVIEW_GRID,
        overview_columns(CYCLES_SHOWN, grouped=False),
        default_column={"minWidth": 50, "sortingOrder": ["asc", "desc", None]},
        options={
            "isFullWidthRow": {"function": "params.rowNode.data.full === true"},
            "fullWidthCellRenderer": "GroupRow",
            "tooltipShowDelay": 400,
            "rowClassRules": {"stale": "params.data.stale"},
        },
    )
    return html.Div([html.Div(table, id=ids.OVERVIEW_TABLE), nothing])


def overview_columns(cycles: int, *, grouped: bool) -> list[dict[str, object]]:
    """Columns of the list; grouped ones are not sorted by their heads (the groups would fall apart)."""
    titles, hints = words.COLUMN_TITLES, words.COLUMN_HINTS
    hint = {name: {"headerTooltip": text} for name, text in hints.items()}
    columns = [
        column("state", titles["state"], cellRenderer="Status", width=136),
        column("name", titles["name"], cellRenderer="CellLink", minWidth=148, flex=1),
        column("plating", titles["plating"], cellRenderer="Plating", width=100),
        column(
            "spark",
            titles["spark"].format(cycles=cycles),
            cellRenderer="Spark",
            width=178,
            sortable=False,
            cellDataType=False,
        ),
        number_column("now", titles["now"], 1, width=66, **hint["now"]),
        number_column("slope", titles["slope"], 1, width=74, **hint["slope"]),
        number_column("cycle", titles["cycle"], 0, width=58, **hint["cycle"]),
        number_column("capacity", titles["capacity"], 0, width=62, **hint["capacity"]),
        number_column("efficiency", titles["efficiency"], 1, width=64, **hint["efficiency"]),
        number_column("voltage", titles["voltage"], 3, width=62, **hint["voltage"]),
        number_column("pressure", titles["pressure"], 2, width=70, **hint["pressure"]),
        column("step", titles["step"], width=82),
        column("last", titles["last"], cellRenderer="Quiet", type="rightAligned", width=74, **hint["last"]),
    ]
    columns[5]["cellRendererParams"] = {"digits": 1, "signed": True}
    return [{**one, "sortable": False} for one in columns] if grouped else columns


def _empty() -> Component:
    load = parts.button(words.LOAD_EXAMPLE, id=ids.OVERVIEW_EXAMPLE, picture="flask")
    files = parts.button_link(words.IMPORT, "/import", kind="primary", picture="import")
    if not allowed("operator"):
        return parts.panel(None, parts.empty_state(words.EMPTY_READER_TITLE, words.EMPTY_READER))
    return parts.panel(None, parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, files, load))
