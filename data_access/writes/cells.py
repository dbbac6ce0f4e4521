"""Changes of cells: create, edit, delete, restore, archive, undo."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data_access.base import now
from data_access.changes import as_json, record_change, values_of
from data_access.database import reading, writing
from data_access.models import Cell, Change, Project
from data_access.scope import current_scope
from data_access.writes.bin import BIN_DAYS, is_over
from data_access.writes.cell_values import FIELDS, check_cell_values, read_cell_values, refused_values
from data_access.writes.channels import free_channels
from pressiometry.errors import NameTakenError, NotFoundError, StaleEditError

_NAME_TAKEN = "name: another cell has this name"


def create_cell(engine: Engine, values: Mapping[str, Any], *, who: str = "") -> Cell:
    """Return the new cell.

    InvalidInputError names every problem, a taken name among them; NameTakenError where that is the only one.
    """
    try:
        with writing(engine) as session:
            return _create(session, values, who)
    except IntegrityError as error:  # two writers at once on PostgreSQL
        raise _name_taken(str(values.get("name"))) from error


def _create(session: Session, values: Mapping[str, Any], who: str) -> Cell:
    checked = _checked(session, values, None)
    _check_name_is_free(session, checked["name"])
    cell = Cell(**checked)
    session.add(cell)
    session.flush()
    record_change(session, cell, "created", who=who, after=values_of(cell))
    return cell


def update_cell(engine: Engine, cell_id: int, values: Mapping[str, Any], *, version: int, who: str = "") -> Cell:
    """Return the cell with the new values; only what differs is recorded.

    StaleEditError if the cell is no longer the version that the editor saw.
    """
    try:
        with writing(engine) as session:
            cell = _locked(session, cell_id)
            checked = _checked(session, values, cell)
            _check_version(cell, version)
            _apply(session, cell, checked, action="updated", who=who)
            return cell
    except IntegrityError as error:
        raise _name_taken(str(values.get("name"))) from error


def create_cells(engine: Engine, many: Sequence[Mapping[str, Any]], *, who: str = "") -> list[Cell]:
    """Return the new cells: all of them, or none and the error of the first that cannot be."""
    cells: list[Cell] = []
    try:
        with writing(engine) as session:
            cells.extend(_create(session, values, who) for values in many)
    except IntegrityError as error:  # a cell that this person does not see has the name
        raise _name_taken(str(many[len(cells)].get("name"))) from error
    return cells


def cell_problems(engine: Engine, values: Mapping[str, Any], *, cell_id: int | None = None) -> list[str]:
    """Return every problem of the values of a new cell, or of an edited one; a name that is taken is one."""
    with reading(engine) as session:
        cell = None if cell_id is None else session.get(Cell, cell_id)
        return _read(session, values, cell)[1]


def _checked(session: Session, values: Mapping[str, Any], cell: Cell | None) -> dict[str, Any]:
    """Return the values as they are stored.  That the name alone is wrong is for `_check_name_is_free` to say."""
    checked, problems = _read(session, values, cell)
    if problems and problems != [_NAME_TAKEN]:
        raise refused_values(problems)
    return checked


def _read(session: Session, values: Mapping[str, Any], cell: Cell | None) -> tuple[dict[str, Any], list[str]]:
    known = None if cell is None else {"state": cell.state, "cause": cell.cause}
    checked, problems = read_cell_values(values, new=cell is None, known=known)
    if "name" in checked and _holder(session, checked["name"], but=None if cell is None else cell.id) is not None:
        problems.append(_NAME_TAKEN)
    if "project_id" in checked and not _may_hold_cells(session, checked["project_id"]):
        problems.append(f"project_id: there is no project {checked['project_id']} in which you may edit cells")
    return checked, problems


def _may_hold_cells(session: Session, project_id: int) -> bool:
    """Return whether there is such a project, and whoever asks may edit what is in it."""
    editable = current_scope().editable
    project = session.get(Project, project_id)
    return project is not None and project.deleted_at is None and (editable is None or project_id in editable)


def delete_cell(engine: Engine, cell_id: int, *, version: int | None = None, who: str = "") -> Cell:
    """Return the deleted cell; it can be restored for 30 days.  StaleEditError if `version` is not its version."""
    return _stamp(engine, cell_id, "deleted_at", now(), action="deleted", who=who, version=version)


def restore_cell(engine: Engine, cell_id: int, *, who: str = "") -> Cell:
    """Return the restored cell; NameTakenError if its name was taken meanwhile, NotFoundError after 30 days."""
    return _stamp(engine, cell_id, "deleted_at", None, action="restored", who=who)


def archive_cell(engine: Engine, cell_id: int, *, who: str = "") -> Cell:
    """Return the archived cell: kept, but off the Overview."""
    return _stamp(engine, cell_id, "archived_at", now(), action="archived", who=who)


def unarchive_cell(engine: Engine, cell_id: int, *, who: str = "") -> Cell:
    """Return the cell, on the Overview again."""
    return _stamp(engine, cell_id, "archived_at", None, action="unarchived", who=who)


def undo_change(engine: Engine, change_id: int, *, who: str = "") -> Cell:
    """Return the cell as it was before the change.

    StaleEditError if the values that the change set have been changed since.
    """
    with writing(engine) as session:
        change = session.get(Change, change_id)
        if change is None or change.kind != Cell.__tablename__:
            raise NotFoundError(f"There is no change {change_id} of a cell")
        cell = _locked(session, change.object_id, deleted=True)
        if change.action == "created":
            before: dict[str, Any] = {"deleted_at": now()}
        else:
            current = values_of(cell)
            changed = [name for name, value in change.after.items() if current[name] != value]
            if changed:
                raise StaleEditError(
                    f"The change cannot be undone: {', '.join(changed)} has been changed again since",
                    where=cell.name,
                    remedy="Undo the later change first.",
                )
            before = {name: _from_json(name, value) for name, value in change.before.items()}
        _apply(session, cell, before, action="undone", who=who, undoes_id=change.id)
        return cell


def _stamp(  # noqa: PLR0913
    engine: Engine,
    cell_id: int,
    field: str,
    moment: datetime | None,
    *,
    action: str,
    who: str,
    version: int | None = None,
) -> Cell:
    with writing(engine) as session:
        cell = _locked(session, cell_id, deleted=action != "deleted")
        if version is not None:
            _check_version(cell, version)
        if (getattr(cell, field) is None) != (moment is None):
            _apply(session, cell, {field: moment}, action=action, who=who)
        return cell


def _apply(  # noqa: PLR0913
    session: Session, cell: Cell, values: Mapping[str, Any], *, action: str, who: str, undoes_id: int | None = None
) -> None:
    """Set what differs and record it; the cell's version counts the changes."""
    different = {name: value for name, value in values.items() if getattr(cell, name) != value}
    if not different:
        return
    comes_back = "deleted_at" in different and different["deleted_at"] is None
    if comes_back and is_over(cell.deleted_at):
        raise NotFoundError(f"The cell was deleted more than {BIN_DAYS} days ago, for good", where=cell.name)
    if "name" in different or comes_back:
        _check_name_is_free(session, different.get("name", cell.name), but=cell.id)
    before = {name: as_json(getattr(cell, name)) for name in different}
    for name, value in different.items():
        setattr(cell, name, value)
    cell.version += 1
    if different.get("deleted_at") is not None:
        free_channels(session, cell.id, who)
    session.flush()
    after = {name: as_json(value) for name, value in different.items()}
    record_change(session, cell, action, who=who, before=before, after=after, undoes_id=undoes_id)


