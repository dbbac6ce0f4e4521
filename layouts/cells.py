"""The Cells page before its data arrive: every cell ever, in one grid that is edited in place."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from access.identity import allowed
from layouts import ids, parts
from layouts.cell_fields import FIELDS, Field
from layouts.cell_form import cell_form
from layouts.grids import column, grid
from layouts.projects import project_names
from layouts.words import cells as words

_NUMBER = {
    # A browser's own number field drops a decimal comma, 12,5 becomes 125: numbers are typed as text and read by the
    # page, and what the page cannot read goes to the store, which says why not.
    "cellDataType": False,
    "cellEditor": "agTextCellEditor",
    "valueParser": {"function": "typedNumber(params.newValue)"},
    "headerClass": "typed-number",
    "filter": "agNumberColumnFilter",
    "filterParams": {
        "allowedCharPattern": r"\d.,eE+\-",
        "numberParser": {"function": "typedNumberOrNull(params)"},
    },
    "type": "rightAligned",
    "cellRenderer": "Plain",
}


def layout() -> Component:
    """Return the page without data: head, grid, and the drawer and dialog that wait to be opened."""
    search = dmc.TextInput(
        id=ids.CELLS_SEARCH,
        placeholder=words.SEARCH,
        debounce=150,
        size="xs",
        w=190,
        leftSection=parts.icon("search", size=14),
        rightSection=dmc.Kbd("/"),
        **parts.attributes(aria_label=words.SEARCH, aria_keyshortcuts="/"),
    )
    import_list = parts.button(words.IMPORT_LIST, picture="table", id=ids.CELLS_LIST_OPEN)
    new = parts.button(words.NEW, kind="primary", picture="plus", key="n", id=ids.CELLS_NEW)
    return parts.page(
        words.TITLE,
        _head(),
        parts.for_role("operator", _bulk_bar()),
        html.Div(_table(), id=ids.CELLS_TABLE),
        html.Div(_empty(), id=ids.CELLS_EMPTY, hidden=True),
        parts.for_role("operator", cell_form(), _list_dialog(), dcc.Store(id=ids.CELLS_TYPED)),
        actions=[search, parts.for_role("operator", import_list, new)],
    )


def _head() -> Component:
    choices = [{"value": value, "label": label} for value, label in words.SHOW]
    show = dmc.SegmentedControl(
        id=ids.CELLS_SHOW, data=choices, value="all", size="xs", **parts.attributes(aria_label=words.TITLE)
    )
    sentence = html.P(id=ids.CELLS_SENTENCE, className="sentence", role="status")
    hint = html.P(words.HINT, id=ids.CELLS_HINT, className="sentence-detail")
    return html.Div([html.Div([sentence, hint]), show], className="overview-head")


def _bulk_bar() -> Component:
    """Return the bar of what can be done with the chosen cells; seen while some are chosen."""
    buttons = [
        parts.button(text, picture=picture, id=ids.cells_bulk(action))
        for action, text, picture in (
            ("edit", words.EDIT, "edit"),
            ("archive", words.ARCHIVE, "archive"),
            ("unarchive", words.UNARCHIVE, "undo"),
            ("delete", words.DELETE, "delete"),
            ("restore", words.RESTORE, "undo"),
        )
    ]
    group = dmc.TextInput(
        id=ids.CELLS_BULK_GROUP,
        placeholder=words.SET_GROUP,
        size="xs",
        w=120,
        **parts.attributes(aria_label=words.SET_GROUP),
    )
    plating = dmc.TextInput(
        id=ids.CELLS_BULK_PLATING,
        placeholder=words.SET_PLATING,
        size="xs",
        w=130,
        inputProps={"inputMode": "decimal"},
        **parts.attributes(aria_label=words.SET_PLATING),
    )
    setters = [
        html.Span([group, parts.button(words.SET, id=ids.cells_bulk("group"))], className="setter"),
        html.Span([plating, parts.button(words.SET, id=ids.cells_bulk("plating_time_min"))], className="setter"),
    ]
    count = html.Strong(id=ids.CELLS_SELECTED, role="status")
    return html.Div([count, *buttons, *setters], id=ids.CELLS_BULK, className="bulk-bar", hidden=True)


def _table() -> Component:
    choosing = {
        "rowSelection": {
            "mode": "multiRow",
            "checkboxes": True,
            "headerCheckbox": True,
            "enableClickSelection": False,
            "selectAll": "filtered",
            "isRowSelectable": {"function": "params.data.may_edit"},
        },
        "selectionColumnDef": {"pinned": "left", "width": 40, "sortable": False},
        "stopEditingWhenCellsLoseFocus": True,
    }
    return grid(
        ids.CELLS_GRID,
        cells_columns(),
        default_column={
            "floatingFilter": True,
            "filter": "agTextColumnFilter",
            "suppressHeaderFilterButton": True,
            "suppressFloatingFilterButton": True,
        },
        options={
            **(choosing if allowed("operator") else {}),
            "floatingFiltersHeight": 34,
            "tooltipShowDelay": 400,
        },
    )


def cells_columns() -> list[dict[str, Any]]:
    """Columns of the grid: what tells cells apart, what each lacks, then every other field that has a width."""
    name = column("name", FIELDS["name"].label, cellRenderer="CellLink", pinned="left", width=165, **_editable())
    state = _field_column(FIELDS["state"]) | {"cellRenderer": "Status", "width": 124}
    cycles = column("cycles", words.COLUMN_CYCLES, type="rightAligned", filter="agNumberColumnFilter", width=74)
    lacks = column("lacks", words.COLUMN_LACKS, cellRenderer="Lacks", width=180, tooltipField="lacks")
    fields = {field.name: _field_column(field) for field in FIELDS.values() if field.width}
    if len(project_names()) < 2:  # noqa: PLR2004 - where there is one project nobody has to know
        del fields["project_id"]
    first = [fields.pop(one) for one in ("plating_time_min", "group", "active_mass_mg", "loading_mg_per_cm2")]
    return [name | {"sort": "asc"}, state, cycles, *first, lacks, *fields.values()]


def _field_column(field: Field) -> dict[str, Any]:
    options: dict[str, Any] = {**_editable(), "width": field.width, "headerTooltip": field.help or field.label}
    if field.kind in {"number", "integer"}:
        options |= _NUMBER
    if field.name == "plating_time_min":
        options |= {"cellRenderer": "Plating", "type": None}
    if field.kind in {"text", "long_text"}:
        options |= {"cellRenderer": "Text"}  # too long for its column, it ends in an ellipsis
    if field.kind == "long_text":
        options |= {"cellEditor": "agLargeTextCellEditor", "cellEditorPopup": True, "tooltipField": field.name}
    if field.choices:
        options |= {
            "cellEditor": "agSelectCellEditor",
            "cellEditorParams": {"values": list(field.choices)},
            "refData": field.choices,
        }
    if field.name == "project_id":
        by_name = {"filterValueGetter": {"function": "params.data.project"}}
        options |= {"refData": project_names(), **by_name} | ({} if len(field.choices) > 1 else {"editable": False})
    return column(field.name, field.label, **{name: value for name, value in options.items() if value is not None})


def _editable() -> dict[str, Any]:
    """Return whether a column is edited in place: by readers who may edit, in rows of projects where they may."""
    return {"editable": {"function": "params.data.may_edit"}} if allowed("operator") else {}


def _empty() -> Component:
    new = parts.button(words.NEW, picture="plus", id=ids.CELLS_EMPTY_NEW)
    files = parts.button_link(words.IMPORT, "/import", picture="import")
    text = words.EMPTY_TEXT if allowed("operator") else words.EMPTY_READER
    return parts.panel(None, parts.empty_state(words.EMPTY_TITLE, text, parts.for_role("operator", new, files)))


def _list_dialog() -> Component:
    """Return the dialog that reads a list of cells and shows what it would create before it does."""
    template = parts.link(words.LIST_TEMPLATE, "/assets/cell-list.csv", download="cell-list.csv")
    drop = dcc.Upload(
        html.Div(
            [parts.icon("upload", size=20), html.Div(words.LIST_DROP), html.Small(words.LIST_DROP_HINT)],
            className="drop",
        ),
        id=ids.CELLS_LIST_UPLOAD,
        accept=".csv,.txt,text/csv,text/plain",
        max_size=2_000_000,
        className="drop-frame",
        style={},
        style_active={},
        style_reject={},
    )
    create = parts.button(words.LIST_CREATE_NONE, kind="primary", id=ids.CELLS_LIST_CREATE, disabled=True)
    dialog: Component = dmc.Modal(
        [
            html.P([words.LIST_TEXT, template], className="dialog-text"),
            html.Div(drop, id=ids.CELLS_LIST_DROP, **parts.attributes(data_label=words.LIST_DROP)),
            html.Div(id=ids.CELLS_LIST_PREVIEW, role="status", className="list-preview"),
            html.Div([create], className="dialog-foot"),
        ],
        id=ids.CELLS_LIST_DIALOG,
        title=words.LIST_TITLE,
        opened=False,
        size="xl",
        keepMounted=True,
        closeButtonProps={"aria-label": words.CLOSE},
        transitionProps={"duration": 0},
    )
    return dialog
