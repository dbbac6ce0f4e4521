"""Cells of text columns turned into numbers, block by block: numbers, durations, dates, states."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.reading.cells import Floats, is_null, number, seconds_of_duration
from ingest.reading.dates import Dates, read_dates
from ingest.reading.dialect import Layout
from ingest.reading.mapping import SourceColumn
from ingest.reading.states import sign_of_state


@dataclass(slots=True)
class Nulls:
    """Cells of one column that hold a word instead of a number: how many, and the first."""

    count: int = 0
    line: int | None = None
    cell: str = ""

    def add(self, count: int, line: int | None, cell: str) -> None:
        """Count more of them."""
        if count and self.line is None:
            self.line, self.cell = line, cell
        self.count += count


@dataclass(slots=True)
class Body:
    """The rows of a file as numbers: one array a column, in the file's own units, and what could not be read.

    `numbers` are keyed by our column; `month_first` holds dates read with the month first (numbers: day first).
    `channels` are the names behind the numbers of the column `channel`.
    """

    numbers: dict[str, Floats]
    lines: NDArray[np.int64]
    month_first: dict[str, Floats] = field(default_factory=dict)
    nulls: dict[str, Nulls] = field(default_factory=dict)
    quarantine: list[tuple[int, str, str]] = field(default_factory=list)
    repeated_headers: list[int] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Number of rows that were read as numbers."""
        return len(self.lines)

    def dates(self, column: str) -> Dates:
        """Dates of a column under both orders."""
        return Dates(self.numbers[column], self.month_first.get(column, self.numbers[column]))

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Drop the rows where the mask is False."""
        if mask.all():
            return
        self.lines = self.lines[mask]
        self.numbers = {name: values[mask] for name, values in self.numbers.items()}
        self.month_first = {name: values[mask] for name, values in self.month_first.items()}


class TextColumn:
    """Reads the cells of one column of text, block after block."""

    def __init__(self, column: SourceColumn) -> None:
        """Remember states and channels that were seen, so that each word is judged once."""
        self.column = column
        self.known: dict[str, float] = {}

    def read(self, cells: "pd.Series[str]") -> tuple[Floats, Floats | None]:
        """Numbers of the cells; for dates also as read with the month first."""
        if self.column.kind == "duration":
            return seconds_of_duration(cells), None
        if self.column.kind == "date":
            dates = read_dates(cells)
            return dates.day_first, dates.month_first
        codes, words = pd.factorize(cells)
        values = np.array([self._value(str(word)) for word in words] or [np.nan])
        return np.where(codes < 0, np.nan, values[codes]), None

    def _value(self, word: str) -> float:
        if word not in self.known:
            state = self.column.kind == "state"
            own = self.column.states.get(word.strip().lower())
            said = sign_of_state(word) if own is None else own
            self.known[word] = said if state else float(len(self.known))
        return self.known[word]


def read_numbers(cells: list[str], layout: Layout, lines: list[int], nulls: Nulls) -> tuple[Floats, dict[int, str]]:
    """Numbers of one block of cells, and {place: cell} of those that are neither a number nor a word for none."""
    joined = "\n".join(cells)
    if layout.thousands_mark is None and "_" not in joined and not (layout.decimal_mark == "," and "." in joined):
        try:
            plain = joined.replace(",", ".").split("\n") if layout.decimal_mark == "," else cells
            values = np.array(plain, dtype=np.float64)
        except ValueError:
            pass  # some cell is no plain number: look at each
        else:
            return _finite(values, lines, nulls), {}
    return _one_by_one(cells, layout, lines, nulls)


def _finite(values: Floats, lines: list[int], nulls: Nulls) -> Floats:
    bad = ~np.isfinite(values)
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        nulls.add(int(bad.sum()), lines[place], str(values[place]))
        values[bad] = np.nan
    return values


def _one_by_one(cells: list[str], layout: Layout, lines: list[int], nulls: Nulls) -> tuple[Floats, dict[int, str]]:
    values = np.empty(len(cells))
    unreadable = {}
    for place, cell in enumerate(cells):
        value = number(cell, layout.decimal_mark, layout.thousands_mark)
        if value is None:
            unreadable[place] = cell
            value = np.nan
        elif value != value and cell.strip() and is_null(cell):  # noqa: PLR0124 - NaN is not itself
            nulls.add(1, lines[place], cell.strip())
        values[place] = value
    values[np.isinf(values)] = np.nan
    return values, unreadable
