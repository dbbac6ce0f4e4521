"""The Cell page before its data arrive: claim, evidence, raw signal, circumstances."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from data_access.database import db
from data_access.queries import load_cell
from figures import CATALOGUE
from figures.context_strip import HEIGHT as STRIP_HEIGHT
from figures.cycle_stack import HEIGHT as STACK_HEIGHT
from figures.loops import HEIGHT as LOOPS_HEIGHT
from figures.voltage_pressure import HEIGHT as TIME_HEIGHT
from layouts import ids, parts
from layouts.words import cell as words
from pressiometry.columns import PRESSURE, MechanicalSignal
from pressiometry.errors import NotFoundError

DEFAULTS = {
    "unit": "paper",
    "beside": "none",
    "tab": "pq",
    "curve": "dsignal_dq",
    "by": "q",
    "arrange": "overlay",
    "x": "time",
    "range": "5",
}
"""What is shown where the address does not say; the same values stand in assets/cell.js."""


def layout(cell_id: int | None = None) -> Component:
    """Return the frame of the page; callbacks fill it from the address and the store."""
    may_edit = may_edit_cell(cell_id)
    stores = [
        dcc.Store(id=ids.CELL_ID, data=cell_id),
        dcc.Store(id=ids.CELL_OVER_VIEW),
        dcc.Store(id=ids.CELL_INSIDE_VIEW),
        dcc.Store(id=ids.CELL_TIME_VIEW),
        dcc.Store(id=ids.CELL_REVISION, data=0),
        dcc.Store(id=ids.CELL_LIVE, data=0),  # another number when the time plot alone is to be drawn anew
        dcc.Store(id=ids.CELL_HOVERED),
        dcc.Store(id=ids.CELL_HOVERED_CURVES),
    ]
    title = [
        parts.link(words.OVERVIEW, "/", class_name="crumb"),
        parts.icon("chevron-right", size=14),
        html.Span(id=ids.CELL_TITLE),
    ]
    content = html.Div(
        [
            html.Div(id=ids.CELL_NOTICE),
            html.Div([_over_cycles(), html.Div([_inside(), _curves()], className="cell-right")], className="cell-grid"),
            _time(),
            html.Div(_circumstances(may_edit=may_edit), className="panels"),
        ],
        id=ids.CELL_CONTENT,
        className="cell-content",
    )
    return parts.page(
        title,
        *stores,
        html.Div(id=ids.CELL_STATE),
        html.Div(parts.skeleton(34), id=ids.CELL_FACTS),
        content,
        *([_note_dialog()] if may_edit else []),
        subtitle=html.Span(id=ids.CELL_SUBTITLE, className="cell-identity"),
        actions=_actions(may_edit=may_edit),
        name="cell-page",
    )


def may_edit_cell(cell_id: int | None) -> bool:
    """Whether the reader may edit a cell; None, for the check at the start: the page is made whole."""
    if cell_id is None:
        return True
    try:
        return parts.may_edit(load_cell(db.engine, cell_id).project_id)
    except NotFoundError:
        return False


def _actions(*, may_edit: bool) -> list[Component]:
    """Return what can be done with the cell: step to the next, note, export, link."""
    keys = html.Span([dmc.Kbd("K"), dmc.Kbd("J")], className="cell-keys", title=words.PREVIOUS_NEXT)
    note = parts.button(words.NOTE, kind="quiet", picture="note", key="n", id=ids.CELL_NOTE_OPEN)
    head = [parts.icon("download", size=14), html.Span(words.EXPORT)]
    export = parts.disclosure(
        head, html.Div(id=ids.CELL_EXPORT), label=words.EXPORT_LABEL, class_name="menu menu-button"
    )
    link = parts.button(words.COPY_LINK, kind="quiet", picture="link", **{"data-copy-link": "1"})
    return [keys, *([note] if may_edit else []), export, link]


def choice(component_id: str, choices: Sequence[tuple[str, str]], value: str, label: str) -> Component:
    """Return a segmented control with a name for a screen reader."""
    data = [{"value": key, "label": text} for key, text in choices]
    control = dmc.SegmentedControl(id=component_id, data=data, value=value, size="xs")
    aria: dict[str, Any] = {"aria-label": label}
    return html.Div(control, role="group", **aria)


def named(choices: Sequence[tuple[str, str]], signal: MechanicalSignal = PRESSURE) -> list[tuple[str, str]]:
    """Return choices with the symbol of the cell's mechanical signal in their words."""
    return [(key, text.format(P=signal.symbol)) for key, text in choices]


def readout(readout_id: str, subtitle_id: str, *children: Any) -> list[Any]:
    """Return the readout line: values while the pointer is over the figure, else the subtitle."""
    return [html.Span(id=readout_id, className="readout"), html.Span([*children], id=subtitle_id, className="at-rest")]


