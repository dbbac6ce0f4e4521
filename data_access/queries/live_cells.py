"""What the live pages ask of every cell, twice a second: a few columns, never records."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Engine, or_, select

from data_access.database import reading
from data_access.models import Cell
from data_access.queries.states import last_cycles
from data_access.record_models import HOT, LIVE

_ROWS_A_QUERY = 100


class LiveCell(NamedTuple):
    """What a live page shows of a cell beside its values."""

    cell_id: int
    name: str
    state: str
    synthetic: str | None
    cycles_revision: int
    project_id: int


def load_live_cells(engine: Engine) -> dict[int, LiveCell]:
    """Return every cell that is not deleted, by its number."""
    columns = (Cell.id, Cell.name, Cell.state, Cell.synthetic, Cell.cycles_revision, Cell.project_id)
    query = select(*columns).where(Cell.deleted_at.is_(None))
    with reading(engine) as session:
        return {row.id: LiveCell(*row) for row in session.execute(query)}


def load_last_rows(engine: Engine, sequences: Mapping[int, int], columns: Sequence[str]) -> dict[int, dict[str, float]]:
    """Return the measured values of one live row of each series, named by its sequence number; raw clock.

    A row that lies in a chunk is not found: it is not a recent one.
    """
    h = HOT.c
    wanted = [(h.series_id == series) & (h.sequence == sequence) for series, sequence in sequences.items()]
    found: dict[int, dict[str, float]] = {}
    with reading(engine) as session:
        for start in range(0, len(wanted), _ROWS_A_QUERY):
            some = or_(*wanted[start : start + _ROWS_A_QUERY])
            query = select(h.series_id, *(h[name] for name in columns)).where(h.import_id == LIVE, some)
            for series_id, *values in session.execute(query):
                pairs = zip(columns, values, strict=True)
                found[series_id] = {name: value for name, value in pairs if value is not None}
    return found


def load_hot_rows(
    engine: Engine, sequences: Mapping[int, int], columns: Sequence[str]
) -> dict[int, list[tuple[float | None, ...]]]:
    """Return (sequence, *columns) of the recent live rows of each series from a sequence number on; raw clock.

    They are all there are if the row of that number is among them: rows are packed into chunks in their order.
    """
    h = HOT.c
    wanted = [(h.series_id == series) & (h.sequence >= sequence) for series, sequence in sequences.items()]
    found: dict[int, list[tuple[float | None, ...]]] = {series: [] for series in sequences}
    with reading(engine) as session:
        for start in range(0, len(wanted), _ROWS_A_QUERY):
            some = or_(*wanted[start : start + _ROWS_A_QUERY])
            query = select(h.series_id, h.sequence, *(h[name] for name in columns)).where(h.import_id == LIVE, some)
            for series_id, *row in session.execute(query.order_by(h.series_id, h.sequence)):
                found[series_id].append(tuple(row))
    return found


def load_last_cycles(engine: Engine, cell_ids: Collection[int]) -> dict[int, tuple[int | None, str]]:
    """Return number and state of the newest cycle of some cells."""
    if not cell_ids:
        return {}
    with reading(engine) as session:
        return {cell: (cycle_count, state) for cell, cycle_count, state in last_cycles(session, list(cell_ids))}
