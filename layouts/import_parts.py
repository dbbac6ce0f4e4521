"""Parts of the Import page made from an import: its card, question, assumptions, findings, rows and bar."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data_access.models import Cell, Import
from ingest.answers import answered_questions, shown_status
from ingest.name_hints import NameHints
from ingest.readers import PROFILES
from layouts import ids, parts
from layouts.import_page import CELL_FIELDS
from layouts.words import import_page as words
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.facts import CellFacts

SHOWN_FINDINGS = 30
"""Problems listed on the page; the API gives all."""

STORING_FROM = 0.6
"""Progress from which the worker stores."""


def state_of(job: Import) -> str:
    """Key of words.STATES: what is happening to the import now."""
    if job.deleted_at is not None:
        return "undone"
    status = shown_status(job)
    return "storing" if status == "reading" and job.progress > STORING_FROM else status


def is_under_way(job: Import) -> bool:
    """Whether the import changes without anybody doing anything."""
    return job.deleted_at is None and shown_status(job) in ("queued", "reading")


def is_ready(job: Import) -> bool:
    """Whether nothing but the word "store" is missing."""
    return job.deleted_at is None and job.status == "asks" and not job.questions and not fatal_problems(job)


def fatal_problems(job: Import) -> list[dict[str, Any]]:
    """Problems for which the file cannot be stored as its columns are chosen now."""
    return [problem for problem in job.problems if problem.get("fatal")]


def open_questions(job: Import) -> list[dict[str, Any]]:
    """Questions about reading the file; which cell it belongs to is asked in its own panel."""
    return [question for question in job.questions if question["code"] != "cell_id"]


def file_card(job: Import, *, chosen: bool) -> Component:
    """One file in the list: name, state, format, rows, progress."""
    state = state_of(job)
    rows = f"{_grouped(job.rows_read)} rows" if job.rows_read else ""
    detail = [part for part in (format_title(job.format), rows) if part]
    name = html.Span(job.name, className="import-name", title=job.name)
    content: list[Component] = [
        html.Div([parts.icon("file"), name, _state_mark(job, state)], className="import-card-head"),
        html.Div(" · ".join(detail), className="import-card-detail"),
    ]
    if is_under_way(job):
        content.append(_progress(job, words.STATES[state]))
    pressed: dict[str, Any] = {"aria-pressed": "true" if chosen else "false"}
    return html.Button(
        content, id=ids.import_card(job.id), type="button", n_clicks=0, className="import-card", **pressed
    )


def format_title(name: str | None) -> str:
    """The format as people call it.

    >>> format_title("eclab_text")
    'EC-Lab text'
    """
    return next((profile.title for profile in PROFILES if profile.name == name), name or "")


def _progress(job: Import, word: str) -> Component:
    """How far reading and storing are."""
    percent = round(100 * job.progress)
    bar = html.Div(style={"width": f"{percent}%"}, className="import-progress-bar")
    said: dict[str, Any] = {
        "aria-valuenow": percent,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        "aria-label": f"{word} {job.name}",
    }
    return html.Div(bar, className="import-progress", role="progressbar", **said)


def _state_mark(job: Import, state: str) -> Component:
    count = len(open_questions(job))
    if state == "asks" and fatal_problems(job):
        return parts.status("watch", words.NOT_LIKE_THIS)
    if state == "asks" and count:
        return parts.status("watch", words.ONE_OPEN if count == 1 else words.SEVERAL_OPEN.format(count=count))
    if state == "asks" and job.cell_id is None:
        return parts.status("watch", words.NO_CELL)
    if state == "refused":
        return parts.status("watch", words.STATES[state])
    picture = {"asks": "check", "stored": "check", "undone": "undo", "cancelled": "close"}.get(state, "clock")
    return html.Span([parts.icon(picture, size=14), html.Span(words.STATES[state])], className="status")


def preview_records(job: Import, facts: CellFacts | None) -> dict[str, list[float | None]]:
    """Columns of the preview's curves; force is shown as the pressure it becomes where the cell is known."""
    records: dict[str, list[float | None]] = dict(job.preview.get("records", {}))
    force = records.get("force_newton")
    if facts is not None and force and "surface_pressure_mpa" not in records:
        records["surface_pressure_mpa"] = [None if value is None else value / facts.force_area_mm2 for value in force]
    return records


def preview_words(job: Import) -> str:
    """How much of the file the preview shows."""
    count, shown = len(job.preview.get("cycles", [])), job.preview.get("shown_cycles", 0)
    return words.PREVIEW_SOME.format(shown=shown, count=count) if shown < count else words.PREVIEW_ALL


