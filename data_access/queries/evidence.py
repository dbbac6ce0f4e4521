"""What the stored cycles of a cell tell to those after them; read where cycles are computed, on no page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from data_access.database import reading
from data_access.models import Cell, Cycle
from data_access.queries.cycles import WRITTEN
from pressiometry.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """The evidence of a cell's stored cycles in the order of time, and what they were computed with."""

    written: int
    """How often the cycles were written: whoever writes next must have seen this."""
    closed_with: str | None
    start_seconds: Sequence[float]
    evidence: Sequence[Any]
    """One a cycle; None where the cycle was stored without."""


def load_evidence(
    engine: Engine, cell_id: int, known: StoredEvidence | None = None, *, only_written: bool = False
) -> StoredEvidence:
    """Return the evidence of a cell's cycles; `known` itself where nobody has written them since.

    `only_written`: how often they were written, and no evidence.

    Raises NotFoundError for an unknown cell.
    """
    query = select(Cycle.start_second, Cycle.evidence).where(Cycle.cell_id == cell_id)
    with reading(engine) as session:
        found = session.execute(select(Cell.cycle_attrs, Cell.closed_with).where(Cell.id == cell_id)).one_or_none()
        if found is None:
            raise NotFoundError(f"There is no cell {cell_id}")
        written = int(found.cycle_attrs.get(WRITTEN, 0))
        if known is not None and (known.written, known.closed_with) == (written, found.closed_with):
            return known
        rows = [] if only_written else session.execute(query.order_by(Cycle.start_second, Cycle.id)).all()
    return StoredEvidence(written, found.closed_with, [row[0] for row in rows], [row[1] for row in rows])
