"""Right side of the Import page: one question, what was answered, what was assumed, what was found."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from data_access.models import Import
from ingest.answers import answered_questions
from layouts import ids, import_parts, parts
from layouts.words import import_page as words

ZONE = "time_zone"
"""Code of the question in which time zone a file's dates were written; it may stay open."""

SHOWN_ZONES = 40
"""Time zones in the open menu; typing finds the others."""

SHOWN_FINDINGS = 30
"""Problems listed on the page; the API gives all."""


def question(job: Import) -> Component | None:
    """The first open question with a button for each choice."""
    asked = import_parts.open_questions(job)
    if not asked or import_parts.kind_of(job) != "asks":
        return None
    title = words.ONE_QUESTION if len(asked) == 1 else words.QUESTION_OF.format(count=len(asked))
    body = html.Div(_question(job, asked[0]), className="panel-body")
    return parts.panel(title, body, class_name="import-question")


def notes(job: Import) -> list[Component]:
    """Why the file cannot be read like this, what was answered, what was assumed, what was found."""
    asks = import_parts.kind_of(job) == "asks"
    panels = [_blocked_panel(job)] if asks and import_parts.fatal_problems(job) else []
    answered = answered_questions(job)
    if answered and (asks or job.status == "stored"):
        panels.append(_answered_panel(job, answered))
    if asks or job.status == "stored" or job.assumptions or job.problems:
        panels += [_notes_panel(job), _findings_panel(job)]
    return panels


def time_zone(job: Import) -> Component | None:
    """The menu of time zones where the file has dates that name none; the file is read again with the chosen one."""
    asked = [*job.preview.get("optional_questions", []), *answered_questions(job)]
    question = next((question for question in asked if question["code"] == ZONE), None)
    if question is None or import_parts.kind_of(job) not in ("asks", "stored"):
        return None
    menu = dmc.Select(
        id=ids.import_zone(job.id),
        data=sorted(available_timezones()),
        value=zone_of(job),
        placeholder=words.CHOOSE_ZONE,
        disabled=import_parts.kind_of(job) != "asks",
        searchable=True,
        limit=SHOWN_ZONES,
        comboboxProps={"keepMounted": False},
        size="xs",
        **{"aria-label": words.CHOOSE_ZONE},
    )
    text = words.TIME_ZONE_TEXT.format(question=question["text"])
    return parts.panel(words.TIME_ZONE, html.Div([html.P(text), menu], className="panel-body import-zone"))


def zone_of(job: Import) -> str | None:
    """The time zone that was said for this file, or is remembered of an earlier one."""
    remembered = (question["answer"] for question in answered_questions(job) if question["code"] == ZONE)
    said: str | None = job.answers.get(ZONE) or next(remembered, None)
    return said


def _blocked_panel(job: Import) -> Component:
    """Why the file cannot be read with the columns as they are chosen now."""
    said = [html.P(problem["text"], className="import-question-text") for problem in import_parts.fatal_problems(job)]
    return parts.panel(words.BLOCKED, html.Div(said, className="panel-body"), class_name="import-question")


def _answered_panel(job: Import, answered: Sequence[dict[str, Any]]) -> Component:
    """Every answered question with the choice that holds pressed; another one changes it and reads the file again."""
    body = [html.Div(_question(job, question)) for question in answered if question["choices"]]
    return parts.panel(words.ANSWERED, html.Div(body, className="panel-body import-answered"))


def _question(job: Import, question: dict[str, Any]) -> list[Component]:
    """A question's text and a button for each choice; the chosen one is pressed."""
    buttons = []
    for value, label in question["choices"]:
        number = {"import": job.id}
        said: dict[str, Any] = import_parts.press(act="answer", **number, code=question["code"], value=value)
        if "answer" in question:
            said["aria-pressed"] = "true" if value == question["answer"] else "false"
        shut = import_parts.kind_of(job) != "asks"
        buttons.append(parts.button(label[:1].upper() + label[1:], disabled=shut, **said))
    return [html.P(question["text"], className="import-question-text"), html.Div(buttons, className="import-choices")]


def _notes_panel(job: Import) -> Component:
    open_codes = {question["code"] for question in import_parts.open_questions(job)}
    rows = [_note(note, settled=note["code"] not in open_codes) for note in job.assumptions]
    asked = answered_questions(job) or open_codes
    nothing = words.NOTHING_ELSE_ASSUMED if asked else words.NOTHING_ASSUMED
    content = html.Ul(rows, className="import-notes") if rows else html.P(nothing)
    is_open = import_parts.kind_of(job) == "asks" and bool(open_codes)
    return parts.panel(words.ASSUMED_MEANWHILE if is_open else words.ASSUMED, html.Div(content, className="panel-body"))


def _note(note: dict[str, Any], *, settled: bool) -> Component:
    """An assumption; one that an open question is about is not said as if it were done."""
    text = note["text"] if settled else words.UNSETTLED.format(text=note["text"])
    return html.Li([parts.icon("check" if settled else "clock", size=14), html.Span(text)])


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
        text = words.LEFT_OUT.format(count=import_parts.grouped(job.rows_quarantined))
        rows.append(html.Li([parts.icon("info", size=14), html.Span(text)]))
    content = html.Ul(rows, className="import-notes import-findings") if rows else html.P(words.NOTHING_FOUND)
    return parts.panel(words.FOUND, html.Div(content, className="panel-body"))


def problem_text(problem: dict[str, Any]) -> str:
    """A problem with its place.

    >>> problem_text({"text": "The line is cut off.", "line": 412081, "column": None})
    'Line 412\u202f081: The line is cut off.'
    """
    place = words.LINE.format(line=import_parts.grouped(problem["line"])) if problem.get("line") else ""
    where = ", ".join(part for part in (place, problem.get("column") or "") if part)
    return f"{where}: {problem['text']}" if where else problem["text"]
