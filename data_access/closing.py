"""Who computes the cycles of a cell, and what waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select, update

from data_access.database import reading, writing
from data_access.models import Cell, Channel, Hot, Series, Test
from data_access.record_models import CHUNK
from data_access.series.rows import SEQUENCE

EVERYTHING = -1e18
"""Raw time before all records: the whole cell waits to be computed anew."""
BEING_COMPUTED = "The cycles are being computed anew after a change; until then they are shown as they were before it."
"""Stands among the assumptions of a cell whose cycles wait for the live worker."""
_CELL_LOCKS = 0x636C  # PostgreSQL advisory locks of cells


@contextmanager
def closing_alone(engine: Engine, cell_id: int) -> Iterator[bool]:
    """Tell whether this process may compute the cell's cycles now; another one is at it where it is False.

    Only PostgreSQL has several workers.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    with engine.connect() as connection:
        mine = bool(connection.scalar(select(func.pg_try_advisory_lock(_CELL_LOCKS, cell_id))))
        connection.commit()
        try:
            yield mine
        finally:
            if mine:
                connection.execute(select(func.pg_advisory_unlock(_CELL_LOCKS, cell_id)))
                connection.commit()


def load_left_series(engine: Engine) -> list[int]:
    """Return the series of channels whose rows go to another one by now."""
    current = select(Channel.series_id).where(Channel.series_id.is_not(None))
    query = select(Series.id).where(Series.channel_id.is_not(None), Series.id.not_in(current)).order_by(Series.id)
    with reading(engine) as session:
        return list(session.scalars(query))


def count_records(engine: Engine, cell_id: int) -> int:
    """Return how many records the cell has, those of hidden imports too."""
    of_cell = select(Series.id).join(Test, Test.id == Series.test_id).where(Test.cell_id == cell_id)
    c = CHUNK.c
    sealed = select(func.sum(c.n)).where(c.series_id.in_(of_cell), c.level == 0, c.quantity == SEQUENCE)
    hot = select(func.count()).select_from(Hot).where(Hot.series_id.in_(of_cell))
    with reading(engine) as session:
        return int(session.scalar(sealed) or 0) + int(session.scalar(hot) or 0)


def leave_to_worker(engine: Engine, cell_id: int) -> bool:
    """Whether the cell's cycles now wait for the live worker to compute all of them; False for a cell of no series."""
    of_cell = select(func.min(Series.id)).join(Test, Test.id == Series.test_id).where(Test.cell_id == cell_id)
    with writing(engine) as session:
        series_id = session.scalar(of_cell)
        if series_id is None:
            return False
        values = {"unclosed_from_second": EVERYTHING}
        session.execute(update(Series).where(Series.id == series_id).values(**values))
        cell = session.get(Cell, cell_id, with_for_update=True)
        if cell is not None:
            cell.closed_with = None
            cell.cycle_attrs = {**cell.cycle_attrs, "assumptions": [BEING_COMPUTED]}
            cell.cycles_revision += 1
        return True


def waits_for_worker(engine: Engine, cell_id: int) -> bool:
    """Whether all cycles of the cell wait to be computed anew."""
    first = func.min(func.coalesce(Series.unclosed_from_second, Series.closing_from_second))
    claimed = func.min(Series.closing_from_second)
    query = select(first, claimed).join(Test, Test.id == Series.test_id).where(Test.cell_id == cell_id)
    with reading(engine) as session:
        return any(moment is not None and moment <= EVERYTHING for moment in session.execute(query).one())