def _over_cycles() -> Component:
    units = [(unit, words.UNITS[unit]) for unit in ("paper", "areal", "relative", "stiffness")]
    beside = choice(ids.CELL_BESIDE, words.BESIDE, DEFAULTS["beside"], words.BESIDE_LABEL)
    unit = choice(ids.CELL_UNIT, units, DEFAULTS["unit"], words.UNIT_LABEL)
    return parts.figure_panel(
        ids.CELL_STACK,
        words.OVER_CYCLES,
        height=STACK_HEIGHT,
        subtitle=readout(ids.CELL_STACK_READOUT, ids.CELL_STACK_SUBTITLE),
        below=[html.Div([beside, unit], className="strip-controls")],
        method=CATALOGUE["cycle_stack"].method,
    )


def _inside() -> Component:
    return parts.figure_panel(
        ids.CELL_LOOPS,
        words.INSIDE,
        height=LOOPS_HEIGHT,
        subtitle=html.Span(id=ids.CELL_LOOPS_SUBTITLE, className="ramp-key"),
        controls=[choice(ids.CELL_TAB, named(words.TABS), DEFAULTS["tab"], words.TAB_LABEL)],
        method=CATALOGUE["loops"].method,
    )


def _curves() -> Component:
    return parts.figure_panel(
        ids.CELL_CURVES,
        html.Span(named(words.CURVES)[0][1], id=ids.CELL_CURVES_SUBTITLE),
        height=LOOPS_HEIGHT,
        controls=[
            choice(ids.CELL_CURVE, named(words.CURVES), DEFAULTS["curve"], words.CURVE_LABEL),
            choice(ids.CELL_AGAINST, words.AGAINSTS, DEFAULTS["by"], words.AGAINST_LABEL),
        ],
        method=CATALOGUE["differential"].method,
    )


def _time() -> Component:
    config: Any = parts.GRAPH_CONFIG | {"doubleClick": False}
    aria: dict[str, Any] = {"aria-label": words.STRIP_LABEL}
    strip = dcc.Graph(
        id=ids.CELL_STRIP,
        config=config,
        style={"height": f"{STRIP_HEIGHT}px"},
        figure=parts.blank_figure(STRIP_HEIGHT),
        responsive=True,
    )
    return parts.figure_panel(
        ids.CELL_TIME,
        html.Span(words.TIME.format(signal=PRESSURE.name), id=ids.CELL_TIME_TITLE),
        height=TIME_HEIGHT,
        subtitle=readout(ids.CELL_TIME_READOUT, ids.CELL_TIME_SUBTITLE),
        controls=[
            parts.button(words.JUMP, kind="plain", picture="clock", hidden=True, **{"data-jump-now": "1"}),
            choice(ids.CELL_AXIS, words.AXES, DEFAULTS["x"], words.AXIS_LABEL),
            choice(ids.CELL_ARRANGEMENT, words.ARRANGEMENTS, DEFAULTS["arrange"], words.ARRANGEMENT_LABEL),
            choice(ids.CELL_RANGE, words.RANGES, DEFAULTS["range"], words.RANGE_LABEL),
        ],
        method=CATALOGUE["voltage_pressure"].method,
        below=[html.Div(strip, className="context-strip", role="img", **aria)],
    )


def _circumstances(*, may_edit: bool) -> list[Component]:
    add = parts.button(words.NOTE, kind="quiet", picture="plus", id=ids.CELL_NOTE_ADD)
    notes = html.Div(id=ids.CELL_NOTES, className="panel-body")
    quality = html.Div(id=ids.CELL_QUALITY, className="panel-body")
    sources = html.Div(id=ids.CELL_SOURCES, className="panel-body")
    short = html.Div(
        [parts.panel(words.NOTES, notes, controls=[add] if may_edit else []), parts.panel(words.SOURCES, sources)],
        className="cell-short span-5",
    )
    long = parts.panel(words.QUALITY, quality, subtitle=html.Span(id=ids.CELL_QUALITY_SUBTITLE), class_name="span-7")
    return [short, long]


def _note_dialog() -> Component:
    text = dmc.Textarea(
        id=ids.CELL_NOTE_TEXT, label=words.NOTE_LABEL, placeholder=words.NOTE_HINT, autosize=True, minRows=3, value=""
    )
    save = parts.button(words.NOTE_SAVE, kind="primary", id=ids.CELL_NOTE_SAVE)
    body = html.Div([text, html.Div(save, className="dialog-actions")], className="dialog")
    dialog: Component = dmc.Modal(body, id=ids.CELL_NOTE_DIALOG, title=words.NOTE, opened=False, size="md")
    return dialog
