"""Which import the Import page shows, and what of it must change for which part of the page to be drawn anew.

A part is drawn anew only where something changed that it shows itself.  What a person fills in, or is about to press,
is never touched because another file was read, or because this one is read again.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from dash.development.base_component import Component

from data_access.models import Cell, Import
from layouts import import_bar, import_parts
from layouts.words import import_page as words

READ = ("figures", "notes")
"""Parts that show what reading gave: they stay as they are while the file is read again."""


def chosen_of(jobs: Sequence[Import], chosen: int | None, search: str | None, shown: int | None = None) -> int | None:
    """Number of the import to show: the clicked one, the address's, the one that is shown, else what waits longest."""
    known = [job.id for job in jobs]
    for number in (chosen, asked_number(search), shown):
        if number in known:
            return number
    waiting = [job.id for job in jobs if job.deleted_at is None and job.status in ("asks", "queued", "reading")]
    return waiting[-1] if waiting else (known[0] if known else None)


def asked_number(search: str | None) -> int | None:
    """Number of the import that the address names."""
    asked = parse_qs((search or "").removeprefix("?")).get("import", [""])[0]
    return int(asked) if re.fullmatch("[0-9]{1,9}", asked) else None


def signature(
    jobs: Sequence[Import], chosen: int | None, cells: Sequence[Cell], before: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The import that is shown and, for each part of the page, a mark that changes when the part must be drawn anew."""
    job = next((job for job in jobs if job.id == chosen), None)
    if job is None:
        return {"import": None}
    cell = next(([cell.id, cell.version] for cell in cells if cell.id == job.cell_id), job.cell_id)
    kind = import_parts.kind_of(job)
    read = [job.id, kind, job.mapping, job.rows_read, job.rows_quarantined, job.assumptions, job.problems]
    asked = import_parts.open_questions(job)
    marks: dict[str, Any] = {
        "import": job.id,
        "columns": mark(job.id, kind, [item["source"] for item in job.mapping]),
        "rows": mark(read, asked, job.answers.get("mapping")),
        "figures": mark(read, cell, job.questions),
        "notes": mark(read, job.questions, job.answers),
        "zone": mark(job.id, kind, bool(job.mapping), _says_of_zone(job)),
        "question": mark(job.id, kind, asked),
        "choice": mark(job.id, kind, job.cell_id),
        "choices": mark([(cell.id, cell.name) for cell in cells]),
        "form": mark(job.id, kind, cell),
        "for_all": [len(without_cell(jobs)), job.cell_id is None],
        "bar": mark(vars(import_bar.bar_of(job, None, ready(jobs))), cell),
    }
    if import_parts.is_read_again(job) and before and before["import"] == job.id:
        marks |= {part: before[part] for part in READ}
    return marks


def _says_of_zone(job: Import) -> list[str]:
    """What was assumed of the time zone: it tells whether its menu is needed, without loading the preview."""
    return [note["text"] for note in job.assumptions if note["code"].startswith("time_zone")]


def mark(*shown: Any) -> str:
    """A short text that is another one for anything else that is shown.

    >>> mark(1, "a") == mark(1, "a"), mark(1, "a") == mark(1, "b")
    (True, False)
    """
    return hashlib.blake2b(
        json.dumps(shown, sort_keys=True, default=Component.to_plotly_json).encode(), digest_size=6
    ).hexdigest()


def without_cell(jobs: Sequence[Import]) -> list[Import]:
    """Imports that were read and wait for their cell, also while they are read again."""
    return [job for job in jobs if import_parts.kind_of(job) == "asks" and job.cell_id is None]


def ready(jobs: Sequence[Import]) -> list[int]:
    """Numbers of the imports that only wait for "store"."""
    return [job.id for job in jobs if import_parts.is_ready(job)]


def subtitle(jobs: Sequence[Import]) -> str:
    """How many files wait for somebody, in words."""
    waiting = sum(job.deleted_at is None and job.status == "asks" for job in jobs)
    if not waiting:
        return words.SUBTITLE_EMPTY
    return words.SUBTITLE_ONE if waiting == 1 else words.SUBTITLE_WAITING.format(count=waiting)
