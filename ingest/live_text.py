"""The text of a batch as rows of named fields: NDJSON, one object a line, or CSV with a header."""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Any

import orjson

from pressiometry.errors import BarographError

JSON_LINES, CSV = "application/x-ndjson", "text/csv"
"""The media types of a batch."""
_WITH_UNIT = re.compile(r"\s*(.*?)\s*\[\s*(.+?)\s*\]\s*")
"""A column of a CSV batch with the unit of its values: force_newton [kgf]."""
_TEXTS = frozenset({"channel", "time"})

Note = Callable[[str, str], None]
"""Notes a problem of a field of the present row."""


def rows_of_lines(payload: bytes, note: Any) -> Iterator[Mapping[str, Any] | None]:
    """Yield the object of every line that is not blank; None, and a problem noted, for one that is no object.

    BarographError for a line that is no JSON: the batch did not arrive as it was sent.
    """
    number = 0
    for line in payload.splitlines():
        if not line or line.isspace():
            continue
        number += 1
        row = _read_json(line, number)
        if isinstance(row, dict):
            yield row
        else:
            note.row = number
            note("", "an object {...} is expected")
            yield None


def _read_json(line: bytes, number: int) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        try:  # NaN and Infinity, which JSON does not know and Python writes all the same
            return json.loads(line.decode())
        except (ValueError, RecursionError) as error:
            raise BarographError(f"Row {number} is no JSON: {error}", remedy="Send one object a line.") from error


def rows_of_csv(payload: bytes, note: Any) -> Iterator[Mapping[str, Any] | None]:
    """Yield the row of every line under the header; None, and a problem noted, where cells are too many or too few.

    An empty cell is a field that was not sent.  BarographError for what is no CSV in UTF-8.
    """
    try:
        lines = csv.reader(StringIO(payload.decode("utf-8-sig"), newline=""), strict=True)
        header = next(lines, [])
        names, units = _read_header(header)
        number = 0
        for cells in lines:
            if not cells:
                continue
            number += 1
            if len(cells) != len(names):
                note.row = number
                note("", f"{len(cells)} cells, and the header has {len(names)}")
                yield None
                continue
            row: dict[str, Any] = {
                name: cell if name in _TEXTS else _value(name, cell)
                for name, cell in zip(names, cells, strict=True)
                if cell.strip()
            }
            if units:
                row["units"] = units | (row.get("units") or {})
            yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise BarographError(f"The body is no CSV in UTF-8: {error}", remedy="Send it as UTF-8 with commas.") from error


def _read_header(header: list[str]) -> tuple[list[str], dict[str, str]]:
    """Names of the columns, and the units that stand beside them."""
    names, units = [], {}
    for cell in header:
        found = _WITH_UNIT.fullmatch(cell)
        names.append(found[1] if found else cell.strip())
        if found:
            units[found[1]] = found[2]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BarographError(f"The header names {', '.join(twice)} twice", remedy="Name every column once.")
    return names, units


def _value(name: str, cell: str) -> Any:
    """The number that a cell holds, or its text where it holds none: the check of the field says what is wrong."""
    text = cell.strip()
    if name == "units":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    for kind in (int, float):
        try:
            return kind(text) if "_" not in text else text
        except ValueError:
            continue
    return text
