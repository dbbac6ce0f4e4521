"""The fast way through a clean file: pyarrow reads it piece by piece.  Anything odd is left to rows.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body, Nulls, TextColumn
from ingest.reading.dialect import Layout, split
from ingest.reading.mapping import SourceColumn
from ingest.reading.text_lines import TextFile

_TIMES = ("test_time_second", "unix_time_second", "date_time")
_SCAN = 1 << 22
_PIECE = 1 << 23
_LINE_FEED = 10
_MARK = b"\xef\xbb\xbf"


class NotCleanError(Exception):
    """The file needs the careful way; never shown to anybody."""


@dataclass(frozen=True, slots=True)
class _Table:
    offset: int
    lines: int


def read_bulk(
    file: TextFile,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    report: Callable[[int], None],
) -> Body:
    """Every row of a clean table as numbers; NotCleanError where any row or cell is odd."""
    wide = file.encoding.startswith("utf-16") or file.encoding == "utf-32"
    if wide or layout.thousands_mark or layout.delimiter == " ":
        raise NotCleanError
    place = _locate(file, layout)
    try:
        return _read(file, layout, columns, place, report)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeError) as error:
        raise NotCleanError from error


def _locate(file: TextFile, layout: Layout) -> _Table:
    """Where the first row of values begins, and how many lines there are from it on; one pass over the bytes."""
    with_mark = file.encoding == "utf-8-sig"
    with file.path.open("rb") as stream:
        offset = 0
        for _ in range(layout.first_line - 1):
            line = stream.readline(_SCAN)
            if not line.endswith(b"\n"):
                raise NotCleanError
            offset += len(line)
        if stream.readline(_SCAN).startswith(_MARK):
            offset += len(_MARK)
        stream.seek(offset)
        lines, last = 0, b"\n"
        while block := stream.read(_SCAN):
            if b"\x00" in block or (with_mark and _MARK in block):
                raise NotCleanError
            lines += int(np.count_nonzero(np.frombuffer(block, np.uint8) == _LINE_FEED))
            last = block[-1:]
    return _Table(offset, lines + (last != b"\n"))


def _read(
    file: TextFile,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    place: _Table,
    report: Callable[[int], None],
) -> Body:
    filler = _Filler(layout, columns, place.lines)
    with file.path.open("rb") as stream:
        stream.seek(place.offset)
        first = stream.readline(_SCAN).decode(file.encoding, "replace").rstrip("\r\n")
        options = _options(file.encoding, layout, columns, len(split(first, layout.delimiter)))
        stream.seek(place.offset)
        for piece in _pieces(stream):
            filler.take(pacsv.read_csv(pa.BufferReader(pa.py_buffer(piece)), **options))
            report(layout.first_line + filler.done)
    return filler.finish()


def _pieces(stream: BinaryIO) -> Iterator[memoryview]:
    """The rest of a stream in pieces that end with a line; each holds only until the next is asked for."""
    buffer = bytearray(_PIECE)
    view, held = memoryview(buffer), 0
    while count := stream.readinto(view[held:]):  # type: ignore[attr-defined]  # a file opened for bytes has it
        filled = held + count
        end = buffer.rfind(b"\n", 0, filled) + 1
        if not end and filled == len(buffer):
            raise NotCleanError
        if end:
            yield view[:end]
        held = filled - end
        view[:held] = view[end:filled]
    if held:
        yield view[:held]


def _options(encoding: str, layout: Layout, columns: tuple[SourceColumn, ...], width: int) -> dict[str, Any]:
    names = [f"c{place}" for place in range(width)]
    if any(column.place >= width for column in columns) or width < layout.width:
        raise NotCleanError
    surplus = names[layout.width :]
    return {
        "read_options": pacsv.ReadOptions(column_names=names, encoding="utf8" if encoding == "utf-8-sig" else encoding),
        "parse_options": pacsv.ParseOptions(delimiter=layout.delimiter),
        "convert_options": pacsv.ConvertOptions(
            column_types={
                **{f"c{c.place}": pa.float64() if c.kind == "number" else pa.string() for c in columns},
                **dict.fromkeys(surplus, pa.null()),  # cells beyond the header must be empty
            },
            include_columns=[*(f"c{c.place}" for c in columns), *surplus],
            null_values=[""],
            strings_can_be_null=True,
            decimal_point=layout.decimal_mark,
        ),
    }


class _Filler:
    """Puts pieces of the table into arrays that were made for the whole of it."""

    def __init__(self, layout: Layout, columns: tuple[SourceColumn, ...], lines: int) -> None:
        self.layout, self.columns, self.lines = layout, columns, lines
        self.done = 0
        self.body = Body({c.column: np.empty(lines) for c in columns}, np.empty(0, np.int64))
        self.body.month_first = {c.column: np.empty(lines) for c in columns if c.kind == "date"}
        self.body.nulls = {c.column: Nulls() for c in columns}
        self.texts = {c.column: TextColumn(c) for c in columns if c.kind != "number"}

    def take(self, table: pa.Table) -> None:
        """Put one piece behind those before it."""
        if self.done + table.num_rows > self.lines:
            raise NotCleanError
        rows = slice(self.done, self.done + table.num_rows)
        for column in self.columns:
            cells = table.column(f"c{column.place}")
            name = column.column
            if column.kind == "number":
                self._take_numbers(name, cells, self.body.numbers[name][rows])
                continue
            values, other = self.texts[name].read(cells.to_pandas().fillna("").astype("str"))
            self.body.numbers[name][rows] = values
            if other is not None:
                self.body.month_first[name][rows] = other
        self.done += table.num_rows

    def _take_numbers(self, name: str, cells: pa.ChunkedArray, target: Floats) -> None:
        """Numbers; "nan" and "inf", which pyarrow reads as numbers, are counted, empty cells are not."""
        begin = 0
        for chunk in cells.chunks:
            target[begin : begin + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
            begin += len(chunk)
        finite = np.isfinite(target)
        if finite.all():
            return
        words = np.flatnonzero(~finite & ~cells.is_null().to_numpy())
        if len(words):
            first = int(words[0])
            self.body.nulls[name].add(len(words), self.layout.first_line + self.done + first, str(target[first]))
        target[~finite] = np.nan

    def finish(self) -> Body:
        """The whole body; NotCleanError where lines were blank or hold delimiters only."""
        if self.done != self.lines:
            raise NotCleanError
        if any(np.isnan(self.body.numbers[name]).any() for name in _TIMES if name in self.body.numbers):
            raise NotCleanError
        self.body.lines = np.arange(self.layout.first_line, self.layout.first_line + self.done, dtype=np.int64)
        self.body.channels = list(self.texts["channel"].known) if "channel" in self.texts else []
        return self.body