def aside(job: Import) -> list[Component]:
    """One question, what was answered, what was assumed, what was found."""
    asked = open_questions(job)
    panels = [_question_panel(job, asked)] if asked and job.status == "asks" else []
    if job.status == "asks" and fatal_problems(job):
        panels.append(_blocked_panel(job))
    answered = answered_questions(job)
    if answered and job.status in ("asks", "stored"):
        panels.append(_answered_panel(job, answered))
    if job.status in ("asks", "stored") or job.assumptions or job.problems:
        panels += [_notes_panel(job), _findings_panel(job)]
    return panels


def _question_panel(job: Import, asked: Sequence[dict[str, Any]]) -> Component:
    """The first open question with a button for each choice."""
    title = words.ONE_QUESTION if len(asked) == 1 else words.QUESTION_OF.format(count=len(asked))
    body = _question(job, asked[0])
    return parts.panel(title, html.Div(body, className="panel-body"), class_name="import-question")


def _blocked_panel(job: Import) -> Component:
    """Why the file cannot be read with the columns as they are chosen now."""
    said = [html.P(problem["text"], className="import-question-text") for problem in fatal_problems(job)]
    return parts.panel(words.BLOCKED, html.Div(said, className="panel-body"), class_name="import-question")


def _answered_panel(job: Import, answered: Sequence[dict[str, Any]]) -> Component:
    """Every answered question with the choice that holds pressed; another one changes it and reads the file again."""
    body = [html.Div(_question(job, question)) for question in answered if question["choices"]]
    return parts.panel(words.ANSWERED, html.Div(body, className="panel-body import-answered"))


def _question(job: Import, question: dict[str, Any]) -> list[Component]:
    """A question's text and a button for each choice; the chosen one is pressed."""
    buttons = []
    for number, (value, label) in enumerate(question["choices"]):
        pressed: dict[str, Any] = {}
        if "answer" in question:
            pressed = {"aria-pressed": "true" if value == question["answer"] else "false"}
        pressed |= {"disabled": True} if job.status != "asks" else {}
        said = label[:1].upper() + label[1:]
        buttons.append(parts.button(said, id=ids.import_answer(f"{job.id}:{question['code']}", number), **pressed))
    return [html.P(question["text"], className="import-question-text"), html.Div(buttons, className="import-choices")]


def _notes_panel(job: Import) -> Component:
    rows = [html.Li([parts.icon("check", size=14), html.Span(note["text"])]) for note in job.assumptions]
    nothing = words.NOTHING_ELSE_ASSUMED if answered_questions(job) or open_questions(job) else words.NOTHING_ASSUMED
    content = html.Ul(rows, className="import-notes") if rows else html.P(nothing)
    is_open = job.status == "asks" and bool(open_questions(job))
    return parts.panel(words.ASSUMED_MEANWHILE if is_open else words.ASSUMED, html.Div(content, className="panel-body"))


def _findings_panel(job: Import) -> Component:
    rows = [
        html.Li(
            [
                parts.icon("warning" if problem.get("fatal") or problem.get("line") else "info", size=14),
                html.Span(problem_text(problem)),
            ]
        )
        for problem in job.problems[:SHOWN_FINDINGS]
    ]
    if job.rows_quarantined:
        text = words.LEFT_OUT.format(count=_grouped(job.rows_quarantined))
        rows.append(html.Li([parts.icon("info", size=14), html.Span(text)]))
    content = html.Ul(rows, className="import-notes import-findings") if rows else html.P(words.NOTHING_FOUND)
    return parts.panel(words.FOUND, html.Div(content, className="panel-body"))


def problem_text(problem: dict[str, Any]) -> str:
    """A problem with its place.

    >>> problem_text({"text": "The line is cut off.", "line": 412081, "column": None})
    'Line 412\u202f081: The line is cut off.'
    """
    place = words.LINE.format(line=_grouped(problem["line"])) if problem.get("line") else ""
    where = ", ".join(part for part in (place, problem.get("column") or "") if part)
    return f"{where}: {problem['text']}" if where else problem["text"]


def rows_panel(job: Import) -> Component | None:
    """First and last rows as they will be stored."""
    names = job.preview.get("columns", [])
    head, tail = job.preview.get("head", []), job.preview.get("tail", [])
    if not head:
        return None
    rows = [html.Tr([html.Td(_number(value), className="num") for value in row]) for row in head]
    if job.rows_read > len(head) + len(tail):
        rows.append(html.Tr([html.Td("…", className="num") for _ in names]))
        rows += [html.Tr([html.Td(_number(value), className="num") for value in row]) for row in tail]
    header = html.Thead(html.Tr([html.Th(RECORD_COLUMNS[name].title, className="num") for name in names]))
    table = html.Table([header, html.Tbody(rows)], className="table import-rows")
    return parts.panel(words.ROWS, html.Div(table, className="import-mapping-scroll", tabIndex="0"))


