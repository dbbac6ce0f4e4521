"""From the bytes of one export to a Reading: what the file says, in our columns and units, and what has to be known.

The order is fixed (IMPORT section 2.3): magic bytes, encoding, format, layout, columns, rows, and then the checks.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ingest.readers import profile_of_header, profile_of_opening
from ingest.readers.profile import Profile
from ingest.reading.aliases import alias
from ingest.reading.bulk import NotCleanError, read_bulk
from ingest.reading.columns_of_text import Body
from ingest.reading.dialect import Layout, find_layout, layout_below_header, layout_of_columns, split
from ingest.reading.encoding import find_encoding
from ingest.reading.findings import Reading
from ingest.reading.findings_log import Findings
from ingest.reading.instrument_files import arbin_lines, neware_lines
from ingest.reading.magic import Sort, sort_of_file
from ingest.reading.mapping import Plan, plan_columns
from ingest.reading.plain_table import rewritten, written_as_text
from ingest.reading.records import make_records
from ingest.reading.rows import read_rows
from ingest.reading.text_lines import TextFile, read_lines
from ingest.reading.whole_table import confirm_columns, headerless_profile, refuse_impedance, set_aside_cut_line
from ingest.reading.workbook import workbook_lines

_HEAD = 1 << 20
_SAMPLE_LINES = 2000
_OPENING_LINES = 60
_NO_ANSWERS: Mapping[str, Any] = {}


def read_export(
    path: Path,
    name: str,
    answers: Mapping[str, Any] = _NO_ANSWERS,
    *,
    progress: Callable[[float], None] | None = None,
    threads: Executor | None = None,
) -> Reading:
    """The records of an exported text file, in our columns and units, with everything assumed, found wrong and asked.

    `name` is the file's original name (shown, and only a hint); `answers` hold the answers to questions by their
    codes and "mapping" {source: {"column", "unit", "factor", "offset"}}; beside them stand "remembered", what was
    answered for earlier files with this header, and "cell", what is known of it (findings_log).  `progress`: 0 .. 1.
    `threads` share the work where the file is clean.
    Raises RefusedFileError for a file that is no record of cycling, InvalidInputError for answers that cannot be used.
    """
    tell = _Progress(progress)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    task = _Task(Findings(answers), tell, threads)
    sort = sort_of_file(head, name)
    if sort != "text":
        with written_as_text(_lines_of(path, name, sort, task.findings), name) as file:
            lines = _first_lines(file)
            return _read_table(file, lines, profile_of_opening("\n".join(lines[:_OPENING_LINES])), task)
    return _read_text(TextFile(path, name, find_encoding(head)), task)


def _lines_of(path: Path, name: str, sort: Sort, findings: Findings) -> Iterator[str]:
    """Lines of text of a file that is none."""
    if sort in {"nda", "ndax"}:
        return neware_lines(path, name, findings, zipped=sort == "ndax")
    if sort == "res":
        return arbin_lines(path, name)
    return workbook_lines(path, name, findings, zipped=sort == "xlsx")


def _read_text(file: TextFile, task: "_Task") -> Reading:
    """The records of a file of text."""
    lines = _first_lines(file)
    profile = profile_of_opening("\n".join(lines[:_OPENING_LINES]))
    if profile is None or profile.rewrite is None:
        return _read_table(file, lines, profile, task)
    with rewritten(file, profile.rewrite) as plain:
        reading = _read_table(plain, _first_lines(plain), profile, task)
    reading.encoding = file.encoding
    return reading


def _read_table(file: TextFile, lines: list[str], profile: Profile | None, task: "_Task") -> Reading:
    """The records of a file whose lines are a table, of which `lines` are the first."""
    findings, tell = task.findings, task.tell
    profile, layout = _recognise(lines, profile, file.name)
    if layout.header_line is None and profile.columns is None:
        profile, layout = headerless_profile(layout, lines, findings)
    confirm_columns(profile, layout, findings)
    samples = _samples(lines, layout)
    refuse_impedance(layout.header, file.name)
    plan = plan_columns(layout, profile, samples, findings)
    tell(0.05)
    size = max(file.path.stat().st_size, 1)
    per_line = max(sum(map(len, lines)) / max(len(lines), 1) + 1, 1)
    report = partial(_tell_rows, tell, per_line / size)
    body = _read_body(file, layout, plan, report, task.threads)
    set_aside_cut_line(file, layout, body)
    tell(0.8)
    reading = make_records(file, layout, plan, body, findings)
    reading.format = profile.name
    reading.fingerprint = fingerprint(profile.name, layout)
    tell(1.0)
    return reading


class _Progress:
    """Reports progress that never falls, though a file may be begun again on the careful way."""

    def __init__(self, report: Callable[[float], None] | None) -> None:
        self.report, self.done = report, 0.0

    def __call__(self, share: float) -> None:
        self.done = max(self.done, share)
        if self.report is not None:
            self.report(self.done)


@dataclass(frozen=True, slots=True)
class _Task:
    """What goes with a reading all the way: what is found out, whom to tell of progress, who shares the work."""

    findings: Findings
    tell: _Progress
    threads: Executor | None


def _tell_rows(tell: _Progress, share: float, rows: int) -> None:
    """Progress while the rows are read, each of which is such a share of the file."""
    tell(min(0.05 + 0.75 * rows * share, 0.8))


def fingerprint(format_name: str, layout: Layout) -> str:
    """Key of an instrument's files: the same for every file of this format with this header (32 hex digits)."""
    parts = [
        format_name,
        layout.delimiter,
        layout.decimal_mark,
        *(alias(cell) for cell in layout.header),
        *layout.units,
    ]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _first_lines(file: TextFile) -> list[str]:
    lines = []
    for number, line in read_lines(file):
        lines.append(line)
        if number >= _SAMPLE_LINES:
            break
    return lines


def _recognise(lines: list[str], profile: Profile | None, name: str) -> tuple[Profile, Layout]:
    """Format and layout; RefusedFileError where neither is found."""
    if profile is None:
        layout = find_layout(lines, name)
        return profile_of_header(list(layout.header)), layout
    if profile.columns is not None:
        return profile, layout_of_columns(lines, profile.columns(lines), name)
    number = _header_line(profile, lines)
    if number is None:
        return profile, find_layout(lines, name)
    if number <= len(lines):
        refuse_impedance(lines[number - 1].split("\t"), name)
    return profile, layout_below_header(lines, number, name)


def _header_line(profile: Profile, lines: list[str]) -> int | None:
    """Number of the header's line as the file announces it or the format begins it; None where neither is there."""
    if profile.header_line is not None:
        announced = profile.header_line.search("\n".join(lines[:_OPENING_LINES]))
        return int(announced[1]) if announced else None
    if profile.header_row is not None:
        return next((place for place, line in enumerate(lines, start=1) if profile.header_row.search(line)), None)
    return None


def _samples(lines: list[str], layout: Layout) -> list[list[str]]:
    rows = [split(line, layout.delimiter) for line in lines[layout.first_line - 1 :][:200] if line.strip()]
    return [row for row in rows if len(row) >= layout.width] or rows


def _read_body(
    file: TextFile, layout: Layout, plan: Plan, report: Callable[[int], None], threads: Executor | None
) -> Body:
    try:
        with ThreadPoolExecutor() if threads is None else nullcontext(threads) as readers:
            return read_bulk(file, layout, plan.columns, report, readers)
    except NotCleanError:
        return read_rows(file, layout, plan.columns, report)
