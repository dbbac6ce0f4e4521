"""The results of a cell's cycles, written when cycles close and never recomputed on a page view."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from data_access.codec import pack_table
from data_access.database import writing
from data_access.models import Cell, Cycle
from data_access.queries.cycles import WRITTEN
from pressiometry.errors import NotFoundError, StaleEditError

Curves = Mapping[int, pd.DataFrame | Mapping[str, ArrayLike]]
MOST_COMPARED = 100
"""More cycles than this are not compared with those that they replace: they count as changed."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a table of cycles was computed from, beside the records, and what it tells to later cycles."""

    written: int | None = None
    """How often the cycles had been written when the records were read; None: it does not matter."""
    closed_with: str | None = None
    """Fingerprint of the facts, events and sources."""
    evidence: Sequence[Mapping[str, Any]] = field(default=())
    """What each cycle tells of its cell."""


def replace_cycles(  # noqa: PLR0913  # a table, its curves, where it begins and what it was built on
    engine: Engine,
    cell_id: int,
    test_id: int | None,
    table: pd.DataFrame,
    curves: Curves | None = None,
    *,
    keep: int = 0,
    built: Built | None = None,
) -> int:
    """Return how many cycles the cell now has: the first `keep` that it had, and after them those of `table`.

    `table` is as `summarise_cycles` gives it; `curves` holds the curves of a cycle under the row's position in it.
    What the science said of all the cycles together (`table.attrs`) is kept with the cell.

    Raises NotFoundError for an unknown cell, StaleEditError where somebody else has written the cycles meanwhile.
    """
    built = built or Built()
    rows = _rows(cell_id, test_id, table, curves or {}, built.evidence)
    with writing(engine) as session:
        cell = session.get(Cell, cell_id, with_for_update=True)
        if cell is None:
            raise NotFoundError(f"There is no cell {cell_id}")
        written = cell.cycle_attrs.get(WRITTEN, 0)
        if built.written not in {None, written}:
            raise StaleEditError("The cycles were computed anew meanwhile", remedy="Compute them once more.")
        cell.cycle_attrs = {str(name): plain_value(value) for name, value in table.attrs.items()}
        cell.cycle_attrs |= {WRITTEN: written + 1}
        cell.closed_with = built.closed_with
        replaced = session.scalars(_ids(cell_id).offset(keep)).all()
        if _differ(session, replaced, rows):
            cell.cycles_revision += 1
        for start in range(0, len(replaced), MOST_COMPARED):
            session.execute(delete(Cycle).where(Cycle.id.in_(replaced[start : start + MOST_COMPARED])))
        if rows:
            session.execute(insert(Cycle), rows)
    return keep + len(rows)


def _ids(cell_id: int) -> Any:
    return select(Cycle.id).where(Cycle.cell_id == cell_id).order_by(Cycle.start_second, Cycle.id)


def _differ(session: Session, replaced: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a page would show something else: a cycle more or less, or one that is closed with other results.

    The cycle in progress moves on all the time; pages draw that from the records.
    """
    if len(replaced) != len(rows) or len(rows) > MOST_COMPARED:
        return True
    query = select(Cycle.state, Cycle.results).where(Cycle.id.in_(replaced)).order_by(Cycle.start_second, Cycle.id)
    for (state, results), row in zip(session.execute(query), rows, strict=True):
        if state != row["state"] or (state == "complete" and results != row["results"]):
            return True
    return False


def _rows(
    cell_id: int, test_id: int | None, table: pd.DataFrame, curves: Curves, evidence: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The database rows of the cycles of a table."""
    columns = [(str(name), plain_values(table[name])) for name in table.columns]
    rows = []
    for position in range(len(table)):
        results = {name: value for name, values in columns if (value := values[position]) is not None}
        curve = curves.get(position)
        rows.append(
            {
                "cell_id": cell_id,
                "test_id": test_id,
                "cycle_count": results.get("cycle_count"),
                "formation_count": results.get("formation_count"),
                "state": results.get("state", "complete"),
                "start_second": results["start_second"],
                "end_second": results["end_second"],
                "masked": int(results.get("masked", 0)),
                "results": results,
                "curves": None if curve is None else pack_table(curve),
                "evidence": dict(evidence[position]) if evidence else None,
            }
        )
    return rows


def plain_values(column: "pd.Series[Any]") -> list[Any]:
    """Return the values of a column as JSON can carry them, like plain_value.

    >>> plain_values(pd.Series([1.5, float("nan")]))
    [1.5, None]
    """
    if column.dtype.kind != "f":
        return [plain_value(value) for value in column]
    values = column.to_numpy()
    known: Iterable[bool] = np.isfinite(values).tolist()
    return [value if there else None for value, there in zip(values.tolist(), known, strict=True)]


def plain_value(value: Any) -> Any:  # noqa: PLR0911  # one line a kind of value
    """Return a value as JSON can carry it; whole numbers stay whole, NaN and infinities become None.

    >>> plain_value(np.float64("nan")), plain_value(np.int64(3)), plain_value(("a",))
    (None, 3, ['a'])
    """
    if type(value) is str:
        return value
    if isinstance(value, Mapping):
        return {str(name): plain_value(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain_value(one) for one in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return str(value)
