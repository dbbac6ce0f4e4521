"""The state of every cell at a glance, for the Overview: last values, present step, last cycle."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from data_access.database import reading
from data_access.models import Cell, Cycle, Series, Test
from data_access.record_models import CHUNK, HOT
from data_access.series.mechanical_source import CYCLER, KEEP_FILE, LOGGED, chosen_sources
from data_access.series.rows import SEQUENCE, TIME
from data_access.series.strands import StrandKey, visible_strands

LAST_VALUES = (
    "test_time_second", "unix_time_second", "voltage_volt", "current_ampere", "surface_pressure_mpa",
    "thickness_micrometre", "strain", "surface_temperature_celsius", "ambient_temperature_celsius",
)  # fmt: skip
_REST_AMPERE = 1e-9
_COLUMNS = ("cell_id", "rows", *LAST_VALUES, "step", "last_cycle_count", "last_cycle_state")


def load_cell_states(engine: Engine) -> pd.DataFrame:
    """Return one row a cell that is neither archived nor deleted: its last values and what it does now.

    Columns: cell_id, rows (records stored), the last value of each of LAST_VALUES (time on the cell's axis),
    step ("charge", "discharge", "rest" or None), last_cycle_count and last_cycle_state.
    """
    with reading(engine) as session:
        cells = session.scalars(
            select(Cell.id).where(Cell.archived_at.is_(None), Cell.deleted_at.is_(None)).order_by(Cell.id)
        ).all()
        query = select(Series.id, Test.cell_id, Series.offset_second, Series.source).join(
            Test, Test.id == Series.test_id
        )
        series = {
            row.id: row for row in session.execute(query.where(Test.cell_id.in_(cells), Test.deleted_at.is_(None)))
        }
        strands = visible_strands(session, list(series))
        states: dict[int, dict[str, object]] = {cell_id: {"cell_id": cell_id, "rows": 0} for cell_id in cells}
        imports: dict[int, set[int]] = {cell_id: set() for cell_id in cells}
        for key in strands:
            imports[series[key.series_id].cell_id].add(key.import_id)
        choices = chosen_sources(session, imports)
        times: dict[tuple[int, str], tuple[bool, float]] = {}
        known = _last_values(session, list(series))
        for key in strands:
            _, cell_id, offset, source = series[key.series_id]
            is_chosen = (source == CYCLER) == (choices[cell_id] == KEEP_FILE)
            count, last = known.get(key, (0, {}))
            state = states[cell_id]
            state["rows"] = int(str(state["rows"])) + count
            moment = last.pop(TIME, -np.inf) + offset
            for name, value in ((TIME, moment), *last.items()):
                rank = is_chosen or name not in LOGGED, moment
                if rank >= times.get((cell_id, name), (False, -np.inf)) and np.isfinite(moment):
                    times[cell_id, name], state[name] = rank, value
        for cell_id, cycle_count, cycle_state in last_cycles(session, list(cells)):
            states[cell_id] |= {"last_cycle_count": cycle_count, "last_cycle_state": cycle_state}
    table = pd.DataFrame([{**dict.fromkeys(_COLUMNS), **state} for state in states.values()], columns=list(_COLUMNS))
    table = table.astype(dict.fromkeys([*LAST_VALUES, "last_cycle_count"], "float64"))
    table["step"] = [step_of(current) for current in table["current_ampere"]]
    return table


def step_of(current: float) -> str | None:
    """Return what a cell does at a current, A: "charge", "discharge" or "rest"; None where it is not known."""
    if np.isnan(current):
        return None
    return "rest" if abs(current) <= _REST_AMPERE else "charge" if current > 0 else "discharge"


def _last_values(session: Session, series_ids: Collection[int]) -> dict[StrandKey, tuple[int, dict[str, float]]]:
    """Return for every strand its number of records and the values of its last one: four queries for all."""
    c, h = CHUNK.c, HOT.c
    found: dict[StrandKey, tuple[int, dict[str, float]]] = {}
    ends: dict[StrandKey, int] = {}
    sealed = (c.series_id.in_(series_ids), c.level == 0)
    summary = select(
        c.series_id,
        c.import_id,
        func.sum(c.n).label("n"),
        func.max(c.seq0).label("seq0"),
        func.max(c.seq1).label("seq1"),
    ).where(*sealed, c.quantity == SEQUENCE)
    summary = summary.group_by(c.series_id, c.import_id)
    for series_id, import_id, count, _, end in session.execute(summary):
        found[StrandKey(series_id, import_id)] = int(count), {}
        ends[StrandKey(series_id, import_id)] = end
    last = summary.subquery().c
    same = (c.series_id == last.series_id) & (c.import_id == last.import_id) & (c.seq0 == last.seq0)
    query = select(c.series_id, c.import_id, c.quantity, c.last).join_from(last.seq0.table, CHUNK, same)
    for series_id, import_id, quantity, value in session.execute(query.where(*sealed, c.quantity.in_(LAST_VALUES))):
        if value is not None:
            found[StrandKey(series_id, import_id)][1][quantity] = value
    recent = select(h.series_id, h.import_id, func.count().label("n"), func.max(h.sequence).label("sequence"))
    recent = recent.where(h.series_id.in_(series_ids)).group_by(h.series_id, h.import_id)
    newest = recent.subquery().c
    at = (h.series_id == newest.series_id) & (h.import_id == newest.import_id) & (h.sequence == newest.sequence)
    values = [h[name] for name in LAST_VALUES]
    rows = select(h.series_id, h.import_id, newest.n, h.sequence, *values).join_from(newest.n.table, HOT, at)
    for series_id, import_id, count, sequence, *measured in session.execute(rows):
        key = StrandKey(series_id, import_id)
        sealed_count, shown = found.get(key, (0, {}))
        if sequence > ends.get(key, sequence - 1):
            shown = {name: one for name, one in zip(LAST_VALUES, measured, strict=True) if one is not None}
        found[key] = sealed_count + count, shown
    return found


def last_cycles(session: Session, cell_ids: list[int]) -> list[tuple[int, int | None, str]]:
    """Return cell, number and state of the newest cycle of each cell that has any."""
    latest = (
        select(Cycle.cell_id, func.max(Cycle.start_second).label("start"))
        .where(Cycle.cell_id.in_(cell_ids))
        .group_by(Cycle.cell_id)
        .subquery()
    )
    same = (Cycle.cell_id == latest.c.cell_id) & (Cycle.start_second == latest.c.start)
    query = select(Cycle.cell_id, Cycle.cycle_count, Cycle.state).join(latest, same)
    return [(row.cell_id, row.cycle_count, row.state) for row in session.execute(query)]
