"""What the live pages ask of every cell, twice a second: a few columns, never records."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Engine, select

from data_access.database import reading
from data_access.models import Cell
from data_access.queries.states import last_cycles


class LiveCell(NamedTuple):
    """What a live page shows of a cell beside its values."""

    cell_id: int
    name: str
    state: str
    synthetic: str | None
    cycles_revision: int


def load_live_cells(engine: Engine) -> dict[int, LiveCell]:
    """Return every cell that is not deleted, by its number."""
    columns = (Cell.id, Cell.name, Cell.state, Cell.synthetic, Cell.cycles_revision)
    query = select(*columns).where(Cell.deleted_at.is_(None))
    with reading(engine) as session:
        return {row.id: LiveCell(*row) for row in session.execute(query)}


def load_last_cycles(engine: Engine, cell_ids: Collection[int]) -> dict[int, tuple[int | None, str]]:
    """Return number and state of the newest cycle of some cells."""
    if not cell_ids:
        return {}
    with reading(engine) as session:
        return {cell: (cycle_count, state) for cell, cycle_count, state in last_cycles(session, list(cell_ids))}
