"""The bar of the Import page: what is stored so far, and what can be done with the import that is shown.

Its buttons are always there and only change their words, so that a press of one never meets another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import html
from dash.development.base_component import Component

from data_access.models import Cell, Import
from layouts import ids, import_parts, parts
from layouts.words import import_page as words

ACTS = {
    "store_all": words.STORE_ALL,
    "discard": words.DISCARD,
    "undo": words.UNDO,
    "restore": words.RESTORE,
    "store": words.STORE,
}
"""Buttons from left to right: what comes and goes with other files stands left of everything else."""

KINDS: dict[str, Any] = {
    "discard": {"kind": "quiet"},
    "undo": {"kind": "quiet", "picture": "undo"},
    "store": {"kind": "primary"},
}


@dataclass
class Bar:
    """What the bar says; `presses` are the acts that are offered, with what their buttons send."""

    text: str = words.NOTHING_YET
    reason: str = ""
    presses: dict[str, dict[str, Any]] = field(default_factory=dict)
    shut: bool = False
    cell_id: int | None = None


def bar() -> Component:
    """The bar before an import is shown."""
    buttons = [
        parts.button(text, id=ids.import_act(act), hidden=True, **KINDS.get(act, {})) for act, text in ACTS.items()
    ]
    content = [
        html.Span(words.NOTHING_YET, id=ids.IMPORT_BAR_TEXT),
        html.Span(id=ids.IMPORT_BAR_REASON, className="import-bar-space import-bar-reason"),
        *buttons,
        parts.button_link(words.OPEN_CELL, "/cells", kind="primary", id=ids.IMPORT_OPEN, hidden=True),
    ]
    return html.Footer(content, className="import-bar")


def button_content(act: str, count: int) -> list[Component]:
    """Picture and words on the button of an act."""
    picture = KINDS.get(act, {}).get("picture")
    return [*([parts.icon(picture, size=14)] if picture else []), html.Span(ACTS[act].format(count=count))]


def bar_of(job: Import | None, cell: Cell | None, ready: Sequence[int]) -> Bar:
    """What is stored so far, what can be done, and why Store is not possible yet; `ready` are imports to be stored."""
    if job is None:
        return Bar()
    state = import_parts.state_of(job)
    number: dict[str, Any] = {"import": job.id}
    named = cell.name if cell else ""
    open_cell = cell.id if cell else None
    if state == "stored":
        text = words.STORED_BAR.format(rows=import_parts.grouped(job.rows_stored), cell=named)
        return Bar(text, presses={"undo": number}, cell_id=open_cell)
    if state == "undone":
        return Bar(words.UNDONE_BAR.format(cell=named), presses={"restore": number})
    if state in ("refused", "cancelled"):
        return Bar(words.REFUSED_BAR if state == "refused" else words.CANCELLED_BAR)
    presses = {"discard": number, "store": number}
    if len(ready) > 1:
        presses["store_all"] = {**number, "imports": list(ready)}
    reason = why_not(job)
    return Bar(reason=reason, presses=presses, shut=bool(reason))


def why_not(job: Import) -> str:
    """Why the import cannot be stored yet; "" where it can."""
    if job.status != "asks":
        return words.WHY_READING
    if import_parts.fatal_problems(job):
        return words.WHY_COLUMNS
    if import_parts.open_questions(job):
        return words.WHY_QUESTION
    return words.WHY_CELL if job.cell_id is None else ""
