"""Reactions of the Import page: the list of files, what was understood of the chosen one, answers, storing, undoing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props
from dash.development.base_component import Component

from access.roles import requires
from callbacks.cell_form import problems_by_field
from data_access.database import db
from data_access.models import Cell, Import
from data_access.queries import facts_of, load_cell, load_cells, load_import, load_imports
from data_access.writes import create_cell
from figures.import_preview import draw_import_capacity, draw_import_preview
from figures.voltage_pressure import stacked_height
from ingest.answers import answer_import, answered_questions, cancel_import, redo_import, undo_import
from ingest.name_hints import hints_of
from layouts import ids, import_mapping, import_parts, parts
from layouts.import_state import asked_number, chosen_of, signature, subtitle, without_cell
from layouts.words import import_page as words
from pressiometry.errors import InvalidInputError, NameTakenError, NotFoundError

LISTED = 40
"""Imports in the list: everything under way, and the newest of the others."""


@requires("viewer")
def refresh(
    _tick: int | None, _arrived: Any, chosen: int | None, seen: str | None, search: str | None
) -> tuple[Any, bool, Any, str]:
    """The list of files, whether polling may rest, the chosen import's state, and the line beside the title."""
    jobs = load_imports(db.engine, limit=LISTED, deleted=True)
    missing = None
    if chosen is None and (asked := asked_number(search)) is not None and asked not in [job.id for job in jobs]:
        try:
            jobs.append(load_import(db.engine, asked))
        except NotFoundError:
            missing = asked
    chosen = None if missing is not None else chosen_of(jobs, chosen, search)
    cards = [import_parts.file_card(job, chosen=job.id == chosen) for job in jobs]
    state = signature(jobs, chosen) if missing is None else json.dumps({"import": None, "missing": missing})
    waiting = any(import_parts.is_under_way(job) for job in jobs)
    return cards, not waiting, no_update if state == seen else state, subtitle(jobs)


@requires("viewer")
def show(seen: str | None, theme: str) -> tuple[Any, ...]:
    """Everything about the chosen import: middle, right, bar and the cell it belongs to."""
    state = json.loads(seen) if seen else {"import": None}
    number = state["import"]
    if number is None:
        return _nothing_chosen(state.get("missing"))
    job = load_import(db.engine, number)
    cell = _cell_of(job)
    return (*_understood(job, cell, theme), import_parts.aside(job), _bar(job, cell), *_belongs(job, cell))


@requires("viewer")
def choose(_clicks: Sequence[int | None]) -> Any:
    """The import whose card was clicked."""
    card = pressed()
    return no_update if card is None else card["import"]


@requires("operator")
def act(_clicks: Sequence[int | None], values: Sequence[Any]) -> Any:
    """Do what the pressed button says: store, discard, undo, restore, create a cell."""
    button = pressed()
    if button is None:
        return no_update
    fields = [state["id"]["field"] for state in ctx.states_list[0]]
    try:
        perform(button["act"], button["import"], dict(zip(fields, values, strict=True)))
    except (InvalidInputError, NameTakenError) as error:
        if button["act"] != "create" or not _mark(problems_by_field(error), fields):
            raise
        return no_update
    return acted()


def _mark(problems: Mapping[str, str], fields: Sequence[str]) -> bool:
    """Whether every problem is said at its field of the short form."""
    for field in fields:
        set_props(ids.import_value(field), {"error": problems.get(field)})
    return bool(problems) and set(problems) <= set(fields)


def perform(name: str, number: int, values: dict[str, Any]) -> None:
    """Do one act with one import; the page shows what came of it."""
    if name == "store":
        answer_import(db.engine, number, {"confirmed": True})
    elif name == "store_all":
        for job in load_imports(db.engine, limit=LISTED):
            if import_parts.is_ready(job):
                answer_import(db.engine, job.id, {"confirmed": True})
    elif name == "discard":
        cancel_import(db.engine, number)
    elif name == "undo":
        undo_import(db.engine, number)
    elif name == "restore":
        redo_import(db.engine, number)
    elif name == "create":
        cell = create_cell(db.engine, {field: value for field, value in values.items() if value not in (None, "")})
        answer_import(db.engine, number, {"cell_id": cell.id})


@requires("operator")
def answer(_clicks: Sequence[int | None]) -> Any:
    """Give the chosen answer to the question; the file is read again with it."""
    button = pressed()
    if button is None:
        return no_update
    number, code = button["question"].split(":", 1)
    job = load_import(db.engine, int(number))
    for question in (*job.questions, *answered_questions(job)):
        if question["code"] == code:
            value, _label = question["choices"][button["choice"]]
            answer_import(db.engine, job.id, {code: value})
    return acted()


