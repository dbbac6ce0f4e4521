"""Reads of the results of cycles: of one cell in full, or a few values of many cells at once."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Engine, Float, String, cast, select
from sqlalchemy.orm import undefer

from data_access.codec import unpack_table
from data_access.database import reading
from data_access.models import Cell, Cycle
from pressiometry.columns import CYCLE_COLUMNS

_OWN_COLUMNS = ("cycle_count", "formation_count", "state", "masked", "start_second", "end_second")
WRITTEN = "written"
"""Key in Cell.cycle_attrs: how often the cell's cycles were written; for whoever writes them, not for readers."""


def load_cycles(engine: Engine, cell_id: int) -> pd.DataFrame:
    """Return one row a cycle in order of time, with every column of CYCLE_COLUMNS; numbers absent are NaN.

    `attrs` holds what the science said of all the cycles together.
    """
    query = select(Cycle.results).where(Cycle.cell_id == cell_id).order_by(Cycle.start_second, Cycle.id)
    with reading(engine) as session:
        results = session.scalars(query).all()
        attrs = session.scalar(select(Cell.cycle_attrs).where(Cell.id == cell_id))
    columns: dict[str, pd.Series[Any]] = {}
    for name, column in CYCLE_COLUMNS.items():
        values = [result.get(name) for result in results]
        numeric = column.kind in {"number", "integer"}
        columns[name] = pd.Series(values, dtype="float64" if numeric else "object")
    columns["quality"] = columns["quality"].map(lambda codes: codes or [])
    columns["not_computed"] = columns["not_computed"].map(lambda reasons: reasons or {})
    table = pd.DataFrame(columns)
    table.attrs.update({name: value for name, value in (attrs or {}).items() if name != WRITTEN})
    return table


def load_curves(engine: Engine, cell_id: int, cycle_counts: Sequence[int] | None = None) -> pd.DataFrame:
    """Return the resampled curves of some or all cycles, with cycle_count and formation_count beside them."""
    query = select(Cycle).where(Cycle.cell_id == cell_id, Cycle.curves.is_not(None)).options(undefer(Cycle.curves))
    if cycle_counts is not None:
        query = query.where(Cycle.cycle_count.in_(list(cycle_counts)))
    with reading(engine) as session:
        cycles = session.scalars(query.order_by(Cycle.start_second, Cycle.id)).all()
    tables = []
    for cycle in cycles:
        table = unpack_table(cycle.curves or b"")
        table["cycle_count"] = float("nan") if cycle.cycle_count is None else cycle.cycle_count
        table["formation_count"] = float("nan") if cycle.formation_count is None else cycle.formation_count
        tables.append(table)
    if not tables:
        return pd.DataFrame(columns=["half", "q_ah", "voltage_volt", "signal", "dsignal_dq", "cycle_count"])
    return pd.concat(tables, ignore_index=True)


def load_cycle_values(engine: Engine, cell_ids: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
    """Return cell_id, cycle_count, formation_count, state, masked and the named values, one row a cycle.

    Made for many cells at once: the database takes the few values out of the results.
    """
    own = [Cycle.cell_id, Cycle.cycle_count, Cycle.formation_count, Cycle.state, Cycle.masked]
    wanted = [name for name in names if name not in {"cycle_count", "formation_count", "state", "masked"}]
    picked = [_value(name) for name in wanted]
    query = select(*own, *picked).where(Cycle.cell_id.in_(list(cell_ids)))
    with reading(engine) as session:
        rows = session.execute(query.order_by(Cycle.cell_id, Cycle.start_second, Cycle.id)).all()
    table = pd.DataFrame.from_records(
        [tuple(row) for row in rows], columns=["cell_id", "cycle_count", "formation_count", "state", "masked", *wanted]
    )
    numeric = [name for name in wanted if CYCLE_COLUMNS[name].kind in {"number", "integer"}]
    return table.astype(dict.fromkeys(["cycle_count", "formation_count", *numeric], "float64"))


def _value(name: str) -> Any:
    column = CYCLE_COLUMNS[name]
    if name in _OWN_COLUMNS:
        return getattr(Cycle, name).label(name)
    if column.kind == "list":
        return cast(Cycle.results[name], String).label(name)
    as_text = Cycle.results[name].as_string()
    return (cast(as_text, Float(53)) if column.kind in {"number", "integer"} else as_text).label(name)
