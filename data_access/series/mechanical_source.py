"""Which instrument gives a cell's mechanical quantities where a cycler's file and a logger both measured them.

One of them holds for the whole cell, in its records, its overview and its cycles alike: the logger, unless the person
who was asked about the import that made it two said "file".  Undoing that import takes the word back.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from data_access.models import Import, Series
from pressiometry.columns import MECHANICAL_SIGNALS

CYCLER = "cycler"
"""The `source` of a series that a cycler wrote; any other is a logger's: force, pressure, thickness or strain."""

SIGNALS = tuple(signal.column for signal in MECHANICAL_SIGNALS)
LOGGED = (*SIGNALS, "force_newton", "analogue_input_volt")
"""What a logger may measure."""

MECHANICAL_TWICE = "mechanical_twice"
"""Code of the question, and key of its answer in Import.answers."""

USE_LOG, KEEP_FILE = "log", "file"
"""The answers that choose a source."""


def chosen_sources(session: Session, imports_of_cells: Mapping[int, Collection[int]]) -> dict[int, str]:
    """Return USE_LOG or KEEP_FILE for each cell, from its imports that count: the latest answer holds."""
    asked = {import_id for ids in imports_of_cells.values() for import_id in ids}
    c = Import.__table__.c
    query = select(c.id, c.answers).where(c.id.in_(asked)).order_by(c.id)
    said = {row.id: row.answers[MECHANICAL_TWICE] for row in session.execute(query) if MECHANICAL_TWICE in row.answers}
    return {
        cell_id: said[max(ids & said.keys())] if (ids := set(import_ids)) & said.keys() else USE_LOG
        for cell_id, import_ids in imports_of_cells.items()
    }


def chosen_source(session: Session, series: Sequence[Series]) -> str:
    """Return USE_LOG or KEEP_FILE for the cell whose visible series these are."""
    return chosen_sources(session, {0: [one.import_id for one in series if one.import_id is not None]})[0]


def comes_from_logger(name: str, by_cycler: Collection[str], by_logger: Collection[str], choice: str) -> bool:
    """Whether the cell's values of a quantity are the logger's, from what each instrument measured."""
    if name not in LOGGED or name not in by_logger:
        return False
    return choice == USE_LOG or name not in by_cycler
