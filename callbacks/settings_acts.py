"""What the pages of Settings share: messages of what was done, their Undo, what was pressed in a row."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dash import ctx, html
from dash.exceptions import PreventUpdate

from layouts import parts, settings
from layouts.words import settings as words
from pressiometry.errors import BarographError, InvalidInputError, StaleEditError

Said = list[dict[str, Any]]


def pressed_row() -> tuple[str, int]:
    """Return what was pressed in which row; a button that has only just been drawn was not pressed."""
    if not isinstance(ctx.triggered_id, dict) or not ctx.triggered or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    return text_of(ctx.triggered_id.get("act")), number_of(ctx.triggered_id.get("row"))


def done(title: str, text: str = "", undo: tuple[Any, ...] | None = None) -> dict[str, Any]:
    """Return the message of something done; `undo` is what settings_undo understands."""
    action = None if undo is None else settings.undo_button(json.dumps(undo))
    return parts.toast(title, text or None, action=action)


def said(act: Callable[[], dict[str, Any]]) -> Said:
    """Return the message of an edit; where it cannot be made, why not, and the page shows what holds."""
    try:
        return [act()]
    except StaleEditError:
        return [parts.toast(words.STALE, words.STALE_TEXT, level="watch")]
    except BarographError as error:
        problems = [html.Div(problem) for problem in getattr(error, "problems", ()) if problem not in error.text]
        return [parts.toast(error.text, problems or None, level="watch")]


def problems_of(error: BarographError) -> dict[str, str]:
    """Return what is wrong at each field, from problems of the form "field: what is wrong"; "" for the rest."""
    found: dict[str, str] = {}
    for problem in getattr(error, "problems", ()) or (error.text,):
        name, colon, text = problem.partition(": ")
        key, told = (name, text) if colon and name.isidentifier() else ("", problem)
        found[key] = f"{found[key]}; {told}" if key in found else told
    return found


def text_of(value: object) -> str:
    """Return a text of a form; what is none, as a forged call may hold, counts as empty."""
    return value if isinstance(value, str) else ""


def number_of(value: object) -> int:
    """Return a number of a row.  InvalidInputError for what a forged call may hold instead."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInputError("There is no such row", problems=("row: a number is needed",))
    return value


def now() -> str:
    """Return a moment: whatever shows what was edited loads again."""
    return datetime.now(UTC).isoformat()
