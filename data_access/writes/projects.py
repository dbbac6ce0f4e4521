"""Changes of projects: made, renamed, deleted while nothing belongs to them, restored."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.audit import append_audit
from data_access.base import now
from data_access.database import writing
from data_access.models import Cell, Channel, Import, Project
from data_access.writes.cell_values import check_name
from pressiometry.errors import ForbiddenError, InvalidInputError, NameTakenError, NotFoundError, StaleEditError

FIRST_PROJECT = 1
"""The project that is there from the start, and that takes what names none."""


def create_project(engine: Engine, name: str) -> Project:
    """Return a new project, in which nobody but administrators has a role yet."""
    with writing(engine) as session:
        row = Project(name=_free_name(session, name))
        session.add(row)
        session.flush()
        append_audit(session, "project made", row.name)
        return row


def rename_project(engine: Engine, project_id: int, name: str, *, version: int | None = None) -> Project:
    """Return the project under another name."""
    with writing(engine) as session:
        row = _locked(session, project_id)
        if version is not None and row.version != version:
            raise StaleEditError(
                f"Somebody else changed this project: version {row.version}, your edit began at {version}",
                where=row.name,
                remedy="Load it again and repeat the edit.",
            )
        before, row.name = row.name, _free_name(session, name, but=project_id)
        if before != row.name:
            row.version += 1
            append_audit(session, "project renamed", row.name, details={"before": before})
        return row


def delete_project(engine: Engine, project_id: int) -> Project:
    """Return the project, deleted.  ForbiddenError for the first one, and while something belongs to it."""
    with writing(engine) as session:
        row = _locked(session, project_id)
        if project_id == FIRST_PROJECT:
            raise ForbiddenError("The first project stays", where=row.name, remedy="Rename it instead.")
        counts = {kind: _count(session, table, project_id) for kind, table in _BELONGING.items()}
        if any(counts.values()):
            held = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
            raise ForbiddenError(f"The project is not empty: {held}", where=row.name, remedy="Move them first.")
        row.deleted_at = now()
        row.version += 1
        append_audit(session, "project deleted", row.name)
        return row


def restore_project(engine: Engine, project_id: int) -> Project:
    """Return the project, there again, with the roles that people had in it."""
    with writing(engine) as session:
        row = session.get(Project, project_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"There is no project {project_id}")
        if row.deleted_at is not None:
            _free_name(session, row.name)
            row.deleted_at = None
            row.version += 1
            append_audit(session, "project restored", row.name)
        return row


_BELONGING: dict[str, type[Cell | Channel | Import]] = {"cells": Cell, "instruments": Channel, "imports": Import}


def _count(session: Session, table: type[Cell | Channel | Import], project_id: int) -> int:
    """Return how many rows that are not deleted belong to a project; what has a cell belongs where its cell does."""
    query = select(table.id).where(table.project_id == project_id, table.deleted_at.is_(None))
    if not issubclass(table, Cell):
        query = query.where(table.cell_id.is_(None))
    return len(session.scalars(query).all())


def _free_name(session: Session, name: str, *, but: int | None = None) -> str:
    try:
        checked = check_name(name)
    except ValueError as error:
        problem = str(error).replace("a cell needs", "a project needs")
        raise InvalidInputError("The project cannot have this name", problems=(problem,)) from None
    query = select(Project.id).where(Project.name == checked, Project.deleted_at.is_(None), Project.id != (but or 0))
    if session.scalar(query) is not None:
        raise NameTakenError("Another project has this name", where=checked, remedy="Choose another name.")
    return checked


def _locked(session: Session, project_id: int) -> Project:
    row = session.get(Project, project_id, with_for_update=True)
    if row is None or row.deleted_at is not None:
        raise NotFoundError(f"There is no project {project_id}", remedy="It may have been deleted.")
    return row
