"""The results of a cell's cycles, written when cycles close and never recomputed on a page view."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine, delete, insert

from data_access.codec import pack_table
from data_access.database import writing
from data_access.models import Cell, Cycle
from pressiometry.errors import NotFoundError


def replace_cycles(
    engine: Engine,
    cell_id: int,
    test_id: int | None,
    table: pd.DataFrame,
    curves: Mapping[int, pd.DataFrame] | None = None,
) -> int:
    """Return how many cycles the cell now has: exactly those of `table`, as `summarise_cycles` gives it.

    `curves` holds the resampled curves of a cycle under the row's position in `table`.  What the science said of
    all the cycles together (`table.attrs`) is kept with the cell.
    """
    curves = curves or {}
    rows: list[dict[str, Any]] = []
    for position, values in enumerate(table.to_dict("records")):
        results = {str(name): plain for name, value in values.items() if (plain := plain_value(value)) is not None}
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
            }
        )
    with writing(engine) as session:
        cell = session.get(Cell, cell_id, with_for_update=True)
        if cell is None:
            raise NotFoundError(f"There is no cell {cell_id}")
        cell.cycle_attrs = {str(name): plain_value(value) for name, value in table.attrs.items()}
        session.execute(delete(Cycle).where(Cycle.cell_id == cell_id))
        if rows:
            session.execute(insert(Cycle), rows)
    return len(rows)


def plain_value(value: Any) -> Any:  # noqa: PLR0911  # one line a kind of value
    """Return a value as JSON can carry it; whole numbers stay whole, NaN and infinities become None.

    >>> plain_value(np.float64("nan")), plain_value(np.int64(3)), plain_value(("a",))
    (None, 3, ['a'])
    """
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
