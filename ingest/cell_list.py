"""Cells from a CSV list: one row a cell, the header names the values; the page and the API read it alike."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from data_access.models import Cell
from data_access.queries import load_cells
from data_access.writes import create_cells
from data_access.writes.cell_values import FIELDS, check_cell_values
from pressiometry.errors import InvalidInputError

MOST_ROWS = 5_000
"""More cells than any laboratory has on one list."""
_PROPERTY = "properties."
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def read_cell_list(content: bytes) -> list[dict[str, Any]]:
    r"""The values of each cell of a CSV list, checked.

    The header names the values of a cell; `properties.<name>` is a further named property, `tags` are separated by
    semicolons, an empty field is unknown.  Comma, semicolon or tab separates; beside a semicolon or tab a number may
    have a decimal comma.  Raises InvalidInputError with every problem and its line.

    >>> read_cell_list(b"name,plating_time_min\nIn5-1,5\n")[0]["plating_time_min"]
    5.0
    """
    cells, problems = _checked(content)
    if problems:
        raise _refused(problems)
    return list(cells.values())


def _checked(content: bytes, taken: Collection[str] = ()) -> tuple[dict[int, dict[str, Any]], list[str]]:
    """Return the cells that can be read by their lines, and every problem of the header and of the lines."""
    header, rows, separator = _rows(content)
    problems = [f"line 1, {name or 'empty header'}: a cell has no such value" for name in header if not _is_known(name)]
    problems += [f"line 1, {name}: stands there twice" for name in dict.fromkeys(header) if header.count(name) > 1]
    if "name" not in header:
        problems.append("line 1: there is no column `name`")
        return {}, problems
    cells: dict[int, dict[str, Any]] = {}
    for line, row in rows:
        try:
            known = {name: value for name, value in _values(header, row, separator).items() if name in FIELDS}
            cells[line] = check_cell_values(known, new=True)
        except InvalidInputError as error:
            problems += [f"line {line}, {problem}" for problem in error.problems]
    names = _names(header, rows)
    problems += _repeated(names)
    problems += [f"line {line}, name: {name!r} is taken" for line, name in names.items() if name in taken]
    return cells, problems


def store_cell_list(engine: Engine, content: bytes) -> list[Cell]:
    """The new cells of a CSV list: all of them, or none where one has a problem or a name that is taken."""
    cells, problems = _checked(content, {cell.name for cell in load_cells(engine, archived=True)})
    if problems:
        raise _refused(problems)
    return create_cells(engine, list(cells.values()))


def _rows(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]], str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        lines = [(reader.line_num, row) for row in reader if any(field.strip() for field in row)]
    except csv.Error as error:
        raise _refused([f"line {reader.line_num}: {error}"]) from error
    if len(lines) < 2 or len(lines) > MOST_ROWS + 1:  # noqa: PLR2004 - a header and one row
        raise _refused([f"{max(len(lines) - 1, 0)} rows: from 1 to {MOST_ROWS} cells are expected below a header"])
    (_, header), *rows = lines
    wide = [
        f"line {line}: {len(row)} fields, the header has {len(header)}" for line, row in rows if len(row) > len(header)
    ]
    if wide:
        raise _refused(wide)
    return [name.strip() for name in header], rows, separator


def _names(header: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> dict[int, str]:
    """Return the name in each line, whatever else is wrong with it."""
    place = header.index("name")
    named = {line: row[place].strip() for line, row in rows if len(row) > place}
    return {line: unicodedata.normalize("NFC", name) for line, name in named.items() if name}


def _is_known(name: str) -> bool:
    return (name in FIELDS and name != "properties") or (name.startswith(_PROPERTY) and len(name) > len(_PROPERTY))


def _values(header: Sequence[str], row: Sequence[str], separator: str) -> Mapping[str, Any]:
    values: dict[str, Any] = {"properties": {}}
    for name, field in zip(header, row, strict=False):
        text = field.strip()
        if not text and name != "name":
            continue
        if name.startswith(_PROPERTY):
            values["properties"][name.removeprefix(_PROPERTY)] = _property(text)
        elif name == "tags":
            values["tags"] = [tag.strip() for tag in text.split(";")]
        else:
            values[name] = text.replace(",", ".") if separator != "," and _DECIMAL_COMMA.fullmatch(text) else text
    return values


def _property(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _repeated(names: Mapping[int, str]) -> list[str]:
    seen: dict[str, int] = {}
    problems = []
    for line, name in names.items():
        if name in seen:
            problems.append(f"line {line}, name: {name!r} stands in line {seen[name]} already")
        seen.setdefault(name, line)
    return problems


def _refused(problems: Sequence[str]) -> InvalidInputError:
    return InvalidInputError("The list of cells cannot be taken", problems=tuple(problems))
