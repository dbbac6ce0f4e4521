"""What the Import page shows: the list of files, and of the chosen one only the parts that have changed."""

import json
from typing import Any

import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props
from dash.development.base_component import Component

from access.roles import requires
from callbacks.import_lists import offered_cells, offered_imports
from data_access.database import db
from data_access.models import Cell, Import
from data_access.queries import facts_of, load_cell, load_import
from figures.import_preview import draw_import_capacity, draw_import_preview
from figures.voltage_pressure import stacked_height
from ingest.name_hints import hints_of
from layouts import ids, import_aside, import_bar, import_cell, import_mapping, import_parts, parts
from layouts.import_page import PATIENT_MILLISECOND, POLL_MILLISECOND
from layouts.import_state import asked_number, chosen_of, mark, ready, signature, subtitle, without_cell
from layouts.words import import_page as words
from pressiometry.errors import NotFoundError

ROWS = "mapping_rows"


@requires("operator")
def refresh(
    _tick: int | None,
    _arrived: Any,
    chosen: int | None,
    seen: str | None,
    drawn: dict[str, str] | None,
    search: str | None,
) -> dict[str, Any]:
    """The list of files, whether polling may rest, the chosen import's state, and the line beside the title.

    A card is drawn anew only where it changed, and the list only where a card came or went.
    """
    jobs = offered_imports(deleted=True)
    before = json.loads(seen) if seen else {"import": None}
    missing = None
    if chosen is None and (asked := asked_number(search)) is not None and asked not in [job.id for job in jobs]:
        try:
            jobs.append(load_import(db.engine, asked))
        except NotFoundError:
            missing = asked
    number = None if missing is not None else chosen_of(jobs, chosen, search, before["import"])
    marks = signature(jobs, number, offered_cells(), before) if missing is None else {"import": None}
    state = json.dumps(marks | ({"missing": missing} if missing is not None else {}), sort_keys=True)
    list_of_cards, cards, kept = _cards(jobs, number, drawn or {})
    return {
        "list": list_of_cards,
        **cards,
        "kept": kept,
        "resting": not any(import_parts.is_under_way(job) for job in jobs),
        "seen": no_update if state == seen else state,
        "subtitle": subtitle(jobs),
    }


def _cards(
    jobs: list[Import], chosen: int | None, drawn: dict[str, str]
) -> tuple[Any, dict[str, list[Any]], dict[str, str]]:
    """The whole list where a card came or went, else the cards that changed; and what is drawn then."""
    kept = {str(job.id): mark(job.version, import_parts.state_of(job), job.id == chosen) for job in jobs}
    there = [str(place["id"]["import"]) for place in outputs_of("contents")]
    if list(kept) != there:
        none = [no_update] * len(there)
        cards = [import_parts.file_card(job, chosen=job.id == chosen, cycles=_cycles_of(job)) for job in jobs]
        return cards, {"contents": none, "chosen": none}, kept
    by_number = {str(job.id): job for job in jobs}
    changed = [number for number in there if kept[number] != drawn.get(number)]
    contents = [_content(by_number[number]) if number in changed else no_update for number in there]
    pressed = ["true" if number == str(chosen) else "false" for number in there]
    return no_update, {"contents": contents, "chosen": pressed}, kept


def _content(job: Import) -> list[Component]:
    return import_parts.card_content(job, _cycles_of(job))


def _cycles_of(job: Import) -> int | None:
    """Cycles of a file that was read; its preview, which has them, is loaded only for this."""
    return import_parts.cycles_of(load_import(db.engine, job.id)) if job.mapping else None


def outputs_of(name: str) -> list[dict[str, Any]]:
    """Ids of the components of a pattern that are on the page now."""
    grouped = ctx.outputs_grouping
    places: list[dict[str, Any]] = grouped.get(name, []) if isinstance(grouped, dict) else []
    return places


@requires("operator")
def show(seen: str | None, theme: str, drawn: dict[str, Any] | None) -> dict[str, Any]:
    """The parts of the page that show something else than they do; every other one is left as it is."""
    state: dict[str, Any] = json.loads(seen) if seen else {"import": None}
    parts_there = outputs_of(ROWS)
    shown: dict[str, Any] = dict.fromkeys(OUTPUTS, no_update) | {ROWS: [no_update] * len(parts_there)}
    for name in ("act_words", "act_hidden", "act_shut", "act_press"):
        shown[name] = [no_update] * len(import_bar.ACTS)
    if state["import"] is None:
        return shown | _nothing_chosen(state.get("missing")) | {"drawn": state}
    job = load_import(db.engine, state["import"])
    cell = _cell_of(job)
    changed = {part for part, value in state.items() if drawn is None or drawn.get(part) != value}
    if "columns" in changed:
        shown["mapping"] = import_mapping.mapping_panel(job) if job.mapping else _before_reading(job)
    if "figures" in changed:
        shown |= _figures(job, cell, theme)
    if "notes" in changed:
        shown["notes"] = import_aside.notes(job)
    if "zone" in changed:
        shown["zone"] = import_aside.time_zone(job)
    if "question" in changed:
        shown["question"] = import_aside.question(job)
    shown |= _belongs(job, cell, changed)
    if "bar" in changed:
        shown |= _bar(job, cell)
    marks = _row_marks(job)
    if "rows" in changed and "columns" not in changed:
        shown[ROWS] = _rows(job, parts_there, marks, (drawn or {}).get("row_marks", {}))
    return shown | {"drawn": {**state, "row_marks": marks}}


