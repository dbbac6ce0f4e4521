"""Answers: JSON in which what was not measured is null, and CSV that a spreadsheet cannot run."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import numpy as np
import orjson
import pandas as pd
from flask import Response

PART_ROWS = 20_000
"""Rows that are written at a time."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
"""What is replaced in the name of a download."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With those of double width, which spreadsheets of East Asia take for the same."""


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON of plain values, dates and numpy arrays; NaN and infinity become null."""
    body = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return Response(body, status, dict(headers or {}), mimetype="application/json")


def as_json_columns(meta: object, table: pd.DataFrame) -> Response:
    """JSON of `meta` and each column as an array of numbers, written part by part, never whole in memory."""
    return Response(_json_parts(meta, table), mimetype="application/json")


def _json_parts(meta: object, table: pd.DataFrame) -> Iterator[bytes]:
    yield b'{"meta":' + orjson.dumps(meta)
    for name, column in table.items():
        yield b"," + orjson.dumps(name) + b":["
        values = column.to_numpy(np.float64)
        for start in range(0, len(values), PART_ROWS):
            numbers = orjson.dumps(values[start : start + PART_ROWS], option=orjson.OPT_SERIALIZE_NUMPY)
            yield (b"," if start else b"") + numbers[1:-1]
        yield b"]"
    yield b"}"


def as_csv(tables: Iterable[pd.DataFrame], name: str) -> Response:
    """CSV with one header, streamed part by part, offered as a download under `name`.

    The first part is made before the answer begins, so that what cannot be read is told as an error.
    """
    parts = _csv_parts(tables)
    response = Response(chain([next(parts, "")], parts), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{_UNSAFE.sub("-", name)}"'
    return response


def _csv_parts(tables: Iterable[pd.DataFrame]) -> Iterator[str]:
    header = True
    for table in tables:
        for start in range(0, max(len(table), 1), PART_ROWS):
            part = table.iloc[start : start + PART_ROWS]
            if header or not part.empty:
                yield _harmless(part).to_csv(index=False, header=header)
            header = False


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its texts made safe: a spreadsheet runs what begins with = + - @; numbers stay numbers."""
    safe = table.copy(deep=False)
    for name, column in table.items():
        if not pd.api.types.is_numeric_dtype(column):
            safe[name] = pd.Series([harmless(value) for value in column], index=table.index, dtype=object)
    return safe


def harmless(value: object) -> object:
    """The value, with an apostrophe before a text that a spreadsheet would take for a formula.

    >>> harmless("=1+1"), harmless("In0-3"), harmless(-0.5)
    ("'=1+1", 'In0-3', -0.5)
    """
    if isinstance(value, list | dict):
        value = orjson.dumps(value).decode() if value else ""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # a lone CR would be written without quotes
    return f"'{text}" if value.startswith(_FORMULA_SIGNS) else text
