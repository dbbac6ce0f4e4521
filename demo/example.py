"""Puts the example experiment into the store and takes it out again."""

import time
from collections.abc import Callable

from sqlalchemy import Engine

from data_access.base import now
from data_access.models import Cell
from data_access.queries import load_cells, load_cycles
from data_access.series import create_series, store_records
from data_access.writes import create_cell, create_test, delete_cell
from demo.plan import ExampleCell, example_cells
from ingest.close_cycles import close_cycles
from pressiometry.errors import NameTakenError

PATIENCE_SECOND = 20.0
"""A cell of the example that has no cycles for so long was left by a loader that died."""


def load_example(engine: Engine, *, progress: Callable[[float], None] | None = None) -> None:
    """Store the example experiment, with its cycles computed; what is there already is left as it is.

    A cell of the plan that an interrupted loading left without cycles is made anew.  Where a cell of another origin
    has the name, that cell stays and the example's is left out.  `progress` is told the share done, from 0 to 1.
    """
    plan = example_cells()
    for done, planned in enumerate(plan, start=1):
        holder = next((cell for cell in load_cells(engine, archived=True) if cell.name == planned.name), None)
        if holder is None:
            _store(engine, planned)
        elif holder.synthetic == planned.label and not _has_cycles(engine, holder):
            delete_cell(engine, holder.id)
            _store(engine, planned)
        if progress is not None:
            progress(done / len(plan))


def remove_example(engine: Engine) -> int:
    """Number of cells of the example experiment that were deleted; they can be restored like any other."""
    labels = {cell.name: cell.label for cell in example_cells()}
    found = [
        cell for cell in load_cells(engine, archived=True) if cell.synthetic and cell.synthetic == labels.get(cell.name)
    ]
    for cell in found:
        delete_cell(engine, cell.id)
    return len(found)


def _has_cycles(engine: Engine, cell: Cell) -> bool:
    """Whether a cell of the plan is complete; another loader that is at it gets some seconds to finish."""
    while load_cycles(engine, cell.id).empty:
        if (now() - cell.created_at).total_seconds() > PATIENCE_SECOND:
            return False
        time.sleep(0.2)
    return True


def _store(engine: Engine, planned: ExampleCell) -> None:
    """Store one cell with its records and cycles, unless another loader has just taken its name."""
    records = planned.simulate().records
    try:
        cell = create_cell(engine, planned.values())
    except NameTakenError:
        return
    test = create_test(engine, cell.id, name="simulation")
    series = create_series(
        engine, test.id, source="cycler", channel=planned.name, clock="simulation", offset_second=0.0
    )
    store_records(engine, series.id, records.assign(sequence=records["record_index"]), None)
    close_cycles(engine, cell.id)