def _row_marks(job: Import) -> dict[str, str]:
    """A mark of every part of the table of columns."""
    rows = {f"{job.id}:{place}": mark(row) for place, row in enumerate(import_mapping.mapping_rows(job))}
    return {**rows, f"{job.id}:{import_mapping.FOUND}": mark(import_mapping.columns_words(job))}


def _rows(job: Import, places: list[dict[str, Any]], marks: dict[str, str], before: dict[str, str]) -> list[Any]:
    """Only the rows that changed, so that a menu that is open in another one stays open."""
    content: dict[str, Any] = {f"{job.id}:{k}": row for k, row in enumerate(import_mapping.mapping_rows(job))}
    content[f"{job.id}:{import_mapping.FOUND}"] = import_mapping.columns_words(job)
    there = [place["id"]["place"] for place in places]
    return [no_update if marks.get(one) in (None, before.get(one)) else content[one] for one in there]


def _cell_of(job: Import) -> Cell | None:
    try:
        return load_cell(db.engine, job.cell_id) if job.cell_id is not None else None
    except NotFoundError:
        return None


def _nothing_chosen(missing: int | None) -> dict[str, Any]:
    empty = parts.empty_state(words.EMPTY_TITLE, words.EMPTY_TEXT, picture="import")
    if missing is not None:
        title = words.MISSING_TITLE.format(number=missing)
        empty = parts.empty_state(title, words.MISSING_TEXT, picture="search")
    nothing = dict.fromkeys(("records", "question", "zone", "notes", "choice", "form"))
    return {**nothing, "mapping": empty, "no_figures": True, "no_cell": True, **_bar(None, None)}


def _before_reading(job: Import) -> Component:
    """While the file is read, and where it could not be."""
    if job.status == "refused":
        text = " ".join(problem["text"] for problem in job.problems if problem.get("fatal"))
        return parts.panel(job.name, parts.empty_state(words.REFUSED_TITLE, text, picture="warning"))
    if job.status == "cancelled":
        return parts.panel(job.name, parts.empty_state(words.STATES["cancelled"], words.CANCELLED_BAR, picture="close"))
    return parts.panel(job.name, parts.skeleton(24, 24, 24, 24, 120), subtitle=words.STATES["reading"])


def _figures(job: Import, cell: Cell | None, theme: str) -> dict[str, Any]:
    """Both figures with the size and the words of the preview, and first and last rows."""
    if not job.mapping:
        return {"no_figures": True, "records": None}
    records = pd.DataFrame(import_parts.preview_records(job, facts_of(cell) if cell else None), dtype=float)
    rows = import_parts.rows_panel(job)
    if records.drop(columns="test_time_second", errors="ignore").dropna(how="all").empty:
        nothing = parts.empty_state(words.NOTHING_TO_DRAW, words.NOTHING_TO_DRAW_TEXT, picture="info")
        return {"no_figures": True, "records": [parts.panel(words.PREVIEW, nothing), rows]}
    cycles = pd.DataFrame(job.preview.get("cycles", []))
    preview = draw_import_preview(records, theme=theme)  # type: ignore[arg-type]
    return {
        "no_figures": False,
        "preview": preview,
        "capacity": draw_import_capacity(cycles, theme=theme),  # type: ignore[arg-type]
        "size": {"height": f"{stacked_height(max(1, len(preview.data)))}px"},
        "preview_words": import_parts.preview_words(job),
        "records": rows,
    }


def _belongs(job: Import, cell: Cell | None, changed: set[str]) -> dict[str, Any]:
    """Panel of the cell: its menu, the switch for all files, and the form or the cell's facts."""
    shown: dict[str, Any] = {"no_cell": job.status in ("refused", "cancelled") and cell is None}
    cells = offered_cells()
    if "choice" in changed:
        shown["choice"] = import_cell.cell_choice(job, cell, cells)
    elif "choices" in changed:
        set_props(ids.import_cell(job.id), {"data": import_cell.cell_options(cells)})
    if "for_all" in changed:
        homeless = len(without_cell(offered_imports()))
        shown["all_words"] = words.CELL_ALL.format(count=homeless)
        shown["all_look"] = {} if homeless > 1 and job.cell_id is None else {"display": "none"}
    if "form" in changed:
        asks = import_parts.kind_of(job) == "asks"
        form = import_cell.cell_form(job, hints_of(job.name)) if asks else None
        shown["form"] = form if cell is None else import_cell.cell_facts(cell, facts_of(cell))
    return shown


