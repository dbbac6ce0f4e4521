"""Excel workbooks (.xlsx, .xls): the sheets that hold the records, as lines of text, a sheet's row on each.

Excel's zip is looked at before it is unpacked (RELIABILITY section 3): what it lists, how much that is, and whether it
tells the truth.  The reading itself is calamine's, in the child that has limits.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from ingest.reading.aliases import understand
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from pressiometry.errors import RefusedFileError

MOST_BYTES = 200_000_000
MOST_MEMBERS = 100
MOST_RATIO = 100
"""What a workbook may unpack to, how many parts it may have, and how many times its own size it may become."""

_HEADER_ROWS = 100
"""Rows of a sheet among which its header is looked for."""
_RECORD_SHEET = re.compile(r"^(?:channel|record|detail|data)", re.IGNORECASE)
_CHANNEL_SHEET = re.compile(r"^(channel[ _-]*\d+)[ _-]", re.IGNORECASE)
_SHEET = re.compile(rb'<sheet\b[^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_NO_VALUE = re.compile(rb"(?:</f>|<f(?:\s[^>]*)?/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BLOCK = 1 << 20
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, KeyError, ValueError, RuntimeError,
    OSError,
)  # fmt: skip
"""What Python's zip reader raises for archives that are damaged or made to harm."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One sheet that holds a table of records: its name, the cells of its header, and its cells."""

    name: str
    header: tuple[str, ...]
    sheet: CalamineSheet


def refuse_bomb(path: Path, name: str, what: str = "workbook") -> set[str]:
    """Names of the sheets with formulas without values; RefusedFileError for an archive that is too much to unpack.

    Every part is unpacked once, piece by piece and no further than it says it goes: a list that lies is found.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            listed, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
            if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
                raise _damaged(name, what)
            if len(parts) > MOST_MEMBERS:
                raise _too_much(f"The {what} is {len(parts)} parts, of which {MOST_MEMBERS} are read", name)
            if listed > MOST_BYTES:
                raise _too_much(
                    f"The {what} is {listed / 1e6:.0f} MB when unpacked; {MOST_BYTES / 1e6:.0f} MB are read", name
                )
            if listed > MOST_RATIO * max(packed, 1):
                raise _too_much(f"The {what} is {listed / max(packed, 1):.0f} times its size when unpacked", name)
            empty = {part.filename for part in parts if _has_no_values(archive, part)}
            return _sheets_of(archive, empty)
    except _UNREADABLE as error:
        raise _damaged(name, what) from error


def _has_no_values(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part has a formula whose value was not stored with it; unpacks all of it."""
    tail, found = b"", False
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            if part.filename.startswith("xl/worksheets/") and not found:
                found = _NO_VALUE.search(tail + block) is not None
                tail = block[-200:]
    return found


def _sheets_of(archive: zipfile.ZipFile, members: set[str]) -> set[str]:
    """Names of the sheets that are stored in these parts."""
    if not members:
        return set()
    targets = {}
    for relation in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        parts = dict(re.findall(rb'(\w+)="([^"]*)"', relation))
        targets[parts.get(b"Id", b"")] = parts.get(b"Target", b"").decode().removeprefix("/xl/").removeprefix("/")
    sheets = _SHEET.findall(archive.read("xl/workbook.xml"))
    return {unescape(name.decode()) for name, key in sheets if f"xl/{targets.get(key)}" in members}


