"""How a text table is laid out: delimiter, decimal mark, header line, unit row, first row of values.

Everything is decided from the rows themselves, never from the file's name (IMPORT section 2.3).
"""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.reading.aliases import understand
from ingest.reading.cells import is_number_like, thousands_mark
from pressiometry.errors import RefusedFileError
from pressiometry.units import is_unit

DELIMITERS = ("\t", ";", ",", "|", " ")
_SAMPLE_ROWS = 2000
_NUMERIC_SHARE = 0.6
_NEARLY = 0.9


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table lies in the text.  Lines count from 1; `header_line` and `unit_line` are None if there is none.

    `header` has one name for each column of the table (made up as "column 3" where there is no header).
    """

    delimiter: str
    decimal_mark: str
    thousands_mark: str | None
    header: tuple[str, ...]
    units: tuple[str, ...]
    header_line: int | None
    unit_line: int | None
    first_line: int

    @property
    def width(self) -> int:
        """Number of columns that have a name."""
        return len(self.header)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: tuple[str, ...]


def split(line: str, delimiter: str) -> list[str]:
    """Cells of one line; quotes are taken off.

    >>> split('"1,5";2', ";"), split(" 1   2 ", " ")
    (['1,5', '2'], ['1', '2'])
    """
    if '"' in line:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=delimiter == " "), [])
    return line.split() if delimiter == " " else line.split(delimiter)


def is_blank(cells: Sequence[str]) -> bool:
    """Whether a row has no text in any cell."""
    return not any(cell.strip() for cell in cells)


def find_layout(lines: Sequence[str], name: str) -> Layout:
    """The layout of the table in a file's first lines.

    Raises RefusedFileError: no_table, no_rows, decimal_comma_in_comma_file, columns_do_not_match.
    """
    sample = lines[:_SAMPLE_ROWS]
    counted = [(delimiter, *_most_common_width(sample, delimiter)) for delimiter in DELIMITERS]
    most = max(rows for _, _, rows in counted)
    if most == 0:
        return _header_without_rows(sample, name)
    delimiter, width = next((d, w) for d, w, rows in counted if rows >= _NEARLY * most)
    rows = [_Row(place, tuple(split(line, delimiter))) for place, line in enumerate(sample, start=1)]
    table = [row for row in rows if _useful_width(row.cells) and _is_values(row.cells) and len(row.cells) == width]
    first = table[0].line
    above = [row for row in rows if row.line < first and not is_blank(row.cells)]
    return _layout_from(above, table, delimiter, name)


def layout_below_header(lines: Sequence[str], header_line: int, name: str) -> Layout:
    """The layout where the file itself says on which line the header stands (EC-Lab).

    Raises RefusedFileError "no_rows" where nothing follows it.
    """
    if header_line < 1 or header_line > len(lines):
        raise RefusedFileError("no_table", "The header line that the file announces is not there", where=name)
    text = lines[header_line - 1]
    delimiter = next((mark for mark in DELIMITERS if text.count(mark) > 1), "\t")
    header_row = _Row(header_line, tuple(split(text, delimiter)))
    rows = [
        _Row(place, tuple(split(line, delimiter)))
        for place, line in enumerate(lines[:_SAMPLE_ROWS], start=1)
        if place > header_line
    ]
    table = [row for row in rows if not is_blank(row.cells)]
    if not table:
        raise _no_rows(header_line, name)
    return _layout_from([header_row], table, delimiter, name)


def layout_of_columns(lines: Sequence[str], columns: tuple[str, ...], name: str) -> Layout:
    """The layout of a table without a header, of tabs, whose columns its format knows.

    Raises RefusedFileError "no_table" where no line has as many cells.
    """
    rows = [_Row(place, tuple(line.split("\t"))) for place, line in enumerate(lines[:_SAMPLE_ROWS], start=1)]
    table = [row for row in rows if len(row.cells) == len(columns)]
    if not table:
        return _header_without_rows(lines[:_SAMPLE_ROWS], name)
    marks = _marks(table)
    return Layout("\t", *marks, columns, ("",) * len(columns), None, None, table[0].line)


def _useful_width(cells: Sequence[str]) -> bool:
    return len(cells) > 1


def _is_values(cells: Sequence[str]) -> bool:
    """Whether a row is one of values: at least two filled cells, 60 % of them numbers, durations or dates."""
    filled = [cell for cell in cells if cell.strip()]
    numeric = sum(is_number_like(cell) for cell in filled)
    return len(filled) > 1 and numeric > 1 and numeric >= _NUMERIC_SHARE * len(filled)


def _most_common_width(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """The commonest number of cells of rows of values, and how many rows have it; (0, 0) where there are none."""
    widths = Counter(
        len(cells)
        for cells in (split(line, delimiter) for line in lines if delimiter in line)
        if _useful_width(cells) and _is_values(cells)
    )
    return widths.most_common(1)[0] if widths else (0, 0)


def _layout_from(above: list[_Row], table: list[_Row], delimiter: str, name: str) -> Layout:
    width = len(table[0].cells)
    decimal, thousands = _marks(table)
    header, unit = _header_and_units(above, width)
    if header is None:
        _refuse_shifted_columns(above, table, delimiter, name)
        names = tuple(f"column {place}" for place in range(1, width + 1))
        return Layout(delimiter, decimal, thousands, names, ("",) * width, None, None, table[0].line)
    names = _trim(header.cells, width)
    units = tuple(cell.strip() for cell in unit.cells) if unit else ()
    units = (units + ("",) * len(names))[: len(names)]
    return Layout(delimiter, decimal, thousands, names, units, header.line, unit.line if unit else None, table[0].line)


def _trim(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Header names without the empty ones at the end; columns of the rows beyond them have no name."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names[: max(width, len(names))])


def _header_and_units(above: list[_Row], width: int) -> tuple[_Row | None, _Row | None]:
    """The header row and the unit row, of the text rows just above the values."""
    if not above:
        return None, None
    last = above[-1]
    if _fits(last.cells, width) and _is_unit_row(last.cells) and len(above) > 1 and _fits(above[-2].cells, width):
        return above[-2], last
    return (last, None) if _fits(last.cells, width) else (None, None)


def _fits(cells: Sequence[str], width: int) -> bool:
    """Whether a row can head a table: as many cells, give or take empty ones at the end, and text in them."""
    named = len(_trim(cells, 0))
    filled = [cell for cell in cells if cell.strip()]
    numbers = sum(is_number_like(cell) for cell in filled)
    return width - 1 <= max(named, min(len(cells), width)) <= width and numbers < _NUMERIC_SHARE * max(len(filled), 1)


def _is_unit_row(cells: Sequence[str]) -> bool:
    filled = [cell.strip().strip("[]()") for cell in cells if cell.strip()]
    return bool(filled) and all(is_unit(cell) for cell in filled)


def _marks(table: list[_Row]) -> tuple[str, str | None]:
    """Decimal mark and thousands mark of the rows: the mark that more cells need."""
    cells = [cell.strip() for row in table[:_SAMPLE_ROWS] for cell in row.cells]
    grouping = Counter(mark for mark in map(thousands_mark, cells) if mark)
    thousands = grouping.most_common(1)[0][0] if grouping else None
    if thousands in (",", "."):
        return ("." if thousands == "," else ","), thousands
    commas = sum("," in cell and "." not in cell and is_number_like(cell) for cell in cells)
    points = sum("." in cell and "," not in cell and is_number_like(cell) for cell in cells)
    return ("," if commas > points else "."), thousands


def _refuse_shifted_columns(above: list[_Row], table: list[_Row], delimiter: str, name: str) -> None:
    """Raise where the line above the values is a header, but not of this many columns."""
    if not above:
        return
    names = _trim(above[-1].cells, 0)
    if not any(understand(cell).column for cell in names):
        return
    width, line = len(table[0].cells), above[-1].line
    if delimiter == "," and width > len(names):
        raise RefusedFileError(
            "decimal_comma_in_comma_file",
            f"The header on line {line} has {len(names)} names, line {table[0].line} has {width} cells: "
            "commas seem to be both decimal marks and delimiters",
            where=name,
            remedy="Export it with decimal points, or with semicolons or tabs between the columns.",
        )
    raise RefusedFileError(
        "columns_do_not_match",
        f"The header on line {line} has {len(names)} names, but line {table[0].line} has {width} cells",
        where=name,
        remedy="Export it again with one name for each column.",
    )


def _header_without_rows(lines: Sequence[str], name: str) -> Layout:
    """Raise: the file has a header and nothing below it, or no table at all."""
    for place, line in enumerate(lines, start=1):
        for delimiter in DELIMITERS[:4]:
            if sum(understand(cell).column is not None for cell in split(line, delimiter)) > 1:
                raise _no_rows(place, name)
    raise RefusedFileError(
        "no_table",
        "No table of numbers was found in the file",
        where=name,
        remedy="Import a text export with a header line and one record a line.",
    )


def _no_rows(line: int, name: str) -> RefusedFileError:
    return RefusedFileError(
        "no_rows", f"0 rows: the file ends after its header on line {line}", where=name,
        remedy="Export it again once the test has records.",
    )  # fmt: skip
