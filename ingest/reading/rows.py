"""The careful way through a file: line by line, every odd row set aside with its line and reason; linear in size."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from ingest.reading.cells import Floats, is_spreadsheet_date
from ingest.reading.columns_of_text import Body, Nulls, TextColumn, read_numbers
from ingest.reading.dialect import Layout, is_blank, split
from ingest.reading.mapping import SourceColumn
from ingest.reading.text_lines import TextFile, read_lines

_BLOCK_ROWS = 16_384
_SHOWN = 500
"""Characters of a quarantined line that are kept."""


def read_rows(
    file: TextFile,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    report: Callable[[int], None],
) -> Body:
    """Every row of the table as numbers; rows that do not fit are in `quarantine`.

    `report` gets the number of lines read, now and then.
    """
    body = Body({}, np.empty(0, np.int64))
    reader = _Blocks(layout, columns, body)
    for line, cells in _table_rows(file, layout, body):
        reader.add(line, cells)
        if len(reader.lines) == _BLOCK_ROWS:
            reader.close_block()
            report(line)
    reader.close_block()
    reader.finish()
    return body


def _table_rows(file: TextFile, layout: Layout, body: Body) -> Iterator[tuple[int, list[str]]]:
    """Rows with the right number of cells; others go to the body's quarantine, repeated headers to its list."""
    head = layout.header[0] if layout.header_line is not None else None
    for line, text in read_lines(file):
        if line < layout.first_line or not text.strip():
            continue
        if "\x00" in text:
            body.quarantine.append((line, text.replace("\x00", "")[:_SHOWN], "NUL bytes in the line"))
            continue
        cells = split(text, layout.delimiter)
        if is_blank(cells):
            continue
        if cells[0].strip() == head and [cell.strip() for cell in cells[: layout.width]] == list(layout.header):
            body.repeated_headers.append(line)
        elif body.repeated_headers and _is_repeated_unit_row(line, cells, layout, body):
            continue
        elif len(cells) < layout.width or not is_blank(cells[layout.width :]):
            reason = f"{len(cells)} cells where the header has {layout.width}"
            body.quarantine.append((line, text[:_SHOWN], reason))
        else:
            yield line, cells


def why_unreadable(cell: str) -> str:
    """Why a cell of a column of numbers cannot be read, and what may have happened to it.

    >>> why_unreadable("Total")
    "'Total' is no number"
    """
    reason = f"{cell.strip()[:40]!r} is no number"
    if is_spreadsheet_date(cell):
        return f"{reason}: a spreadsheet has made a date of it (of 1-2 or 1.2, say); export the file anew, unopened"
    return reason


def _is_repeated_unit_row(line: int, cells: list[str], layout: Layout, body: Body) -> bool:
    below = line == body.repeated_headers[-1] + 1
    return below and layout.unit_line is not None and [c.strip() for c in cells[: layout.width]] == list(layout.units)


class _Blocks:
    """Gathers rows and turns them into numbers block by block."""

    def __init__(self, layout: Layout, columns: tuple[SourceColumn, ...], body: Body) -> None:
        self.layout, self.columns, self.body = layout, columns, body
        self.lines: list[int] = []
        self.cells: list[list[str]] = []
        self.text_columns = {c.column: TextColumn(c) for c in columns if c.kind != "number"}
        self.parts: dict[str, list[Floats]] = {c.column: [] for c in columns}
        self.month_first: dict[str, list[Floats]] = {c.column: [] for c in columns if c.kind == "date"}
        self.kept_lines: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        body.nulls = {c.column: Nulls() for c in columns}

    def add(self, line: int, cells: list[str]) -> None:
        self.lines.append(line)
        self.cells.append(cells)

    def close_block(self) -> None:
        """Turn the gathered rows into numbers; rows with an unreadable number go to quarantine."""
        if not self.lines:
            return
        unreadable: dict[int, str] = {}
        values: dict[str, Floats] = {}
        month_first: dict[str, Floats] = {}
        for column in self.columns:
            cells = [row[column.place] for row in self.cells]
            if column.kind == "number":
                numbers, bad = read_numbers(cells, self.layout, self.lines, self.body.nulls[column.column])
                values[column.column] = numbers
                for place, cell in bad.items():
                    unreadable.setdefault(place, f"{column.source}: {why_unreadable(cell)}")
            else:
                numbers, other = self.text_columns[column.column].read(pd.Series(cells, dtype="str"))
                values[column.column] = numbers
                if other is not None:
                    month_first[column.column] = other
        self._keep(values, month_first, unreadable)

    def _keep(self, values: dict[str, Floats], month_first: dict[str, Floats], unreadable: dict[int, str]) -> None:
        good = np.ones(len(self.lines), bool)
        for place, reason in sorted(unreadable.items()):
            good[place] = False
            text = self.layout.delimiter.join(self.cells[place])
            self.body.quarantine.append((self.lines[place], text[:_SHOWN], reason))
        self.kept_lines.append(np.array(self.lines, np.int64)[good])
        for name, numbers in values.items():
            self.parts[name].append(numbers[good])
        for name, numbers in month_first.items():
            self.month_first[name].append(numbers[good])
        self.lines, self.cells = [], []

    def finish(self) -> None:
        """Join the blocks into the body."""
        joined = np.concatenate(self.kept_lines) if self.kept_lines else np.empty(0, np.int64)
        self.body.lines = joined
        empty = np.empty(0)
        self.body.numbers = {name: np.concatenate(parts) if parts else empty for name, parts in self.parts.items()}
        self.body.month_first = {
            name: np.concatenate(parts) if parts else empty for name, parts in self.month_first.items()
        }
        self.body.channels = list(self.text_columns["channel"].known) if "channel" in self.text_columns else []
        self.body.quarantine.sort()
