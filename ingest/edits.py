"""Edits of a cell: stored, and where they change what its cycles are computed from, the cycles anew."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Engine

from data_access.models import Cell
from data_access.queries import facts_of, load_cell, load_changes
from data_access.writes import undo_change, update_cell
from ingest.close_cycles import close_or_leave
from pressiometry.facts import CellFacts

_FACTS = {field.name for field in fields(CellFacts)}


def edit_cell(engine: Engine, cell_id: int, values: Mapping[str, Any], *, version: int) -> Cell:
    """The cell with the new values, its cycles computed with them, or left to the live worker where they are many.

    Raises InvalidInputError, NameTakenError, NotFoundError, and StaleEditError where the cell is no longer the
    version that the editor saw.
    """
    before = facts_of(load_cell(engine, cell_id))
    cell = update_cell(engine, cell_id, values, version=version)
    if facts_of(cell) != before:
        close_or_leave(engine, cell_id)
    return cell


def undo(engine: Engine, change_id: int) -> Cell:
    """The cell as it was before a change, its cycles computed with the values that it has again."""
    cell = undo_change(engine, change_id)
    (undone,) = load_changes(engine, kind="cell", object_id=cell.id, limit=1)
    if _FACTS & undone.after.keys():
        close_or_leave(engine, cell.id)
    return cell
