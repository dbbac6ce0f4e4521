"""The Compare page before its data arrive: groups of cells, one metric, a sentence, a table, cycles side by side."""

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from figures import CATALOGUE
from figures.group_comparison import HEIGHT
from figures.small_multiples import ROW_HEIGHT
from layouts import ids, parts
from layouts.cell import choice
from layouts.compare_metrics import DEFAULT_METRIC, metric_choices
from layouts.words import compare as words

BY_WIDTH, METRIC_WIDTH, CYCLE_WIDTH = 196, 262, 92
CYCLE_WORD_WIDTH = 46


def layout() -> Component:
    """Return the frame of the page; callbacks fill it from the address and the store."""
    link = parts.button(words.COPY_LINK, kind="quiet", picture="link", **{"data-copy-link": "1"})
    return parts.page(
        words.TITLE,
        dcc.Store(id=ids.COMPARE_VIEW),
        dcc.Store(id=ids.COMPARE_REVISION, data=0),
        dcc.Store(id=ids.COMPARE_MULTIPLES_VIEW),
        _controls(),
        html.Div(id=ids.COMPARE_STATE),
        html.Div(
            [html.Div([_graph(), _says()], className="cell-grid"), _multiples()],
            id=ids.COMPARE_CONTENT,
            className="cell-content",
        ),
        _hand_dialog(),
        subtitle=html.Span(id=ids.COMPARE_PROPERTY),
        actions=[link],
        name="compare-page",
    )


def _select(component_id: str, label: str, width: int, value: str, data: object) -> Component:
    """Return a menu whose name stands inside it, before its value."""
    left = html.Span(label, className="select-label")
    select = dmc.Select(
        id=component_id,
        data=data,
        value=value,
        w=width,
        size="xs",
        searchable=component_id == ids.COMPARE_METRIC,
        allowDeselect=False,
        leftSection=left,
        leftSectionWidth=12 + 7 * len(label),
        **{"aria-label": label},
    )
    return html.Div(select)


def _controls() -> Component:
    chips = html.Div(id=ids.COMPARE_CHIPS, className="chips")
    by = [{"value": value, "label": label} for value, label in words.BY]
    plus = [parts.icon("plus", size=14), parts.hidden_words(words.HAND)]
    hand = html.Button(
        plus,
        id=ids.COMPARE_HAND_OPEN,
        type="button",
        className="button button-quiet button-icon",
        title=words.HAND,
        n_clicks=0,
    )
    controls = html.Div(
        [
            _select(ids.COMPARE_BY, words.BY_LABEL, BY_WIDTH, "plating", by),
            _select(ids.COMPARE_METRIC, words.METRIC_LABEL, METRIC_WIDTH, DEFAULT_METRIC, metric_choices()),
            choice(ids.COMPARE_SHOW, words.SHOW, "both", words.SHOW_LABEL),
        ],
        className="compare-controls",
    )
    return html.Div([html.Div([chips, hand], className="chips"), controls], className="compare-head")


def _graph() -> Component:
    return parts.figure_panel(
        ids.COMPARE_GRAPH,
        words.GRAPH,
        height=HEIGHT,
        subtitle=html.Span(id=ids.COMPARE_GRAPH_SUBTITLE),
        method=CATALOGUE["group_comparison"].method,
    )


def _cycle_box(box_id: str, label: str) -> Component:
    """Return the input of a cycle number, with the word before it."""
    box: Component = dmc.NumberInput(
        id=box_id,
        min=1,
        step=1,
        w=CYCLE_WIDTH,
        size="xs",
        allowDecimal=False,
        leftSection=words.CYCLE,
        leftSectionWidth=CYCLE_WORD_WIDTH,
        leftSectionPointerEvents="none",
        **{"aria-label": label},
    )
    return box


def _says() -> Component:
    cycle = _cycle_box(ids.COMPARE_CYCLE, words.CYCLE_LABEL)
    at = choice(ids.COMPARE_AT, words.TABLE_AT, "cycle", words.TABLE_AT_LABEL)
    return parts.panel(
        words.SAYS,
        html.Div(
            [
                html.Div(id=ids.COMPARE_SENTENCE),
                html.Div(id=ids.COMPARE_TABLE, className="compare-table"),
                html.Div(id=ids.COMPARE_LEFT_OUT),
            ],
            className="panel-body",
        ),
        controls=[at, cycle],
    )


def _multiples() -> Component:
    start = _cycle_box(ids.COMPARE_FROM_CYCLE, words.MULTIPLES_CYCLE)
    return parts.figure_panel(
        ids.COMPARE_MULTIPLES,
        words.MULTIPLES,
        height=ROW_HEIGHT,
        subtitle=html.Span(id=ids.COMPARE_MULTIPLES_SUBTITLE, className="at-rest"),
        controls=[start, choice(ids.COMPARE_CELLS, words.MULTIPLES_CELLS, "first", words.MULTIPLES_CELLS_LABEL)],
        method=CATALOGUE["small_multiples"].method,
    )


def _hand_dialog() -> Component:
    name = dmc.TextInput(id=ids.COMPARE_HAND_NAME, label=words.HAND_NAME, placeholder=words.HAND_NAME_HINT, value="")
    cells = dmc.MultiSelect(id=ids.COMPARE_HAND_CELLS, label=words.HAND_CELLS, data=[], value=[], searchable=True)
    add = parts.button(words.HAND_ADD, kind="primary", id=ids.COMPARE_HAND_ADD)
    missing = dcc.Store(id=ids.COMPARE_HAND_MISSING, data={"name": words.HAND_NO_NAME, "cells": words.HAND_NO_CELLS})
    body = html.Div([missing, name, cells, html.Div(add, className="dialog-actions")], className="dialog")
    dialog: Component = dmc.Modal(body, id=ids.COMPARE_HAND_DIALOG, title=words.HAND_TITLE, opened=False, size="md")
    return dialog
