"""Right side of the Import page: one question, what was answered, what was assumed, what was found."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from data_access.models import Import
from ingest.answers import answered_questions
from layouts import import_parts, parts
from layouts.words import import_page as words

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
    rows = [html.Li([parts.icon("check", size=14), html.Span(note["text"])]) for note in job.assumptions]
    asked = answered_questions(job) or import_parts.open_questions(job)
    nothing = words.NOTHING_ELSE_ASSUMED if asked else words.NOTHING_ASSUMED
    content = html.Ul(rows, className="import-notes") if rows else html.P(nothing)
    is_open = import_parts.kind_of(job) == "asks" and bool(import_parts.open_questions(job))
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
