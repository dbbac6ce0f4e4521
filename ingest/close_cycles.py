"""Computes a cell's cycles and curves from its stored records, and stores them.

Called after every import, after an import was undone, and after an edit of the cell's facts; never on a page view.
"""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Engine

from data_access.queries import facts_of, load_cell, load_events, load_tests
from data_access.series import load_cell_mechanical, load_cell_records
from data_access.writes import replace_cycles
from ingest.storing import refresh_pressure
from pressiometry.columns import MECHANICAL_SIGNALS
from pressiometry.cycles import summarise_cycles
from pressiometry.differential import summarise_all_curves
from pressiometry.errors import MissingDataError

NEEDED_COLUMNS = (
    "test_time_second",
    "voltage_volt",
    "current_ampere",
    "instrument_cycle_count",
    "record_index",
    "step_count",
    "cycle_charging_capacity_ah",
    "cycle_discharging_capacity_ah",
    "surface_temperature_celsius",
    *(signal.column for signal in MECHANICAL_SIGNALS),
)
"""What cycles are computed from; everything else of a record stays on disk."""


@dataclass(frozen=True, slots=True)
class ClosedCycles:
    """What was computed: numbers of cycles, and what was assumed for them."""

    complete: int
    in_progress: int
    assumptions: tuple[str, ...]


def close_cycles(engine: Engine, cell_id: int) -> ClosedCycles:
    """Number of cycles computed and stored for the cell; the cycles stored before are replaced.

    A cell without records, or without voltage and current, ends up without cycles.  Raises NotFoundError for an
    unknown cell.
    """
    facts = facts_of(load_cell(engine, cell_id))
    refresh_pressure(engine, cell_id)
    records = load_cell_records(engine, cell_id, columns=NEEDED_COLUMNS)
    mechanical = load_cell_mechanical(engine, cell_id)
    try:
        cycles = summarise_cycles(records, facts, mechanical=mechanical, events=load_events(engine, cell_id))
    except MissingDataError:
        cycles = pd.DataFrame()
    curves = summarise_all_curves(records, cycles, facts, mechanical) if len(cycles) else {}
    tests = load_tests(engine, cell_id)
    test_id = tests[-1].id if tests else None
    replace_cycles(engine, cell_id, test_id, cycles, curves)
    complete = int((cycles["state"] == "complete").sum()) if len(cycles) else 0
    assumptions = tuple(str(text) for text in cycles.attrs.get("assumptions", ()))
    return ClosedCycles(complete, len(cycles) - complete, assumptions)
