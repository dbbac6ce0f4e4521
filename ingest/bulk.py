"""The fast way through a clean file: pyarrow reads it in blocks.  Anything odd, and the careful way (rows.py) is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from ingest.cells import Floats
from ingest.columns_of_text import Body, Nulls, TextColumn
from ingest.dialect import Layout, split
from ingest.mapping import SourceColumn

_SCAN = 1 << 22
_BLOCK = 1 << 22


class NotCleanError(Exception):
    """The file needs the careful way; never shown to anybody."""


@dataclass(frozen=True, slots=True)
class _Table:
    offset: int
    lines: int


def read_bulk(
    path: Path,
    encoding: str,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    report: Callable[[int], None],
) -> Body:
    """Every row of a clean table as numbers; NotCleanError where any row or cell is odd."""
    if encoding.startswith("utf-16") or encoding == "utf-32" or layout.thousands_mark or layout.delimiter == " ":
        raise NotCleanError
    place = _locate(path, layout)
    try:
        return _read(path, encoding, layout, columns, place, report)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeError) as error:
        raise NotCleanError from error


def _locate(path: Path, layout: Layout) -> _Table:
    """Where the first row of values begins, and how many lines there are from it on; one pass over the bytes."""
    with path.open("rb") as stream:
        offset = 0
        for _ in range(layout.first_line - 1):
            line = stream.readline(_SCAN)
            if not line.endswith(b"\n"):
                raise NotCleanError
            offset += len(line)
        first = stream.readline(_SCAN)
        if first.startswith(b"\xef\xbb\xbf"):
            offset += 3
            if layout.first_line > 1:
                raise NotCleanError
        stream.seek(offset)
        lines, last = 0, b"\n"
        while block := stream.read(_SCAN):
            if b"\x00" in block or b"\xef\xbb\xbf" in block:
                raise NotCleanError
            lines += block.count(b"\n")
            if block.count(b"\r") > block.count(b"\n") + 1:
                raise NotCleanError
            last = block[-1:]
    return _Table(offset, lines + (last != b"\n"))


def _read(
    path: Path,
    encoding: str,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    place: _Table,
    report: Callable[[int], None],
) -> Body:
    body = Body({c.column: np.empty(place.lines) for c in columns}, np.empty(0, np.int64))
    body.month_first = {c.column: np.empty(place.lines) for c in columns if c.kind == "date"}
    body.nulls = {c.column: Nulls() for c in columns}
    texts = {c.column: TextColumn(c) for c in columns if c.kind != "number"}
    done = 0
    with path.open("rb") as stream:
        stream.seek(place.offset)
        width = len(split(stream.readline(_SCAN).decode(encoding, "replace").rstrip("\r\n"), layout.delimiter))
        stream.seek(place.offset)
        for batch in _open(stream, encoding, layout, columns, width):
            if done + batch.num_rows > place.lines:
                raise NotCleanError
            for column in columns:
                _take(body, column, batch.column(f"c{column.place}"), texts, done, layout.first_line)
            done += batch.num_rows
            report(done)
    if done != place.lines:
        raise NotCleanError  # blank lines: the line numbers would be wrong
    body.lines = np.arange(layout.first_line, layout.first_line + done, dtype=np.int64)
    body.channels = list(texts["channel"].known) if "channel" in texts else []
    return body


def _open(
    stream: object, encoding: str, layout: Layout, columns: tuple[SourceColumn, ...], width: int
) -> pacsv.CSVStreamingReader:
    names = [f"c{place}" for place in range(width)]
    if any(column.place >= width for column in columns) or width < layout.width:
        raise NotCleanError
    surplus = names[layout.width :]
    return pacsv.open_csv(
        stream,
        read_options=pacsv.ReadOptions(
            column_names=names, block_size=_BLOCK, use_threads=True, encoding="utf8" if encoding == "utf-8-sig" else encoding
        ),
        parse_options=pacsv.ParseOptions(delimiter=layout.delimiter, ignore_empty_lines=True),
        convert_options=pacsv.ConvertOptions(
            column_types={
                **{f"c{c.place}": pa.float64() if c.kind == "number" else pa.string() for c in columns},
                **dict.fromkeys(surplus, pa.null()),  # cells beyond the header must be empty
            },
            include_columns=[*(f"c{c.place}" for c in columns), *surplus],
            null_values=[""],
            strings_can_be_null=True,
            decimal_point=layout.decimal_mark,
        ),
    )


def _take(
    body: Body, column: SourceColumn, cells: pa.Array, texts: dict[str, TextColumn], done: int, first_line: int
) -> None:
    """Put one block of one column into its place."""
    name, rows = column.column, slice(done, done + len(cells))
    if column.kind != "number":
        values, other = texts[name].read(cells.to_pandas().fillna("").astype("str"))
        body.values[name][rows] = values
        if other is not None:
            body.month_first[name][rows] = other
        return
    values = cells.to_numpy(zero_copy_only=False)
    _count_words(body.nulls[name], cells, values, done, first_line)
    body.values[name][rows] = np.where(np.isinf(values), np.nan, values)


def _count_words(nulls: Nulls, cells: pa.Array, values: Floats, done: int, first_line: int) -> None:
    """Count "nan" and "inf", which pyarrow reads as numbers; empty cells are not counted."""
    odd = ~np.isfinite(values)
    if not odd.any():
        return
    empty = cells.is_null().to_numpy(zero_copy_only=False)
    words = np.flatnonzero(odd & ~empty)
    if len(words):
        nulls.add(len(words), first_line + done + int(words[0]), str(values[words[0]]))
