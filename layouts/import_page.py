"""The Import page before its data arrive: files left, what was understood in the middle, one question right."""

import json
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from figures.import_preview import CAPACITY_HEIGHT
from figures.voltage_pressure import stacked_height
from layouts import ids, import_bar, parts
from layouts.words import import_page as words

PREVIEW_HEIGHT = stacked_height(2)
POLL_MILLISECOND = 600
"""While something is under way; nothing is asked of the server otherwise."""

PATIENT_MILLISECOND = 20_000
"""While an answer is on its way: a question that is asked again takes the place of the first, whose answer is lost."""


ASIDE = (ids.IMPORT_QUESTION, ids.IMPORT_ZONE, ids.IMPORT_ASIDE)


def layout() -> Component:
    """The frame of the page; callbacks fill it."""
    return parts.page(
        words.TITLE,
        dcc.Store(id=ids.IMPORT_ARRIVED),
        dcc.Store(id=ids.IMPORT_CHOSEN),
        dcc.Store(id=ids.IMPORT_PRESSED),
        dcc.Store(id=ids.IMPORT_CARDS),
        dcc.Store(id=ids.IMPORT_SEEN),
        dcc.Store(id=ids.IMPORT_DRAWN),
        dcc.Interval(id=ids.IMPORT_CLOCK, interval=POLL_MILLISECOND, disabled=True),
        html.Div([_files(), _understood(), _aside()], className="import-grid"),
        import_bar.bar(),
        subtitle=html.Span(words.SUBTITLE_EMPTY, id=ids.IMPORT_SUBTITLE),
        name="import-page",
    )


def _files() -> Component:
    """Files and the cell they belong to."""
    drop = html.Button(
        [
            parts.icon("upload", size=18),
            html.Span(words.DROP, className="import-drop-title"),
            html.Span(words.DROP_DETAIL, className="import-drop-detail"),
        ],
        id=ids.IMPORT_DROP,
        type="button",
        className="import-drop",
    )
    said: dict[str, Any] = {"aria-label": words.UPLOADS, "data-words": json.dumps(words.UPLOAD)}
    uploads = html.Div(id=ids.IMPORT_UPLOADS, role="status", className="import-uploads", **said)
    return html.Div(
        [html.Div(id=ids.IMPORT_LIST, className="import-list"), uploads, drop, _belongs()], className="import-files"
    )


def _belongs() -> Component:
    """The cell: an existing one, or a new one."""
    for_all = dmc.Switch(id=ids.IMPORT_CELL_ALL, label="", checked=False, size="xs", style={"display": "none"})
    form = html.Div(id=ids.IMPORT_FORM)
    return html.Div(
        parts.panel(
            words.BELONGS,
            html.Div([html.Div(id=ids.IMPORT_CHOICE), for_all, form], className="panel-body import-belongs"),
        ),
        id=ids.IMPORT_BELONGS,
        hidden=True,
    )


def _understood() -> Component:
    """Mapping, preview, rows; the figures have their place before they have data."""
    figures = html.Div(
        [
            parts.figure_panel(
                ids.IMPORT_PREVIEW, words.PREVIEW, height=PREVIEW_HEIGHT, readout_id=ids.IMPORT_PREVIEW_TEXT
            ),
            parts.figure_panel(
                ids.IMPORT_CAPACITY, words.CAPACITY, height=CAPACITY_HEIGHT, subtitle=words.CAPACITY_KEY
            ),
        ],
        id=ids.IMPORT_FIGURES,
        className="import-figures",
        hidden=True,
    )
    empty = parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, picture="import")
    return html.Div(
        [html.Div(empty, id=ids.IMPORT_MAPPING), figures, html.Div(id=ids.IMPORT_ROWS)], className="import-understood"
    )


def _aside() -> Component:
    """One question, and below it what was assumed and found."""
    content = [html.Div(id=part, className="import-aside-part") for part in ASIDE]
    return html.Div(content, className="import-aside")