def _check_version(cell: Cell, version: int) -> None:
    if cell.version != version:
        raise StaleEditError(
            f"The cell was changed by somebody else: it is at version {cell.version}, your edit began at {version}",
            where=cell.name,
            remedy="Load it again and repeat the edit.",
        )


def _locked(session: Session, cell_id: int, *, deleted: bool = False) -> Cell:
    cell = session.get(Cell, cell_id, with_for_update=True)
    if cell is None or (cell.deleted_at is not None and not deleted):
        raise NotFoundError(f"There is no cell {cell_id}", remedy="It may have been deleted.")
    return cell


def _check_name_is_free(session: Session, name: str, *, but: int | None = None) -> None:
    if _holder(session, name, but=but) is not None:
        raise _name_taken(name)


def _holder(session: Session, name: str, *, but: int | None = None) -> int | None:
    """Return the cell that has a name."""
    return session.scalar(select(Cell.id).where(Cell.name == name, Cell.deleted_at.is_(None), Cell.id != (but or 0)))


def _name_taken(name: str) -> NameTakenError:
    return NameTakenError("Another cell has this name", where=name, remedy="Choose another name.")


def _from_json(name: str, value: Any) -> Any:
    if value is not None and name.endswith("_at"):
        return datetime.fromisoformat(value)
    return check_cell_values({name: value}, new=False)[name] if name in FIELDS else value