def bar(job: Import | None, cell: Cell | None, ready: int) -> list[Component]:
    """What is stored so far, and Discard and Store with the reason why Store is not possible yet."""
    if job is None:
        return [html.Span(words.NOTHING_YET)]
    state = state_of(job)
    ended = {
        "stored": words.STORED_BAR.format(rows=_grouped(job.rows_stored), cell=cell.name if cell else ""),
        "refused": words.REFUSED_BAR,
        "cancelled": words.CANCELLED_BAR,
        "undone": words.UNDONE_BAR.format(cell=cell.name if cell else ""),
    }
    if state in ended:
        return [html.Span(ended[state]), html.Span(className="import-bar-space"), *_ended_actions(job, cell, state)]
    reason = why_not(job)
    store = parts.button(words.STORE, kind="primary", id=ids.import_act("store", job.id), disabled=bool(reason))
    several = (
        [parts.button(words.STORE_ALL.format(count=ready), id=ids.import_act("store_all", job.id))] if ready > 1 else []
    )
    return [
        html.Span(words.NOTHING_YET),
        html.Span(reason, className="import-bar-space import-bar-reason"),
        parts.button(words.DISCARD, kind="quiet", id=ids.import_act("discard", job.id)),
        *several,
        store,
    ]


def why_not(job: Import) -> str:
    """Why the import cannot be stored yet; "" where it can."""
    if job.status != "asks":
        return words.WHY_READING
    if fatal_problems(job):
        return words.WHY_COLUMNS
    if open_questions(job):
        return words.WHY_QUESTION
    return words.WHY_CELL if job.cell_id is None else ""


def _ended_actions(job: Import, cell: Cell | None, state: str) -> list[Component]:
    if state == "undone":
        return [parts.button(words.RESTORE, id=ids.import_act("restore", job.id))]
    if state != "stored":
        return []
    undo = parts.button(words.UNDO, kind="quiet", picture="undo", id=ids.import_act("undo", job.id))
    return [undo, parts.button_link(words.OPEN_CELL, f"/cells/{cell.id}", kind="primary")] if cell else [undo]


def cell_facts(cell: Cell, facts: CellFacts) -> Component:
    """What the file's numbers will be divided by."""
    mass = facts.active_mass_g
    rows = (
        (words.PLATING, "" if cell.plating_time_min is None else f"{cell.plating_time_min:g}"),
        (words.ACTIVE_MASS, words.MASS_UNKNOWN if mass is None else f"{1000 * mass:.4g} mg"),
        (words.FORCE_AREA, f"{facts.force_diameter_mm:g} mm, {facts.force_area_mm2 / 100:.4g} cm²"),
    )
    pairs = [html.Div([html.Dt(label), html.Dd(value)]) for label, value in rows if value]
    return html.Dl(pairs, className="import-facts")


def cell_form(job: Import, hints: NameHints) -> Component:
    """The short form of a new cell; the file's name is offered as its name.

    What was typed stays when the form is drawn anew, as it is while other files are read.
    """
    kept = {"size": "xs", "persistence": str(job.id), "persistence_type": "memory"}
    fields = [
        dmc.TextInput(id=ids.import_value(field), label=label, inputProps={"inputMode": "decimal"}, **kept)
        for field, label in CELL_FIELDS.items()
    ]
    content = [
        html.H3(words.NEW_CELL, className="import-form-title"),
        dmc.TextInput(id=ids.import_value("name"), label=words.NAME, value=hints.name, **kept),
        html.Div(fields, className="import-form-fields"),
    ]
    said = hint_words(hints)
    if said:
        take = parts.button(words.TAKE_HINTS, id=ids.import_act("hints", job.id))
        content.append(html.Div([html.Span(words.HINTS.format(hints=said)), take], className="import-hints"))
    content.append(parts.button(words.CREATE, id=ids.import_act("create", job.id)))
    return html.Div(content, className="import-form")


def hint_words(hints: NameHints) -> str:
    """The hints as one list of words.

    >>> hint_words(NameHints("a", active_mass_mg=25.28, mass_words="31.6 mg × 80 wt%", c_rate=0.2))
    '25.28 mg active mass (31.6 mg × 80 wt%), 0.2 C'
    """
    said = []
    if hints.active_mass_mg is not None:
        said.append(f"{hints.active_mass_mg:g} mg active mass ({hints.mass_words})")
    if hints.electrode_diameter_mm is not None:
        said.append(f"diameter {hints.electrode_diameter_mm:g} mm")
    if hints.c_rate is not None:
        said.append(f"{hints.c_rate:g} C")
    if hints.temperature_celsius is not None:
        said.append(f"{hints.temperature_celsius:g} °C")
    return ", ".join(said)


def _grouped(number: int) -> str:
    """Thousands apart by a narrow blank, as the cells' pages write them."""
    return f"{number:,}".replace(",", "\u202f")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.7g}".replace("-", "\u2212")
