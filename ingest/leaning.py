"""Imports that gave records of theirs to another one: what becomes of them where that one is undone or comes back.

Records that two files share are stored once.  The import that did not store them leans on the other; where that is
undone, or comes back, the file of the leaning one is read and merged anew.
"""

from collections.abc import Collection

from sqlalchemy import Engine

from data_access.models import Import
from data_access.queries import find_leaning, load_import
from data_access.queries.imports import LEANS_ON
from data_access.writes import queue_again, update_import

MERGED_AGAIN = "merged_again"
"""Key of Import.preview: which imports were merged anew when this one was undone."""


def leaning_on(engine: Engine, gave_to: Collection[int]) -> list[int]:
    """The imports that hold records of a file which were given to these, those included on which these lean."""
    theirs = {earlier for number in gave_to for earlier in load_import(engine, number).preview.get(LEANS_ON, [])}
    return sorted({*gave_to, *theirs})


def merge_without(engine: Engine, undone: Import) -> None:
    """Have the imports that lean on an undone one read and merged without it."""
    leaning = find_leaning(engine, undone)
    if leaning:
        queue_again(engine, leaning)
        update_import(engine, undone.id, preview={**undone.preview, MERGED_AGAIN: leaning})


def merged_without(job: Import) -> list[int]:
    """The imports that were merged anew because this one was undone."""
    numbers: list[int] = job.preview.get(MERGED_AGAIN, [])
    return numbers


def merge_with(engine: Engine, restored: Import) -> None:
    """Have the imports that were merged without this one read and merged beside it; this one where it leaned itself."""
    own = [restored.id] if any(_is_gone(engine, number) for number in restored.preview.get(LEANS_ON, [])) else []
    numbers = [*own, *merged_without(restored)]
    if numbers:
        queue_again(engine, numbers)


def _is_gone(engine: Engine, import_id: int) -> bool:
    job = load_import(engine, import_id)
    return job.deleted_at is not None or job.status != "stored"
