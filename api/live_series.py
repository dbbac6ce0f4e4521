"""What the hub keeps of the series that a channel writes: its last values, and its newest rows in a bounded ring."""

from collections import deque
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import Engine

from api.live_rows import LIVE_COLUMNS, SEQUENCE, TIME, Position, RowsEvent
from data_access.queries.live import load_new_records

MOST_ROWS = 5000
"""More than so many rows at once are not sent: the listener draws anew from the store."""


@dataclass(slots=True)
class Series:
    """What the hub knows of the series that a channel writes now."""

    cell_id: int
    revision: int
    position: Position
    late_at: float = 0.0
    last: dict[str, float] = field(default_factory=dict)
    tail: pd.DataFrame = field(default_factory=pd.DataFrame)
    ring: deque[RowsEvent] = field(default_factory=deque)

    def note(self, table: pd.DataFrame) -> None:
        """Remember the last measured value of each column."""
        for name in (TIME, *LIVE_COLUMNS):
            measured = table[name].dropna()
            if len(measured):
                self.last[name] = float(measured.iloc[-1])

    def keep(self, event: RowsEvent) -> None:
        """Keep an event for listeners, and let go of old ones."""
        self.ring.append(event)
        while sum(map(len, self.ring)) > MOST_ROWS:
            self.ring.popleft()


def load_between(engine: Engine, series_id: int, after: int, until: int) -> pd.DataFrame:
    """Return the live records after a sequence number, up to another one at least, MOST_ROWS at most."""
    parts = [load_new_records(engine, series_id, after, LIVE_COLUMNS, limit=MOST_ROWS)]
    while len(parts[-1]) and int(parts[-1][SEQUENCE].iloc[-1]) < until and sum(map(len, parts)) < MOST_ROWS:
        after, room = int(parts[-1][SEQUENCE].iloc[-1]), MOST_ROWS - sum(map(len, parts))
        parts.append(load_new_records(engine, series_id, after, LIVE_COLUMNS, limit=room))
    return pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