def workbook_lines(path: Path, name: str, findings: Findings, *, zipped: bool) -> Iterator[str]:
    """Lines of the workbook's records, cells divided by tabs; RefusedFileError where no sheet has any."""
    without_values = refuse_bomb(path, name) if zipped else set()
    if not zipped and _is_encrypted(path):
        raise _protected(name)
    try:
        with path.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
            chosen = _choose(_tables(book), name, findings)
            _refuse_hollow(chosen, without_values, name)
            for table in chosen:
                yield from _lines(table, goes_on=table is not chosen[0])
    except PasswordError as error:
        raise _protected(name) from error
    except CalamineError as error:
        raise _damaged(name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what a library in Rust raises where it gives up
            raise
        raise _damaged(name) from error


def _refuse_hollow(tables: Sequence[_Table], without_values: set[str], name: str) -> None:
    """RefusedFileError where a sheet that is read has formulas whose values are not stored."""
    hollow = [table.name for table in tables if table.name in without_values]
    if hollow:
        raise RefusedFileError(
            "formulas", f"Sheet {hollow[0]} holds formulas without their values", where=name,
            remedy="Open the workbook in Excel, save it, and import it again; or export the sheet as CSV.",
        )  # fmt: skip


def _tables(book: CalamineWorkbook) -> list[_Table]:
    """The sheets of a workbook that hold records, in its order."""
    found = []
    for known in book.sheets_metadata:
        if known.typ == SheetTypeEnum.WorkSheet:  # the others are charts and macros
            sheet = book.get_sheet_by_name(known.name)
            header = _header(sheet)
            found += [_Table(known.name, header, sheet)] * bool(header)
    return found


def _header(sheet: CalamineSheet) -> tuple[str, ...]:
    """The cells of a sheet's header, where it heads records: it names a time, and voltage and current or a sensor."""
    for place, row in enumerate(sheet.iter_rows()):
        if place >= _HEADER_ROWS:
            break
        columns = {understand(cell).column for cell in row if isinstance(cell, str)}
        if columns & {"test_time_second", "unix_time_second", "date_time"} and (
            {"voltage_volt", "current_ampere"} <= columns
            or columns & {"surface_pressure_mpa", "force_newton", "thickness_micrometre", "strain"}
        ):
            return tuple(str(cell) for cell in row)
    return ()


def _choose(tables: Sequence[_Table], name: str, findings: Findings) -> list[_Table]:
    """The sheets that are read: those of records, of one channel; what is left aside is stated."""
    if not tables:
        raise RefusedFileError(
            "no_table", "No sheet of the workbook has a header with time, voltage and current", where=name,
            remedy="Export the records (Arbin: Channel sheets, Neware: the record sheet), or as CSV.",
        )  # fmt: skip
    wanted = [table for table in tables if _RECORD_SHEET.match(table.name)] or list(tables)
    longest = max(wanted, key=lambda table: int(table.sheet.height))
    wanted = [table for table in wanted if table.header == longest.header]
    channels = list(dict.fromkeys(_channel(table.name) for table in wanted))
    if len(channels) > 1 and all(channels):
        choices = tuple((channel, channel) for channel in channels)
        question = Question("workbook_channel", "The workbook holds several channels: which is this cell's?", choices)
        answer = findings.ask(question, suggested=channels[0])
        wanted = [table for table in wanted if _channel(table.name) == answer]
    left = [table.name for table in tables if table not in wanted]
    more = f"; left aside: {', '.join(left)}" if left else ""
    rows = ", rows counted on from one to the next" if len(wanted) > 1 else ""
    findings.assume("sheets", f"Read: {', '.join(table.name for table in wanted)}{rows}{more}")
    return wanted


def _channel(sheet: str) -> str:
    """The channel that a sheet's name says: Channel_11_1 and Channel_11_2 are parts of Channel_11."""
    match = _CHANNEL_SHEET.match(sheet)
    return match[1] if match else ""


def _lines(table: _Table, *, goes_on: bool) -> Iterator[str]:
    """Rows of a sheet; of one that goes on with another's records the header is blank."""
    start = table.sheet.start
    yield from [""] * (start[0] if start else 0)
    for row in table.sheet.iter_rows():
        is_header = goes_on and tuple(map(str, row)) == table.header
        yield "" if is_header else "\t".join(map(_text, row))


def _text(cell: object) -> str:
    r"""A cell as text: dates as ISO, durations as hours, minutes and seconds, whole numbers without a point.

    >>> _text(3.0), _text(datetime(2024, 4, 25, 10)), _text(timedelta(hours=30, seconds=1)), _text("a\tb")
    ('3', '2024-04-25 10:00:00', '30:00:01', 'a b')
    """
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - whole numbers of a float
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = cell.total_seconds()
        return f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02d}:{seconds % 60:06.3f}".removesuffix(".000")
    return " ".join(str(cell).split()) if isinstance(cell, str) else str(cell)


def _too_much(what: str, name: str) -> RefusedFileError:
    return RefusedFileError("too_large_inside", what, where=name, remedy="Export the records as CSV and import that.")


def _is_encrypted(path: Path) -> bool:
    """Whether a file of Office's older form holds an encrypted workbook of the newer one."""
    tail = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            if _ENCRYPTED in tail + block:
                return True
            tail = block[-len(_ENCRYPTED) :]
    return False


def _protected(name: str) -> RefusedFileError:
    return RefusedFileError(
        "password", "The workbook is protected by a password", where=name,
        remedy="Save it without a password, or export its records as CSV.",
    )  # fmt: skip


def _damaged(name: str, what: str = "workbook") -> RefusedFileError:
    return RefusedFileError(
        "damaged", f"The {what} is damaged: it cannot be unpacked", where=name, remedy="Export it again, or as CSV."
    )
