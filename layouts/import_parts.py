"""Parts of the Import page made from an import: what is the case with it, its card, words and rows of its preview."""

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from data_access.models import Import
from ingest.answers import shown_status
from ingest.preview import CAPACITY_ROWS
from ingest.readers import PROFILES
from layouts import ids, parts
from layouts.words import import_page as words
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.facts import CellFacts

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


def is_read_again(job: Import) -> bool:
    """Whether the file was read before and is being read once more, to be asked about again and not to be stored."""
    agreed = job.confirm == "auto" or job.answers.get("confirmed") is True
    return is_under_way(job) and bool(job.mapping) and not agreed


def kind_of(job: Import) -> str:
    """How the page shows the import: as its state says, but a file that is read again is shown as it was."""
    return "asks" if is_read_again(job) else state_of(job)


def open_questions(job: Import) -> list[dict[str, Any]]:
    """Questions about reading the file; which cell it belongs to is asked in its own panel.

    While the file is read again, those that were answered just now are no longer open.
    """
    given = {"cell_id"} if job.status == "asks" else {"cell_id", *job.answers}
    return [question for question in job.questions if question["code"] not in given]


def press(**said: Any) -> dict[str, Any]:
    """Attribute of what can be pressed: all that the press says, so that a press needs nothing else of the page.

    >>> press(act="undo", number=3)
    {'data-press': '{"act": "undo", "number": 3}'}
    """
    return {"data-press": json.dumps(said)}


def file_card(job: Import, *, chosen: bool, cycles: int | None) -> Component:
    """One file in the list."""
    said: dict[str, Any] = {"aria-pressed": "true" if chosen else "false", **press(card=job.id)}
    content = card_content(job, cycles)
    return html.Button(content, id=ids.import_card(job.id), type="button", className="import-card", **said)


def card_content(job: Import, cycles: int | None) -> list[Component]:
    """Name, state, format, rows, size, cycles where they are known, progress."""
    state = state_of(job)
    detail = [
        counted(words.CARD_ROWS, job.rows_read) if job.rows_read else "",
        file_size(job.source_file.size),
        counted(words.CARD_CYCLES, cycles) if cycles else "",
    ]
    name = html.Span(job.name, className="import-name", title=job.name)
    content: list[Component] = [
        html.Div([parts.icon("file"), name, _state_mark(job, state)], className="import-card-head"),
        html.Div(format_title(job.format), className="import-card-detail"),
        html.Div(" · ".join(part for part in detail if part), className="import-card-detail"),
    ]
    if is_under_way(job):
        content.append(_progress(job, words.STATES[state]))
    return content


def cycles_of(job: Import) -> int | None:
    """How many cycles were found in the file; None where it was not read whole for them."""
    return len(job.preview.get("cycles", [])) if job.rows_read <= CAPACITY_ROWS else None


def counted(forms: tuple[str, str], number: int) -> str:
    """A number with its noun.

    >>> counted(("1 row", "{count} rows"), 1), counted(("1 row", "{count} rows"), 9065)
    ('1 row', '9\u202f065 rows')
    """
    return forms[0] if number == 1 else forms[1].format(count=grouped(number))


def file_size(size_byte: int) -> str:
    """Size of a file in a unit that leaves it short.

    >>> file_size(412), file_size(66_904), file_size(38_204_000)
    ('412 B', '66.9 KB', '38.2 MB')
    """
    for factor, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if size_byte >= factor:
            return f"{size_byte / factor:.1f} {unit}"
    return f"{size_byte} B"


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


def grouped(number: int) -> str:
    """Thousands apart by a narrow blank, as the cells' pages write them."""
    return f"{number:,}".replace(",", "\u202f")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.7g}".replace("-", "\u2212")