def _bar(job: Import | None, cell: Cell | None) -> dict[str, Any]:
    """Words, look and press of every button of the bar."""
    number_ready = ready(offered_imports())
    said = import_bar.bar_of(job, cell, number_ready)
    return {
        "bar_text": said.text,
        "bar_reason": said.reason,
        "act_words": [import_bar.button_content(act, len(number_ready)) for act in import_bar.ACTS],
        "act_hidden": [act not in said.presses for act in import_bar.ACTS],
        "act_shut": [act == "store" and said.shut for act in import_bar.ACTS],
        "act_press": [
            import_parts.press(act=act, **said.presses.get(act, {}))["data-press"] for act in import_bar.ACTS
        ],
        "no_link": said.cell_id is None,
        "link": f"/cells/{said.cell_id}" if said.cell_id else "/cells",
    }


OUTPUTS = {
    "mapping": Output(ids.IMPORT_MAPPING, "children"),
    ROWS: Output(ids.import_part(ALL), "children"),
    "no_figures": Output(ids.IMPORT_FIGURES, "hidden"),
    "preview": Output(ids.IMPORT_PREVIEW, "figure"),
    "capacity": Output(ids.IMPORT_CAPACITY, "figure"),
    "size": Output(ids.IMPORT_PREVIEW, "style"),
    "preview_words": Output(ids.IMPORT_PREVIEW_TEXT, "children"),
    "records": Output(ids.IMPORT_ROWS, "children"),
    "question": Output(ids.IMPORT_QUESTION, "children"),
    "zone": Output(ids.IMPORT_ZONE, "children"),
    "notes": Output(ids.IMPORT_ASIDE, "children"),
    "no_cell": Output(ids.IMPORT_BELONGS, "hidden"),
    "choice": Output(ids.IMPORT_CHOICE, "children"),
    "all_words": Output(ids.IMPORT_CELL_ALL, "label"),
    "all_look": Output(ids.IMPORT_CELL_ALL, "style"),
    "form": Output(ids.IMPORT_FORM, "children"),
    "bar_text": Output(ids.IMPORT_BAR_TEXT, "children"),
    "bar_reason": Output(ids.IMPORT_BAR_REASON, "children"),
    "act_words": Output(ids.import_act(ALL), "children"),
    "act_hidden": Output(ids.import_act(ALL), "hidden"),
    "act_shut": Output(ids.import_act(ALL), "disabled"),
    "act_press": Output(ids.import_act(ALL), "data-press"),
    "no_link": Output(ids.IMPORT_OPEN, "hidden"),
    "link": Output(ids.IMPORT_OPEN, "href"),
    "drawn": Output(ids.IMPORT_DRAWN, "data"),
}
"""What `show` may draw, by the names that it uses."""


def register(app: Dash) -> None:
    """Connect the list and the parts to their components."""
    app.callback(
        output={
            "list": Output(ids.IMPORT_LIST, "children"),
            "contents": Output(ids.import_card(ALL), "children"),
            "chosen": Output(ids.import_card(ALL), "aria-pressed"),
            "kept": Output(ids.IMPORT_CARDS, "data"),
            "resting": Output(ids.IMPORT_CLOCK, "disabled"),
            "seen": Output(ids.IMPORT_SEEN, "data"),
            "subtitle": Output(ids.IMPORT_SUBTITLE, "children"),
        },
        inputs=[
            Input(ids.IMPORT_CLOCK, "n_intervals"),
            Input(ids.IMPORT_ARRIVED, "data"),
            Input(ids.IMPORT_CHOSEN, "data"),
            State(ids.IMPORT_SEEN, "data"),
            State(ids.IMPORT_CARDS, "data"),
            State(ids.LOCATION, "search"),
        ],
        running=[(Output(ids.IMPORT_CLOCK, "interval"), PATIENT_MILLISECOND, POLL_MILLISECOND)],
    )(refresh)
    app.callback(
        output=OUTPUTS,
        inputs=[Input(ids.IMPORT_SEEN, "data"), State(ids.THEME, "data"), State(ids.IMPORT_DRAWN, "data")],
    )(show)
    app.clientside_callback(
        ClientsideFunction("import_page", "remember"), Input(ids.IMPORT_CHOSEN, "data"), prevent_initial_call=True
    )
    app.clientside_callback(ClientsideFunction("import_page", "draw_uploads"), Input(ids.IMPORT_LIST, "children"))
