"""What the hub keeps of the series that a channel writes: its last values, and its newest rows in a bounded ring."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import Engine

from api.live_rows import LIVE_COLUMNS, SEQUENCE, TAIL_ROWS, TIME, Position, Row, RowsEvent, rows_event
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
    tail: list[Row] = field(default_factory=list)
    ring: deque[RowsEvent] = field(default_factory=deque)

    def note(self, rows: Sequence[Row]) -> None:
        """Remember the last measured value of each column."""
        for at, name in enumerate((TIME, *LIVE_COLUMNS), 1):
            value = next((row[at] for row in reversed(rows) if row[at] is not None), None)
            if value is not None:
                self.last[name] = value

    def go_on(self, series_id: int, rows: Sequence[Row], before: Sequence[Row]) -> None:
        """Take new records in: as an event for those who watch, as last values, as what the next ones follow."""
        event = rows_event(self.cell_id, series_id, self.position.sequence, rows, before)
        self.keep(event)
        self.position = Position(event.last_sequence, self.position.late)
        self.tail = [*before, *rows][-TAIL_ROWS:]
        self.note(rows)

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
