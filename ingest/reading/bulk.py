"""The fast way through a clean file: pyarrow reads it piece by piece.  Anything odd is left to rows.py."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body, Nulls, TextColumn
from ingest.reading.dialect import Layout, split
from ingest.reading.mapping import SourceColumn
from ingest.reading.text_lines import TextFile

_TIMES = ("test_time_second", "unix_time_second", "date_time")
_PIECE = 1 << 22
_AHEAD = 2
"""Pieces that are read before the one that is taken is done: more would need more memory."""
_LINE_FEED = 10
_MARK = b"\xef\xbb\xbf"


class NotCleanError(Exception):
    """The file needs the careful way; never shown to anybody."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Whole lines of the file: where they stand in it, and which rows they are."""

    offset: int
    size: int
    rows: slice


@dataclass(frozen=True, slots=True)
class _Words:
    """What one piece has beside numbers: the cells of its text columns, and words in number columns."""

    rows: slice
    texts: dict[str, pa.ChunkedArray]
    nulls: dict[str, tuple[int, int, str]]


def read_bulk(
    file: TextFile,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    report: Callable[[int], None],
    threads: Executor,
) -> Body:
    """Every row of a clean table as numbers; NotCleanError where any row or cell is odd."""
    wide = file.encoding.startswith("utf-16") or file.encoding == "utf-32"
    if wide or layout.thousands_mark or layout.delimiter == " ":
        raise NotCleanError
    try:
        return _read(file, layout, columns, report, threads)
    except (pa.ArrowInvalid, pa.ArrowKeyError, UnicodeError) as error:
        raise NotCleanError from error


def _pieces(file: TextFile, layout: Layout) -> Iterator[_Piece]:
    """The lines from the first row of values on; one pass over the bytes."""
    with_mark = file.encoding == "utf-8-sig"
    with file.path.open("rb") as stream:
        offset = 0
        for _ in range(layout.first_line - 1):
            line = stream.readline(_PIECE)
            if not line.endswith(b"\n"):
                raise NotCleanError
            offset += len(line)
        if stream.readline(_PIECE).startswith(_MARK):
            offset += len(_MARK)
        rows, buffer = 0, bytearray(_PIECE)
        size = os.fstat(stream.fileno()).st_size
        while offset < size:
            count = os.preadv(stream.fileno(), [buffer], offset)
            end = count if offset + count >= size else buffer.rfind(b"\n", 0, count) + 1
            if not end or buffer.find(b"\x00", 0, end) >= 0 or (with_mark and buffer.find(_MARK, 0, end) >= 0):
                raise NotCleanError
            lines = int(np.count_nonzero(np.frombuffer(buffer, np.uint8, end) == _LINE_FEED))
            lines += buffer[end - 1] != _LINE_FEED
            yield _Piece(offset, end, slice(rows, rows + lines))
            offset, rows = offset + end, rows + lines


def _read(
    file: TextFile,
    layout: Layout,
    columns: tuple[SourceColumn, ...],
    report: Callable[[int], None],
    threads: Executor,
) -> Body:
    pieces = list(_pieces(file, layout))
    if not pieces:
        raise NotCleanError
    filler = _Filler(layout, columns, pieces[-1].rows.stop)
    with file.path.open("rb") as stream:
        stream.seek(pieces[0].offset)
        first = stream.readline().decode(file.encoding, "replace").rstrip("\r\n")
        width = len(split(first, layout.delimiter))
        read = partial(filler.read, stream.fileno(), _options(file.encoding, layout, columns, width))
        for words in _in_turn(threads, read, pieces):
            report(layout.first_line + filler.take(words))
    return filler.finish()


def _in_turn(threads: Executor, read: Callable[[_Piece], _Words], pieces: list[_Piece]) -> Iterator[_Words]:
    """What `read` returns of each piece, in their order; none is being read any more when this ends."""
    ahead: deque[Future[_Words]] = deque()
    try:
        for piece in pieces:
            ahead.append(threads.submit(read, piece))
            if len(ahead) > _AHEAD:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        for one in ahead:
            one.cancel()
        wait(ahead)


def _options(encoding: str, layout: Layout, columns: tuple[SourceColumn, ...], width: int) -> dict[str, Any]:
    names = [f"c{place}" for place in range(width)]
    if any(column.place >= width for column in columns) or width < layout.width:
        raise NotCleanError
    surplus = names[layout.width :]
    return {
        "read_options": pacsv.ReadOptions(
            column_names=names,
            encoding="utf8" if encoding == "utf-8-sig" else encoding,
            use_threads=False,  # the pieces are read at once
            block_size=_PIECE,
        ),
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
        self.body = Body({c.column: np.empty(lines) for c in columns}, np.empty(0, np.int64))
        self.body.month_first = {c.column: np.empty(lines) for c in columns if c.kind == "date"}
        self.body.nulls = {c.column: Nulls() for c in columns}
        self.texts = {c.column: TextColumn(c) for c in columns if c.kind != "number"}

    def read(self, number: int, options: dict[str, Any], piece: _Piece) -> _Words:
        """Fill in the numbers of one piece of the open file `number`; several pieces may be read at once."""
        table = pacsv.read_csv(pa.BufferReader(os.pread(number, piece.size, piece.offset)), **options)
        if table.num_rows != piece.rows.stop - piece.rows.start:
            raise NotCleanError
        texts: dict[str, pa.ChunkedArray] = {}
        nulls: dict[str, tuple[int, int, str]] = {}
        for column in self.columns:
            cells, name = table.column(f"c{column.place}"), column.column
            if column.kind == "number":
                found = _fill(self.body.numbers[name][piece.rows], cells)
                if found is not None:
                    nulls[name] = found
            else:
                texts[name] = cells
        return _Words(piece.rows, texts, nulls)

    def take(self, words: _Words) -> int:
        """Fill in what depends on the pieces before it, and return the number of rows that are done."""
        for name, (count, first, cell) in words.nulls.items():
            self.body.nulls[name].add(count, self.layout.first_line + words.rows.start + first, cell)
        for name, cells in words.texts.items():
            values, other = self.texts[name].read(cells.to_pandas().fillna("").astype("str"))
            self.body.numbers[name][words.rows] = values
            if other is not None:
                self.body.month_first[name][words.rows] = other
        return int(words.rows.stop)

    def finish(self) -> Body:
        """The whole body; NotCleanError where a row has no time, as one of delimiters only."""
        for name in _TIMES:
            if name in self.body.numbers:
                dates = self.body.dates(name)  # 04/30/2024 is none with the day first
                if (np.isnan(dates.day_first) & np.isnan(dates.month_first)).any():
                    raise NotCleanError
        self.body.lines = np.arange(self.layout.first_line, self.layout.first_line + self.lines, dtype=np.int64)
        self.body.channels = list(self.texts["channel"].known) if "channel" in self.texts else []
        return self.body


def _fill(target: Floats, cells: pa.ChunkedArray) -> tuple[int, int, str] | None:
    """Put numbers into place; "nan" and "inf", which pyarrow reads as numbers, are counted, empty cells are not.

    Returns how many there are, and the first: which of these rows, and its word.
    """
    begin = 0
    for chunk in cells.chunks:
        target[begin : begin + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        begin += len(chunk)
    finite = np.isfinite(target)
    if finite.all():
        return None
    words = np.flatnonzero(~finite & ~cells.is_null().to_numpy())
    found = (len(words), int(words[0]), str(target[words[0]])) if len(words) else None
    target[~finite] = np.nan
    return found