@requires("operator")
def change_mapping(*_menus: Sequence[Any]) -> Any:
    """Read the file again with another column, unit, or factor and offset of an amplifier."""
    triggered = ctx.triggered_id
    if not isinstance(triggered, dict):
        return no_update
    job, place = import_and_place(triggered["place"])
    item = job.mapping[place]
    value = ctx.triggered[0]["value"]
    earlier = job.answers.get("mapping", {}).get(item["source"], {})
    column, unit = item["column"] or "", item["unit"]
    if triggered["type"] == "import-column":
        before, said = column, {"column": value}
    elif triggered["type"] == "import-unit":
        before, said = unit, {"column": column, "unit": value}
        if (column, value) == import_mapping.AMPLIFIED:
            said |= {"factor": 1.0, "offset": 0.0}
    else:
        before, said = earlier.get(triggered["part"]), {**earlier, triggered["part"]: value}
    is_empty = value is None or (value == "" and triggered["type"] != "import-column")
    if is_empty or value == before or job.status != "asks":
        return no_update
    answer_import(db.engine, job.id, {"mapping": {item["source"]: said}})
    return acted()


@requires("operator")
def choose_cell(value: str | None, for_all: bool | None, seen: str | None) -> Any:  # noqa: FBT001 - a switch of the page
    """Say which cell the file belongs to, or all files that wait for one."""
    if value is None or not seen:
        return no_update
    job = load_import(db.engine, json.loads(seen)["import"])
    if job.status != "asks" or job.cell_id == int(value):
        return no_update
    homeless = without_cell(load_imports(db.engine, limit=LISTED)) if for_all else []
    for each in {job.id: job, **{other.id: other for other in homeless}}.values():
        answer_import(db.engine, each.id, {"cell_id": int(value)})
    return acted()


@requires("viewer")
def take_hints(_clicks: Sequence[int | None], seen: str | None) -> Any:
    """The values that the file's name gives, in the form; what it does not give stays."""
    if not any(_clicks) or not seen:
        return no_update
    given = hints_of(load_import(db.engine, json.loads(seen)["import"]).name).numbers
    return [given.get(output["id"]["field"], no_update) for output in ctx.outputs_list]


def pressed() -> dict[str, Any] | None:
    """Id of the button that was pressed; None where buttons have only just been drawn."""
    for prop_id, button in ctx.triggered_prop_ids.items():
        if isinstance(button, dict) and any(one["value"] for one in ctx.triggered if one["prop_id"] == prop_id):
            return dict(button)
    return None


def import_and_place(address: str) -> tuple[Import, int]:
    """The import and the place in it that a menu or a button was drawn for, whichever is shown by now."""
    number, place = address.split(":")
    return load_import(db.engine, int(number)), int(place)


def acted() -> dict[str, Any]:
    """A value of the store that makes the list look again; every one is new."""
    return {"acted": pd.Timestamp.now("UTC").isoformat()}


def _cell_of(job: Import) -> Cell | None:
    try:
        return load_cell(db.engine, job.cell_id) if job.cell_id is not None else None
    except NotFoundError:
        return None


def _nothing_chosen(missing: int | None = None) -> tuple[Any, ...]:
    empty = parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, picture="import")
    if missing is not None:
        title = words.MISSING_TITLE.format(number=missing)
        empty = parts.empty_state(title, words.MISSING_TEXT, picture="search")
    middle = (empty, True, no_update, no_update, no_update, "", None)
    return (*middle, None, import_parts.bar(None, None, 0), True, [], None, False, "", {"display": "none"}, None)


def _understood(job: Import, cell: Cell | None, theme: str) -> tuple[Any, ...]:
    """Mapping, whether the figures are hidden, both figures, size and words of the preview, rows."""
    if not job.mapping:
        return _before_reading(job), True, no_update, no_update, no_update, "", None
    records = pd.DataFrame(import_parts.preview_records(job, facts_of(cell) if cell else None), dtype=float)
    cycles = pd.DataFrame(job.preview.get("cycles", []))
    preview = draw_import_preview(records, theme=theme)  # type: ignore[arg-type]
    capacity = draw_import_capacity(cycles, theme=theme)  # type: ignore[arg-type]
    size = {"height": f"{stacked_height(max(1, len(preview.data)))}px"}
    said = import_parts.preview_words(job)
    return import_mapping.mapping_panel(job), records.empty, preview, capacity, size, said, import_parts.rows_panel(job)


def _before_reading(job: Import) -> Component:
    """While the file is read, and where it could not be."""
    if job.status == "refused":
        text = " ".join(problem["text"] for problem in job.problems if problem.get("fatal"))
        return parts.panel(job.name, parts.empty_state(words.REFUSED_TITLE, text, picture="warning"))
    if job.status == "cancelled":
        return parts.panel(job.name, parts.empty_state(words.STATES["cancelled"], words.CANCELLED_BAR, picture="close"))
    return parts.panel(job.name, parts.skeleton(24, 24, 24, 24, 120), subtitle=words.STATES["reading"])


