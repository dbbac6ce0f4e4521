"""Reactions of the Import page: what is pressed, said and chosen of an import, and the cell that is made for it."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from dash import ALL, Dash, Input, Output, State, ctx, no_update, set_props

from access.roles import requires
from callbacks import import_show
from callbacks.cell_form import problems_by_field
from callbacks.import_lists import offered_imports
from data_access.database import db
from data_access.models import Import
from data_access.queries import load_import
from data_access.writes import create_cell
from ingest.answers import answer_import, cancel_import, redo_import, undo_import
from ingest.name_hints import hints_of
from layouts import ids, import_aside, import_mapping, import_parts
from layouts.import_state import without_cell
from pressiometry.errors import InvalidInputError, NameTakenError, StaleEditError

PATIENCE_SECOND = 8.0
"""How long an answer waits while its file is read again, as it is when another file with its header was stored."""

TRY_SECOND = 0.1

ENDINGS = {"discard": cancel_import, "undo": undo_import, "restore": redo_import}


@requires("operator")
def press(pressed: Mapping[str, Any] | None, values: Sequence[Any]) -> Any:
    """Do what the pressed button says; the press carries everything, so a page that changed meanwhile loses nothing."""
    if not pressed:
        return no_update
    fields = [state["id"]["field"] for state in ctx.states_list[0]]
    try:
        perform(pressed, dict(zip(fields, values, strict=True)))
    except (InvalidInputError, NameTakenError) as error:
        if pressed["act"] != "create" or not _mark(problems_by_field(error), fields):
            raise
        return no_update
    return acted()


def _mark(problems: Mapping[str, str], fields: Sequence[str]) -> bool:
    """Whether every problem is said at its field of the short form."""
    for field in fields:
        set_props(ids.import_value(field), {"error": problems.get(field)})
    return bool(problems) and set(problems) <= set(fields)


def perform(pressed: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Do one act with one import; the page shows what came of it."""
    act, number = pressed["act"], pressed["import"]
    if act in ENDINGS:
        ENDINGS[act](db.engine, number)
    elif act == "store":
        answer_import(db.engine, number, {"confirmed": True})
    elif act == "store_all":
        for job in map(_load, pressed["imports"]):
            if import_parts.is_ready(job):
                answer_import(db.engine, job.id, {"confirmed": True})
    elif act == "answer":
        answer(number, {pressed["code"]: pressed["value"]})
    elif act == "hints":
        _take_hints(_load(number), values)
    elif act == "create":
        cell = create_cell(db.engine, {field: value for field, value in values.items() if value not in (None, "")})
        answer(number, {"cell_id": cell.id})


def _take_hints(job: Import, fields: Collection[str]) -> None:
    """Put the values that the file's name gives into the form; what it does not give stays."""
    for field, value in hints_of(job.name).numbers.items():
        if field in fields:
            set_props(ids.import_value(field), {"value": value})


def answer(number: int, said: Mapping[str, Any]) -> None:
    """Give the answer; where the file is just being read again, as soon as that has ended."""
    end = time.monotonic() + PATIENCE_SECOND
    while True:
        try:
            answer_import(db.engine, number, said)
        except StaleEditError:
            if time.monotonic() > end or import_parts.kind_of(_load(number)) != "asks":
                raise
            time.sleep(TRY_SECOND)
        else:
            return


@requires("operator")
def change_mapping(*_menus: Sequence[Any]) -> Any:
    """Read the file again with another column, unit, or factor and offset of an amplifier."""
    said: dict[int, dict[str, Any]] = {}
    for menu in triggered_menus():
        number, place = map(int, menu["place"].split(":"))
        job = _load(number)
        source = job.mapping[place]["source"]
        choice = changed_choice(job, job.mapping[place], menu)
        if choice is not None and import_parts.kind_of(job) == "asks":
            said.setdefault(number, {})[source] = choice
    for number, mapping in said.items():
        answer(number, {"mapping": mapping})
    return acted() if said else no_update


def triggered_menus() -> list[dict[str, Any]]:
    """Id and value of every menu that called: a person's, and all those that have only just been drawn; or none.

    Dash calls once without any, where menus that it had planned to call for have been drawn anew meanwhile.
    """
    ids_by_name = {name: dict(place) for name, place in ctx.triggered_prop_ids.items() if name != "."}
    return [{**ids_by_name[one["prop_id"]], "value": one["value"]} for one in ctx.triggered if one["prop_id"] != "."]


def changed_choice(job: Import, item: Mapping[str, Any], menu: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is said of a column with this menu; None where that holds already."""
    column, unit = import_mapping.said_of(job, item)
    value, kind = menu["value"], menu["type"]
    if value is None or (value == "" and kind != "import-column"):
        return None
    if kind == "import-column":
        return None if value == column else {"column": value}
    if kind == "import-unit":
        offered = import_mapping.unit_choices(column)
        if value == (unit or offered[0]):
            return None
        amplified = {"factor": 1.0, "offset": 0.0} if (column, value) == import_mapping.AMPLIFIED else {}
        return {"column": column, "unit": value, **amplified}
    earlier = job.answers.get("mapping", {}).get(item["source"], {})
    return None if value == earlier.get(menu["part"]) else {**earlier, menu["part"]: value}


@requires("operator")
def choose_cell(_choices: Sequence[str | None], for_all: bool | None) -> Any:  # noqa: FBT001 - a switch of the page
    """Say which cell the file belongs to, or all files that wait for one."""
    given = False
    for menu in triggered_menus():
        job = _load(menu["import"])
        if menu["value"] is None or import_parts.kind_of(job) != "asks" or job.cell_id == int(menu["value"]):
            continue
        homeless = without_cell(offered_imports()) if for_all else []
        for each in {job.id: job, **{other.id: other for other in homeless}}:
            answer(each, {"cell_id": int(menu["value"])})
        given = True
    return acted() if given else no_update


@requires("operator")
def choose_zone(_choices: Sequence[str | None]) -> Any:
    """Say in which time zone the dates of the file were written."""
    given = False
    for menu in triggered_menus():
        job = _load(menu["import"])
        held = import_aside.zone_of(job)
        if menu["value"] and menu["value"] != held and import_parts.kind_of(job) == "asks":
            answer(job.id, {import_aside.ZONE: menu["value"]})
            given = True
    return acted() if given else no_update


def _load(number: int) -> Import:
    return load_import(db.engine, number)


def acted() -> dict[str, Any]:
    """A value of the store that makes the list look again; every one is new."""
    return {"acted": pd.Timestamp.now("UTC").isoformat()}


def register(app: Dash) -> None:
    """Connect the page's functions to its components; whatever changes something makes the list look again."""
    import_show.register(app)
    arrived = Output(ids.IMPORT_ARRIVED, "data", allow_duplicate=True)
    app.callback(
        arrived,
        Input(ids.IMPORT_PRESSED, "data"),
        State(ids.import_value(ALL), "value"),
        prevent_initial_call=True,
    )(press)
    app.callback(
        arrived,
        Input(ids.import_column(ALL), "value"),
        Input(ids.import_unit(ALL), "value"),
        Input(ids.import_amplifier(ALL, ALL), "value"),
        prevent_initial_call=True,
    )(change_mapping)
    app.callback(
        arrived,
        Input(ids.import_cell(ALL), "value"),
        State(ids.IMPORT_CELL_ALL, "checked"),
        prevent_initial_call=True,
    )(choose_cell)
    app.callback(arrived, Input(ids.import_zone(ALL), "value"), prevent_initial_call=True)(choose_zone)
