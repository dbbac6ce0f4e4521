"""Reads of cells and what belongs to them."""

from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Engine, select

from data_access.database import reading
from data_access.models import Cell, Change, Event, Profile, Setting, Test
from pressiometry.errors import NotFoundError
from pressiometry.facts import CellFacts


def load_cells(engine: Engine, *, archived: bool = False, deleted: bool = False) -> list[Cell]:
    """Return the cells, oldest first; archived and deleted ones only when asked for."""
    query = select(Cell).order_by(Cell.id)
    if not archived:
        query = query.where(Cell.archived_at.is_(None))
    if not deleted:
        query = query.where(Cell.deleted_at.is_(None))
    with reading(engine) as session:
        return list(session.scalars(query))


def load_cell(engine: Engine, cell_id: int) -> Cell:
    """Return the cell; NotFoundError if there is none, or it was deleted."""
    with reading(engine) as session:
        cell = session.get(Cell, cell_id)
    if cell is None or cell.deleted_at is not None:
        raise NotFoundError(f"There is no cell {cell_id}", remedy="It may have been deleted.")
    return cell


def facts_of(cell: Cell) -> CellFacts:
    """Return what the science needs to know of a cell.

    >>> facts_of(Cell(cell_type="full", active_mass_mg=16.72, electrode_diameter_mm=13.0)).active_mass_g
    0.01672
    """
    known: dict[str, Any] = {field.name: getattr(cell, field.name) for field in fields(CellFacts)}
    return CellFacts(**{name: value for name, value in known.items() if value is not None})


def load_tests(engine: Engine, cell_id: int) -> list[Test]:
    """Return the tests of a cell, oldest first."""
    with reading(engine) as session:
        return list(
            session.scalars(select(Test).where(Test.cell_id == cell_id, Test.deleted_at.is_(None)).order_by(Test.id))
        )


def load_events(engine: Engine, cell_id: int) -> list[Event]:
    """Return the events of a cell, in time order."""
    query = select(Event).where(Event.cell_id == cell_id, Event.deleted_at.is_(None))
    with reading(engine) as session:
        return list(session.scalars(query.order_by(Event.start_second, Event.id)))


def load_changes(
    engine: Engine, *, kind: str | None = None, object_id: int | None = None, limit: int = 100
) -> list[Change]:
    """Return the latest changes, newest first: of everything, of a kind ("cell", ...) or of one object."""
    query = select(Change).order_by(Change.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Change.kind == kind)
    if object_id is not None:
        query = query.where(Change.object_id == object_id)
    with reading(engine) as session:
        return list(session.scalars(query))


def load_profile(engine: Engine, fingerprint: str) -> Profile | None:
    """Return what was answered for this header before, or None."""
    query = select(Profile).where(Profile.fingerprint == fingerprint, Profile.deleted_at.is_(None))
    with reading(engine) as session:
        return session.scalar(query)


def load_setting(engine: Engine, name: str) -> dict[str, Any] | None:
    """Return the value of a setting, or None if it was never saved."""
    query = select(Setting.value).where(Setting.name == name, Setting.deleted_at.is_(None))
    with reading(engine) as session:
        return cast("dict[str, Any] | None", session.scalar(query))
