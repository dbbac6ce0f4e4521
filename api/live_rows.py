"""New rows of a series as one event, and the positions by which a listener resumes: nothing missed, nothing doubled."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import orjson
import pandas as pd

from data_access.series.gaps import find_gaps
from pressiometry.columns import MECHANICAL_SIGNALS

TIME, SEQUENCE, CURRENT = "test_time_second", "sequence", "current_ampere"
LIVE_COLUMNS = (
    "voltage_volt",
    CURRENT,
    *(signal.column for signal in MECHANICAL_SIGNALS),
    "surface_temperature_celsius",
)
"""What pages draw or print as it arrives."""
_CURRENT = LIVE_COLUMNS.index(CURRENT)
TAIL_ROWS = 32
"""Rows before the new ones by which it is judged whether an interval is a gap."""

Values = list[float | None]


class Position(NamedTuple):
    """How far a series was sent: its last sequence number, and the number of its late deliveries."""

    sequence: int
    late: int


_POSITIONS = re.compile(r"\d{1,9}:-?\d{1,18}:\d{1,9}(,\d{1,9}:-?\d{1,18}:\d{1,9})*")


def read_positions(text: str) -> dict[int, Position]:
    """Return the positions that an event's id, or a figure, names; none where the text is none.

    >>> read_positions("12:345:0,13:99:2")
    {12: Position(sequence=345, late=0), 13: Position(sequence=99, late=2)}
    >>> read_positions("12:345")
    {}
    """
    if _POSITIONS.fullmatch(text) is None:
        return {}
    parts = (one.split(":") for one in text.split(","))
    return {int(series): Position(int(sequence), int(late)) for series, sequence, late in parts}


def write_positions(positions: Mapping[int, Position]) -> str:
    """Return positions as the id of an event.

    >>> write_positions({12: Position(345, 0)})
    '12:345:0'
    """
    return ",".join(f"{series}:{one.sequence}:{one.late}" for series, one in positions.items())


@dataclass(frozen=True, slots=True)
class RowsEvent:
    """Rows of one series after one sequence number; a row of nulls stands where a gap is."""

    cell_id: int
    series_id: int
    after: int
    last_sequence: int
    columns: dict[str, Values]
    body: bytes = field(default=b"", repr=False)

    def written(self) -> "RowsEvent":
        """Return the event with its JSON, made once for all listeners."""
        body = orjson.dumps(
            {
                "cell_id": self.cell_id,
                "series_id": self.series_id,
                "after": self.after,
                "last_sequence": self.last_sequence,
                "columns": self.columns,
            }
        )
        return replace(self, body=body)

    def beyond(self, sequence: int) -> "RowsEvent":
        """Return the part of the event that comes after a sequence number; a gap stays with the row behind it."""
        numbers = self.columns[SEQUENCE]
        first = next((i for i, one in enumerate(numbers) if one is not None and one > sequence), len(numbers))
        if first > 0 and first < len(numbers) and numbers[first - 1] is None:
            first -= 1
        columns = {name: values[first:] for name, values in self.columns.items()}
        return replace(self, after=sequence, columns=columns).written()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[SEQUENCE])


Row = Sequence[float | None]
"""One record: its sequence number, its time on the cell's axis, and LIVE_COLUMNS."""


def plain_rows(table: pd.DataFrame) -> list[Row]:
    """Return the records of a table (sequence, test_time_second, columns), None where nothing was measured."""
    columns = [_plain(table[name]) for name in (SEQUENCE, TIME, *LIVE_COLUMNS)]
    return list(zip(*columns, strict=True))


def rows_event(cell_id: int, series_id: int, after: int, rows: Sequence[Row], before: Sequence[Row]) -> RowsEvent:
    """Return the event of new records that follow the records `before`."""
    measured = [row for row in (*before, *rows) if row[1] is not None]
    times, currents = (np.array([row[at] for row in measured], np.float64) for at in (1, 2 + _CURRENT))
    middles = {measured[at][0]: float(times[at - 1] + times[at]) / 2 for at in find_gaps(times, currents)}
    columns: dict[str, Values] = {SEQUENCE: [int(row[0] or 0) for row in rows]}
    for at, name in enumerate((TIME, *LIVE_COLUMNS), 1):
        values = [row[at] for row in rows]
        if any(value is not None for value in values):
            columns[name] = values
    for at in [at for at in range(len(rows) - 1, -1, -1) if rows[at][0] in middles] if middles else ():
        for name, values in columns.items():
            values.insert(at, middles[rows[at][0]] if name == TIME else None)
    return RowsEvent(cell_id, series_id, after, int(rows[-1][0] or 0), columns).written()


def _plain(column: Iterable[float]) -> Values:
    return [None if value != value else float(value) for value in column]  # noqa: PLR0124 - NaN is not itself
