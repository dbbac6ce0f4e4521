"""Rows that may be stored already: what is under their sequence numbers, and where late ones lie in time."""

from collections.abc import Mapping

import numpy as np
from sqlalchemy.orm import Session

from data_access.live.batches import LiveRow
from data_access.live.clock import is_believed
from data_access.live.placing import WALL
from data_access.record_models import CHUNK
from data_access.series.hot import read_hot
from data_access.series.rows import QUANTITIES, TIME, Rows, join
from data_access.series.sealed import one_span, read_sealed, read_strand
from data_access.series.strands import StrandKey

PRESSURE, FORCE = "surface_pressure_mpa", "force_newton"
_OF_THE_STORE = frozenset({TIME, "monotonic_second", "received_unix_second", "utc_offset_second"})
"""What is no measured value of the instrument: when an agent read a row, and how it wrote the time."""
_COMPARED = tuple(name for name in QUANTITIES if name not in _OF_THE_STORE)


class StoredRows:
    """The rows of a series around some sequence numbers, as they are stored."""

    def __init__(self, session: Session, key: StrandKey, low: int, high: int) -> None:
        """Read what lies between, and the nearest row before, or else behind."""
        within = read_strand(session, key, seq_from=low, seq_to=high)
        around = _nearest_before(session, key, low) if not len(within) or within.sequence[0] > low else within
        if not len(around):
            around = _nearest_after(session, key, high)
        self._within, self._around = within, join((within, around))
        self._at = {int(sequence): i for i, sequence in enumerate(within.sequence)}

    def has(self, sequence: int) -> bool:
        """Whether a row with this number is stored."""
        return sequence in self._at

    @property
    def is_empty(self) -> bool:
        """Whether the series has no row at all."""
        return not len(self._around)

    def agrees(self, row: LiveRow, *, pressure_from_force: bool) -> bool:
        """Whether the row that is stored under this number has the values of this one."""
        i = self._at[row.sequence]
        there = self._within.columns
        if row.test_time_second is not None and there[TIME][i] != row.test_time_second:
            return False
        made = pressure_from_force and PRESSURE not in row.values
        for name in _COMPARED:
            if name == PRESSURE and made:
                continue
            stored = float(there[name][i]) if name in there else np.nan
            sent = row.unix_second if name == WALL else row.values.get(name, np.nan)
            if stored != sent and not (np.isnan(stored) and np.isnan(sent)):
                return False
        return True

    def values(self, sequence: int) -> Mapping[str, float]:
        """Return the stored values under a number."""
        i = self._at[sequence]
        columns = self._within.columns
        return {
            name: float(columns[name][i]) for name in _COMPARED if name in columns and not np.isnan(columns[name][i])
        }

    def time_of(self, row: LiveRow, received_second: float) -> float:
        """Return the raw clock of a row that comes late: by its wall clock as its neighbour's goes, else beside it."""
        if row.test_time_second is not None:
            return row.test_time_second
        if not len(self._around):
            return row.unix_second if is_believed(row.unix_second, received_second) else received_second
        i = max(int(np.searchsorted(self._around.sequence, row.sequence)) - 1, 0)
        time, unix = float(self._around.time[i]), float(self._around.column(WALL)[i])
        if not is_believed(row.unix_second, received_second) or not is_believed(unix, received_second):
            return time
        return row.unix_second + (time - unix)


def _nearest_before(session: Session, key: StrandKey, sequence: int) -> Rows:
    names = (TIME, WALL)
    span = one_span(session, key, 0, CHUNK.c.seq0 < sequence, last=True)
    sealed = (
        read_sealed(session, key, names=names, seq_from=span.seq0, seq_to=span.seq0)
        if span
        else Rows(np.empty(0, np.int64), {TIME: np.empty(0)})
    )
    hot = read_hot(session, key, names=names, seq_to=sequence - 1, limit=1, newest=True)
    rows = join((sealed, hot))
    end = int(np.searchsorted(rows.sequence, sequence))
    return rows.take(slice(max(end - 1, 0), end))


def _nearest_after(session: Session, key: StrandKey, sequence: int) -> Rows:
    names = (TIME, WALL)
    span = one_span(session, key, 0, CHUNK.c.seq0 > sequence)
    sealed = [read_sealed(session, key, names=names, seq_from=span.seq0, seq_to=span.seq0)] if span else []
    rows = join((*sealed, read_hot(session, key, names=names, seq_from=sequence + 1, limit=1)))
    return rows.take(slice(0, 1))
