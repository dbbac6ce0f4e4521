"""The Instruments page before its data arrive: channels left, the chosen one right, what was kept aside below."""

import json

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from access.identity import allowed
from layouts import ids, parts
from layouts.grids import column, grid
from layouts.settings import has_accounts
from layouts.words import channels as words

REFRESH_MS = 10_000
"""The list is loaded again so often; ages and states in between come with the stream."""


def layout() -> Component:
    """Return the page without data: skeleton, empty state and the page itself; the callback shows what applies."""
    panels = html.Div([_list(), _detail()], className="channels-panels")
    page = html.Div(
        [html.P(id=ids.CHANNELS_SENTENCE, className="sentence", role="status"), panels, _agents(), _aside()],
        id=ids.CHANNELS_PAGE,
        className="channels",
        hidden=True,
        **parts.attributes(data_words=json.dumps(words.STATUS_WORDS)),
    )
    return parts.page(
        words.TITLE,
        dcc.Interval(id=ids.CHANNELS_CLOCK, interval=REFRESH_MS),
        dcc.Store(id=ids.CHANNELS_SEEN),
        dcc.Store(id=ids.CHANNELS_SHOWN),
        dcc.Store(id=ids.CHANNELS_CHOSEN),
        html.Div(parts.skeleton(28, 20, 300), id=ids.CHANNELS_SKELETON),
        html.Div(_empty(), id=ids.CHANNELS_EMPTY, hidden=True),
        page,
    )


def _list() -> Component:
    titles, hints = words.COLUMN_TITLES, words.COLUMN_HINTS

    def tip(name: str) -> dict[str, str]:
        return {"headerTooltip": hints[name]} if name in hints else {}

    right = {"type": "rightAligned"}
    columns = [
        column("status", titles["status"], cellRenderer="FeedStatus", width=122, **tip("status")),
        column("name", titles["name"], minWidth=96, flex=1, tooltipField="name"),
        column("cell", titles["cell"], cellRenderer="ChannelCell", width=98, **tip("cell")),
        column("agent", titles["agent"], width=92, tooltipField="agent", **tip("agent")),
        column("last", titles["last"], cellRenderer="FeedAge", width=78, **right, **tip("last")),
        column("interval", titles["interval"], cellRenderer="Seconds", width=96, **right, **tip("interval")),
        column("row", titles["row"], width=86, **right, **tip("row")),
        column("faults", titles["faults"], cellRenderer="Faults", width=64, **right, **tip("faults")),
    ]
    table = grid(
        ids.CHANNELS_GRID,
        columns,
        default_column={"minWidth": 50, "sortingOrder": ["asc", "desc", None]},
        options={
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "tooltipShowDelay": 400,
        },
    )
    return html.Div(table, className="channels-list")


def _detail() -> Component:
    """Return the panel of the chosen channel; its controls are always there, so that what is typed stays."""
    nothing = parts.empty_state(words.CHOOSE_TITLE, words.CHOOSE_TEXT, picture="plug")
    content = html.Div(
        [
            html.Div(id=ids.CHANNELS_FACTS),
            html.Div(id=ids.CHANNELS_NOTICES, className="channels-notices"),
            parts.for_role("operator", _form()),
            html.Div(id=ids.CHANNELS_CHANGE, className="channels-change"),
            html.H3(words.FAULTS_TITLE, className="channels-part"),
            html.Div(id=ids.CHANNELS_FAULTS),
        ],
        id=ids.CHANNELS_DETAIL,
        className="panel-body",
        hidden=True,
    )
    title = html.Span(id=ids.CHANNELS_NAME)
    return parts.panel(
        title,
        html.Div(nothing, id=ids.CHANNELS_NOTHING),
        content,
        subtitle=html.Span(id=ids.CHANNELS_STATUS),
        class_name="channels-detail",
    )


def _form() -> Component:
    cell = dmc.Select(
        id=ids.CHANNELS_CELL,
        label=words.CELL_LABEL,
        placeholder=words.CELL_PLACEHOLDER,
        data=[],
        searchable=True,
        clearable=True,
        size="xs",
        limit=50,
        w=180,
    )
    first = dmc.NumberInput(
        id=ids.CHANNELS_FROM,
        label=words.FROM_LABEL,
        placeholder=words.FROM_PLACEHOLDER,
        min=0,
        allowDecimal=False,
        allowNegative=False,
        hideControls=True,
        size="xs",
        w=190,
    )
    buttons = [
        parts.button(words.ASSIGN, kind="primary", id=ids.CHANNELS_ASSIGN),
        parts.button(words.UNASSIGN, id=ids.CHANNELS_UNASSIGN),
        parts.button_link(words.NEW_CELL, "/cells?new=1", picture="plus"),
    ]
    release = parts.button(words.RELEASE, id=ids.CHANNELS_RELEASE)
    return html.Div(
        [
            dcc.Store(id=ids.CHANNELS_FILLED),
            html.Div([cell, first], className="channels-fields"),
            html.P(words.FROM_HELP, className="channels-help"),
            html.Div(buttons, className="channels-buttons"),
            html.Div([html.Span(id=ids.CHANNELS_HELD), release], id=ids.CHANNELS_HOLD, className="channels-hold"),
        ],
        id=ids.CHANNELS_FORM,
        className="channels-form",
    )


def _agents() -> Component:
    content = html.Div(className="channels-aside", id=ids.CHANNELS_AGENTS)
    return parts.panel(words.AGENTS_TITLE, content, subtitle=words.AGENTS_SUBTITLE, class_name="channels-agents")


def _aside() -> Component:
    """Return the place of what was not stored, with its download."""
    address = "/api/v1/quarantine.csv"
    download = parts.button_link(words.DOWNLOAD, address, picture="download", download="kept-aside.csv")
    return parts.panel(
        words.ASIDE_TITLE,
        html.Div(id=ids.CHANNELS_ASIDE, className="channels-aside"),
        subtitle=html.Span(id=ids.CHANNELS_ASIDE_COUNT),
        controls=[html.Span(download, id=ids.CHANNELS_DOWNLOAD, hidden=True)],
    )


def _empty() -> Component:
    """Return how an instrument comes here: with accounts its agent needs a token, which administrators make."""
    if not allowed("operator"):
        return parts.panel(None, parts.empty_state(words.NO_CHANNELS, words.EMPTY_READER, picture="plug"))
    token: list[Component] = []
    if has_accounts():
        made = parts.link(words.EMPTY_TOKEN, "/settings/tokens") if allowed("admin") else words.EMPTY_ASK_TOKEN
        token = [html.Li(made)]
    steps = html.Ol([*token, *(html.Li(step) for step in words.EMPTY_STEPS)], className="channels-steps")
    text = html.Span([words.EMPTY_TEXT, steps, words.EMPTY_HOW], className="channels-start")
    return parts.panel(None, parts.empty_state(words.EMPTY_TITLE, text, picture="plug"))
