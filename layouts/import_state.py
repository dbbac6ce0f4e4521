"""Which import the Import page shows, and what of it must change for the page to be drawn anew."""

import json
from collections.abc import Sequence
from urllib.parse import parse_qs

from data_access.models import Import
from layouts import import_parts
from layouts.words import import_page as words


def chosen_of(jobs: Sequence[Import], chosen: int | None, search: str | None) -> int | None:
    """Number of the import that is shown: the clicked one, else the address's, else the newest that waits."""
    known = [job.id for job in jobs]
    for number in (chosen, asked_number(search)):
        if number in known:
            return number
    waiting = [job.id for job in jobs if job.deleted_at is None and job.status in ("asks", "queued", "reading")]
    return waiting[-1] if waiting else (known[0] if known else None)


def asked_number(search: str | None) -> int | None:
    """Number of the import that the address names."""
    asked = parse_qs((search or "").removeprefix("?")).get("import", [""])[0]
    return int(asked) if asked.isdecimal() else None


def signature(jobs: Sequence[Import], chosen: int | None) -> str:
    """What must change for the page to be drawn anew: polling alone never touches a menu that is open."""
    job = next((job for job in jobs if job.id == chosen), None)
    if job is None:
        return json.dumps({"import": None})
    state = {
        "import": job.id,
        "state": import_parts.state_of(job),
        "cell": job.cell_id,
        "answers": job.answers,
        "read": job.rows_read,
        "homeless": len(without_cell(jobs)),
        "ready": sum(import_parts.is_ready(other) for other in jobs),
    }
    return json.dumps(state, sort_keys=True)


def without_cell(jobs: Sequence[Import]) -> list[Import]:
    """Imports that were read and wait for their cell."""
    return [job for job in jobs if job.deleted_at is None and job.status == "asks" and job.cell_id is None]


def subtitle(jobs: Sequence[Import]) -> str:
    """How many files wait for somebody, in words."""
    waiting = sum(job.deleted_at is None and job.status == "asks" for job in jobs)
    if not waiting:
        return words.SUBTITLE_EMPTY
    return words.SUBTITLE_ONE if waiting == 1 else words.SUBTITLE_WAITING.format(count=waiting)
