"""Computes a cell's cycles and curves from its stored records, and stores them.

`close_cycles` reads all records: after every import, after one was undone, and after an edit of the cell's facts;
`advance_cycles` (its own file) only those that new rows touch.  Neither is ever called on a page view.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import pandas as pd
from sqlalchemy import Engine

from data_access.closing import count_records, leave_to_worker
from data_access.models import Event
from data_access.queries import facts_of, load_cell, load_events, load_tests
from data_access.queries.evidence import StoredEvidence, load_evidence
from data_access.series import load_cell_mechanical, load_cell_records
from data_access.writes import replace_cycles
from data_access.writes.cycles import Built
from data_access.writes.silences import FEED
from ingest.storing import refresh_pressure
from pressiometry.columns import MECHANICAL_SIGNALS
from pressiometry.cycles import Closed, find_cycles
from pressiometry.errors import MissingDataError, StaleEditError
from pressiometry.facts import CellFacts
from pressiometry.past import NO_PAST, Past
from pressiometry.plausible import mask_implausible

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

DEFINITIONS = "1"
"""Counted up whenever cycles are computed otherwise than before: those that are stored are then computed anew."""
MOST_AT_ONCE = 200_000
"""Cycles of a cell with more records than this are not computed while a person waits."""
MOST_WRITTEN_AT_ONCE = 500
"""Cycles that one transaction writes: with their curves about 50 ms during which nobody else can write."""
ATTEMPTS = 3
"""So often cycles are computed again because somebody else wrote them meanwhile."""


@dataclass(frozen=True, slots=True)
class ClosedCycles:
    """What was computed: numbers of all the cell's cycles, what was assumed for them, and from how many records."""

    complete: int
    in_progress: int
    assumptions: tuple[str, ...]
    records: int = 0
    kept: int = 0
    """Cycles that were not computed again."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What cycles are computed from: records that can be, facts, events, and a fingerprint of all but the records."""

    records: pd.DataFrame
    mechanical: pd.DataFrame | None
    facts: CellFacts
    events: Sequence[Event]
    closed_with: str


def load_sources(engine: Engine, cell_id: int, t_from: float | None = None) -> Sources:
    """Everything that a cell's cycles are computed from; records and samples from `t_from` on the cell's axis.

    Values that cannot have been measured are left out.  Raises NotFoundError for an unknown cell.
    """
    facts = facts_of(load_cell(engine, cell_id))
    events = [event for event in load_events(engine, cell_id) if not event.kind.startswith(FEED)]
    records = mask_implausible(load_cell_records(engine, cell_id, columns=NEEDED_COLUMNS, t_from=t_from))
    mechanical = load_cell_mechanical(engine, cell_id, t_from)
    if mechanical is not None:
        mechanical = mask_implausible(mechanical)
    spans = sorted((event.start_second or 0.0, event.end_second or 0.0) for event in events)
    told = repr((DEFINITIONS, astuple(facts), spans, mechanical is not None))
    return Sources(records, mechanical, facts, events, hashlib.sha256(told.encode()).hexdigest()[:16])


def close_cycles(engine: Engine, cell_id: int) -> ClosedCycles:
    """Number of cycles computed and stored for the cell; the cycles stored before are replaced.

    A cell without records, or without voltage and current, ends up without cycles.  Raises NotFoundError for an
    unknown cell.
    """
    refresh_pressure(engine, cell_id)
    for attempt in range(ATTEMPTS):
        stored = load_evidence(engine, cell_id, only_written=True)
        sources = load_sources(engine, cell_id)
        closed = find(sources)
        try:
            return store_closed(engine, cell_id, sources, closed, stored, insist=attempt == ATTEMPTS - 1)
        except StaleEditError:
            continue
    raise AssertionError("the last attempt insists")


def close_or_leave(engine: Engine, cell_id: int) -> bool:
    """Whether the cycles are computed now; those of a large cell are left to the live worker, and the page says so.

    For whoever answers a request: closing takes about 2 s a million records.
    """
    if count_records(engine, cell_id) > MOST_AT_ONCE and leave_to_worker(engine, cell_id):
        return False
    close_cycles(engine, cell_id)
    return True


def find(sources: Sources, past: Past = NO_PAST) -> Closed:
    """The cycles of the sources that follow the past; none where voltage or current was never measured."""
    try:
        return find_cycles(
            sources.records, sources.facts, mechanical=sources.mechanical, events=sources.events, past=past
        )
    except MissingDataError:
        return Closed(pd.DataFrame(), [])


def store_closed(  # noqa: PLR0913  # what was computed, of what, and after what
    engine: Engine,
    cell_id: int,
    sources: Sources,
    closed: Closed,
    stored: StoredEvidence,
    *,
    keep: int = 0,
    insist: bool = False,
) -> ClosedCycles:
    """What was stored: the first `keep` cycles stay, those that were computed come after them.

    Thousands are stored in parts, so that instruments that send rows meanwhile do not wait; until the last part is
    there the cell does not count as closed, and whoever closes it next begins anew.

    Raises StaleEditError where somebody has written the cell's cycles since `stored` was read, unless told to
    `insist`.
    """
    tests = load_tests(engine, cell_id)
    test_id = tests[-1].id if tests else None
    cycles = closed.cycles
    for number, start in enumerate(range(0, max(len(cycles), 1), MOST_WRITTEN_AT_ONCE)):
        part = slice(start, start + MOST_WRITTEN_AT_ONCE)
        curves = {position - start: curve for position, curve in closed.curves.items() if start <= position < part.stop}
        built = Built(
            written=None if insist else stored.written + number,
            closed_with=sources.closed_with if part.stop >= len(cycles) else None,
            evidence=closed.evidence[part],
        )
        replace_cycles(engine, cell_id, test_id, cycles.iloc[part], curves, keep=keep + start, built=built)
    complete = keep + int((cycles["state"] == "complete").sum()) if len(cycles) else keep
    assumptions = tuple(str(text) for text in cycles.attrs.get("assumptions", ()))
    return ClosedCycles(complete, keep + len(cycles) - complete, assumptions, len(sources.records), keep)