def _bar(job: Import, cell: Cell | None) -> list[Component]:
    ready = sum(import_parts.is_ready(other) for other in load_imports(db.engine, limit=LISTED))
    return import_parts.bar(job, cell, ready)


def _belongs(job: Import, cell: Cell | None) -> tuple[Any, ...]:
    """Panel of the cell: hidden?, choices, choice, shut?, words and look of the switch for all, form or facts."""
    choices = [{"value": str(one.id), "label": one.name} for one in load_cells(db.engine)]
    homeless = len(without_cell(load_imports(db.engine, limit=LISTED)))
    switch = {} if homeless > 1 and job.cell_id is None else {"display": "none"}
    form: Component | None = None
    if cell is not None:
        form = import_parts.cell_facts(cell, facts_of(cell))
    elif job.status == "asks":
        form = import_parts.cell_form(job, hints_of(job.name))
    hidden = job.status in ("refused", "cancelled") and cell is None
    chosen = str(cell.id) if cell else None
    return hidden, choices, chosen, job.status != "asks", words.CELL_ALL.format(count=homeless), switch, form


def register(app: Dash) -> None:
    """Connect the page's functions to its components."""
    app.callback(
        Output(ids.IMPORT_LIST, "children"),
        Output(ids.IMPORT_CLOCK, "disabled"),
        Output(ids.IMPORT_SEEN, "data"),
        Output(ids.IMPORT_SUBTITLE, "children"),
        Input(ids.IMPORT_CLOCK, "n_intervals"),
        Input(ids.IMPORT_ARRIVED, "data"),
        Input(ids.IMPORT_CHOSEN, "data"),
        State(ids.IMPORT_SEEN, "data"),
        State(ids.LOCATION, "search"),
    )(refresh)
    app.callback(
        Output(ids.IMPORT_MAPPING, "children"),
        Output(ids.IMPORT_FIGURES, "hidden"),
        Output(ids.IMPORT_PREVIEW, "figure"),
        Output(ids.IMPORT_CAPACITY, "figure"),
        Output(ids.IMPORT_PREVIEW, "style"),
        Output(ids.IMPORT_PREVIEW_TEXT, "children"),
        Output(ids.IMPORT_ROWS, "children"),
        Output(ids.IMPORT_ASIDE, "children"),
        Output(ids.IMPORT_BAR, "children"),
        Output(ids.IMPORT_BELONGS, "hidden"),
        Output(ids.IMPORT_CELL, "data"),
        Output(ids.IMPORT_CELL, "value"),
        Output(ids.IMPORT_CELL, "disabled"),
        Output(ids.IMPORT_CELL_ALL, "label"),
        Output(ids.IMPORT_CELL_ALL, "style"),
        Output(ids.IMPORT_FORM, "children"),
        Input(ids.IMPORT_SEEN, "data"),
        State(ids.THEME, "data"),
    )(show)
    app.callback(Output(ids.IMPORT_CHOSEN, "data"), Input(ids.import_card(ALL), "n_clicks"), prevent_initial_call=True)(
        choose
    )
    _register_acts(app)
    app.clientside_callback(
        ClientsideFunction("import_page", "remember"), Input(ids.IMPORT_CHOSEN, "data"), prevent_initial_call=True
    )
    app.clientside_callback(ClientsideFunction("import_page", "draw_uploads"), Input(ids.IMPORT_LIST, "children"))


def _register_acts(app: Dash) -> None:
    """Connect what changes something; each makes the list look again."""
    arrived = Output(ids.IMPORT_ARRIVED, "data", allow_duplicate=True)
    app.callback(
        arrived,
        Input(ids.import_act(ALL, ALL), "n_clicks"),
        State(ids.import_value(ALL), "value"),
        prevent_initial_call=True,
    )(act)
    app.callback(
        arrived,
        Input(ids.import_answer(ALL, ALL), "n_clicks"),
        prevent_initial_call=True,
    )(answer)
    app.callback(
        arrived,
        Input(ids.import_column(ALL), "value"),
        Input(ids.import_unit(ALL), "value"),
        Input(ids.import_amplifier(ALL, ALL), "value"),
        prevent_initial_call=True,
    )(change_mapping)
    app.callback(
        arrived,
        Input(ids.IMPORT_CELL, "value"),
        State(ids.IMPORT_CELL_ALL, "checked"),
        State(ids.IMPORT_SEEN, "data"),
        prevent_initial_call=True,
    )(choose_cell)
    app.callback(
        Output(ids.import_value(ALL), "value"),
        Input(ids.import_act("hints", ALL), "n_clicks"),
        State(ids.IMPORT_SEEN, "data"),
        prevent_initial_call=True,
    )(take_hints)
