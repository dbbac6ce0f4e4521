"""Edits of channels by a person: assigned to a cell or to none, released for another agent."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data_access.changes import record_change
from data_access.database import writing
from data_access.live.moving import give_to, series_from
from data_access.models import Cell, Channel, Series
from pressiometry.errors import InvalidInputError, NotFoundError, StaleEditError


def assign_channel(  # noqa: PLR0913  # an edit of a channel
    engine: Engine, name: str, cell_id: int | None, *, version: int, from_sequence: int | None = None, who: str = ""
) -> Channel:
    """Return the channel, whose rows from a sequence number on are those of a cell; None: of no cell.

    Without `from_sequence`: rows that were kept for no cell yet go along; those of another cell stay there, and the
    next row is the first.  StaleEditError if the channel is no longer the version that the editor saw.
    """
    with writing(engine) as session:
        row = _locked(session, name, version)
        whose = row.cell_id if cell_id is None else cell_id
        if whose is not None:
            row.project_id = _cell(session, whose, deleted=cell_id is None).project_id
        first = _first_sequence(session, row) if from_sequence is None else from_sequence
        behind = 0 if row.last_sequence is None else row.last_sequence + 1
        if not 0 <= first <= behind:
            raise InvalidInputError(
                f"from_sequence is {first}, and the next row of the channel has number {behind} or a later one",
                where=name,
                problems=(f"from_sequence: {first} is not between 0 and {behind}",),
            )
        before = {"cell_id": row.cell_id, "from_sequence": first}
        moved = series_from(session, row.id, first) if first < behind else []
        for one in moved:
            give_to(session, one, cell_id)
        row.cell_id = cell_id
        row.series_id = moved[-1].id if moved else None
        row.version += 1
        session.flush()
        after = {"cell_id": cell_id, "from_sequence": first}
        record_change(session, row, "assigned" if cell_id else "unassigned", who=who, before=before, after=after)
        return row


def unassign(engine: Engine, name: str, *, version: int, from_sequence: int | None = None, who: str = "") -> Channel:
    """Return the channel, whose rows from a sequence number on (the next one) are kept for no cell."""
    return assign_channel(engine, name, None, version=version, from_sequence=from_sequence, who=who)


def release_channel(engine: Engine, name: str, *, version: int, who: str = "") -> Channel:
    """Return the channel, now the agent's that tried to write to it last, or of the next one that does."""
    with writing(engine) as session:
        row = _locked(session, name, version)
        before = {"agent": row.agent}
        row.agent, row.refused_agent = row.refused_agent, None
        row.version += 1
        session.flush()
        record_change(session, row, "released", who=who, before=before, after={"agent": row.agent})
        return row


def free_channels(session: Session, cell_id: int, who: str = "") -> None:
    """Keep the coming rows of a deleted cell's channels for no cell, so that they are seen and can be assigned."""
    rows = session.scalars(
        select(Channel).where(Channel.cell_id == cell_id, Channel.deleted_at.is_(None)).with_for_update()
    )
    for row in rows:
        row.cell_id = row.series_id = None
        row.version += 1
        after = {"cell_id": None, "from_sequence": 0 if row.last_sequence is None else row.last_sequence + 1}
        record_change(session, row, "unassigned", who=who, before={"cell_id": cell_id}, after=after)


def _first_sequence(session: Session, row: Channel) -> int:
    """Return from where on rows go along where nobody said: what is kept for no cell yet, else the next row."""
    series = None if row.series_id is None else session.get(Series, row.series_id)
    if series is not None and series.test_id is None:
        return series.from_sequence
    return 0 if row.last_sequence is None else row.last_sequence + 1


def _cell(session: Session, cell_id: int, *, deleted: bool) -> Cell:
    cell = session.get(Cell, cell_id)
    if cell is None or (cell.deleted_at is not None and not deleted):
        raise NotFoundError(f"There is no cell {cell_id}", remedy="It may have been deleted.")
    return cell


def _locked(session: Session, name: str, version: int | None) -> Channel:
    query = select(Channel).where(Channel.name == name, Channel.deleted_at.is_(None))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFoundError(f"There is no channel {name}")
    if version is not None and row.version != version:
        raise StaleEditError(
            f"The channel was changed by somebody else: it is at version {row.version}, your edit began at {version}",
            where=name,
            remedy="Load it again and repeat the edit.",
        )
    return row
