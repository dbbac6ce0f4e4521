"""Computes the cycles of a cell that new rows touch, at a cost that does not grow with the length of its test.

Rows touch the cycle that they lie in and those after it.  The cycles before keep their stored results; what they tell
of the cell (see pressiometry.past) takes the place of their records.  Where new rows change what was found of them,
which is rare, all cycles are computed anew, so that the result is always that of `close_cycles`.
"""

from collections.abc import MutableMapping
from dataclasses import replace

import numpy as np
from sqlalchemy import Engine

from data_access.queries.evidence import StoredEvidence, load_evidence
from ingest.close_cycles import ClosedCycles, Sources, close_cycles, find, load_sources, store_closed
from pressiometry.cycles import Closed
from pressiometry.errors import StaleEditError
from pressiometry.past import Past, PastChangedError

SLACK_SECOND = 1.0
"""So much more is read: times are rounded on their way to the cell's axis and back."""

Memory = MutableMapping[int, StoredEvidence]
"""Evidence by cell, kept by a process that advances cells again and again."""


def advance_cycles(engine: Engine, cell_id: int, from_second: float, memory: Memory | None = None) -> ClosedCycles:
    """Number of cycles of the cell, those computed and stored that rows from a time on touch; equal to close_cycles.

    `from_second` is the earliest time, on the cell's axis, of rows that no cycle has considered.  Raises
    NotFoundError for an unknown cell.
    """
    memory = {} if memory is None else memory
    stored = load_evidence(engine, cell_id, memory.get(cell_id))
    for keep in _cuts(stored, from_second):
        found = _find_after(engine, cell_id, stored, keep)
        if found is None:
            continue
        sources, closed = found
        try:
            result = store_closed(engine, cell_id, sources, closed, stored, keep=keep)
        except StaleEditError:
            break
        memory[cell_id] = _after(stored, keep, sources, closed)
        return result
    memory.pop(cell_id, None)
    return close_cycles(engine, cell_id)


def _cuts(stored: StoredEvidence, from_second: float) -> list[int]:
    """How many cycles may be kept: all before the one that the rows touch, else all before the one before it."""
    touched = int(np.searchsorted(np.array(stored.start_seconds), from_second)) - 1
    return [keep for keep in (touched, touched - 1) if keep > 0 and all(each is not None for each in stored.evidence)]


def _find_after(engine: Engine, cell_id: int, stored: StoredEvidence, keep: int) -> tuple[Sources, Closed] | None:
    """The cycles after the kept ones, and what they were computed from; None where all have to be computed."""
    past = Past(stored.evidence[:keep], stored.start_seconds[keep])
    replaced = [each["times"][0] for each in stored.evidence[keep:]]
    sources = load_sources(engine, cell_id, min(stored.start_seconds[keep - 1], *replaced) - SLACK_SECOND)
    if sources.closed_with != stored.closed_with:
        return None
    try:
        return sources, find(sources, past)
    except PastChangedError:
        return None


def _after(stored: StoredEvidence, keep: int, sources: Sources, closed: Closed) -> StoredEvidence:
    """The evidence as it is stored now."""
    starts = closed.cycles["start_second"].tolist() if len(closed.cycles) else []
    return replace(
        stored,
        written=stored.written + 1,
        closed_with=sources.closed_with,
        start_seconds=[*stored.start_seconds[:keep], *starts],
        evidence=[*stored.evidence[:keep], *closed.evidence],
    )
