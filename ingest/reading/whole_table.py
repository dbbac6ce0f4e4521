"""What is judged of a table as a whole: no cycling data, no header, a last line that was cut off."""

import re
from collections.abc import Sequence

import numpy as np

from ingest.readers import GENERIC, labview_bench
from ingest.readers.profile import Profile
from ingest.reading.cells import number
from ingest.reading.columns_of_text import Body
from ingest.reading.dialect import Layout, split
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from ingest.reading.text_lines import TextFile, ends_with_newline, split_lines
from pressiometry.errors import RefusedFileError

_IMPEDANCE = re.compile(r"^(?:freq(?:uency)?\b|\|z\||re\(z\)|-?im\(z\)|zreal|zimag|z'|zmod)", re.IGNORECASE)
_POWER_AGREES = 0.02
_TAIL = 65_536
_HABIT = 3
"""Rows that make a habit."""
_RARE = 0.05
"""Share of rows below which a way of writing a number is rare."""


def refuse_impedance(header: Sequence[str], name: str) -> None:
    """RefusedFileError "eis" where a header has a frequency and an impedance."""
    found = {match[0].lower()[:2] for match in (_IMPEDANCE.match(cell.strip()) for cell in header) if match}
    if "fr" in found and len(found) > 1:
        raise RefusedFileError(
            "eis", "EIS, not cycling: this is an impedance spectrum", where=name,
            remedy="Import the cycling technique of the same experiment instead.",
        )  # fmt: skip


def headerless_profile(layout: Layout, lines: Sequence[str], findings: Findings) -> tuple[Profile, Layout]:
    """Profile and layout of a table without a header: a known bench, to be confirmed, or named by a person.

    Raises RefusedFileError "no_header" where nothing is known of the columns and no mapping was answered.
    """
    rows = [split(line, layout.delimiter) for line in lines[layout.first_line - 1 :] if line.strip()]
    if _is_bench(rows, layout):
        title = ", ".join(labview_bench.COLUMNS)
        question = Question(
            "no_header",
            f"The file has no header. Its fourth column is the product of the second and third. Are they {title}?",
            (("labview_bench", "yes"), ("unknown", "no, I name them in the mapping")),
        )
        if findings.ask(question, suggested="labview_bench") == "labview_bench":
            header = labview_bench.COLUMNS
            return labview_bench.PROFILE, Layout(
                layout.delimiter, layout.decimal_mark, layout.thousands_mark, header, ("",) * len(header),
                None, None, layout.first_line,
            )  # fmt: skip
    if not findings.answers.get("mapping"):
        raise _no_header(layout)
    return GENERIC, layout


def confirm_columns(profile: Profile, layout: Layout, findings: Findings) -> None:
    """Ask whether a table without a header has its format's columns; RefusedFileError where it has not."""
    if not profile.confirm:
        return
    question = Question("no_header", profile.confirm, ((profile.name, "yes"), ("unknown", "no")))
    if findings.ask(question, suggested=profile.name) != profile.name:
        raise _no_header(layout)


def _no_header(layout: Layout) -> RefusedFileError:
    return RefusedFileError(
        "no_header",
        f"The file has no header line: nothing says what its {layout.width} columns are",
        where=f"line {layout.first_line}",
        remedy="Add a line of names with units, such as: time / s, voltage / V, current / A.",
    )


def _is_bench(rows: list[list[str]], layout: Layout) -> bool:
    """Whether there are seven columns and the fourth is the product of the second and third, within 2 %."""
    if layout.width != len(labview_bench.COLUMNS):
        return False
    good = 0
    tried = [row for row in rows[1:200] if len(row) == layout.width]
    for row in tried:
        values = [number(cell, layout.decimal_mark, layout.thousands_mark) for cell in row[1:4]]
        if any(value is None for value in values):
            continue
        current, voltage, power = (float(value) for value in values if value is not None)
        good += abs(current * voltage - power) <= _POWER_AGREES * abs(power)
    return len(tried) > 1 and good > 0.9 * len(tried)


def set_aside_cut_line(file: TextFile, layout: Layout, body: Body) -> None:
    """Move the last row to quarantine where the file ends inside its last cell.

    A file without a final line end may be whole.  Its last row is not trusted where its last cell is written shorter
    than nearly all of that column: fewer decimals, fewer digits, nothing, or the beginning of the number above it.
    """
    if not body.rows or file.encoding.startswith("utf-16") or ends_with_newline(file):
        return
    with file.path.open("rb") as stream:
        stream.seek(max(file.path.stat().st_size - _TAIL, 0))
        tail = split_lines(stream.read().decode(file.encoding, "replace"))
    odd_already = bool(body.quarantine) and body.quarantine[-1][0] > body.lines[-1]
    if odd_already or not tail[-1].strip() or not _is_cut([split(line, layout.delimiter) for line in tail[1:]], layout):
        return
    body.quarantine.append((int(body.lines[-1]), tail[-1], "the file ends inside this line"))
    body.keep(np.arange(body.rows) < body.rows - 1)


def _is_cut(rows: list[list[str]], layout: Layout) -> bool:
    """Whether the last of these rows ends before its last cell is complete, as those above it tell."""
    whole = [row for row in rows[:-1] if len(row) >= layout.width]
    if len(whole) < _HABIT:
        return False
    last, above = rows[-1], [row[-1].strip() for row in whole]
    if len(last) != len(whole[-1]):
        return len(last) < len(whole[-1])
    cell = last[-1].strip()
    shorter = [_written(one, layout.decimal_mark) <= _written(cell, layout.decimal_mark) for one in above]
    is_part = len(cell) < len(above[-1]) and above[-1].startswith(cell) and layout.decimal_mark not in above[-1]
    return sum(shorter) < _RARE * len(shorter) or is_part


def _written(cell: str, mark: str) -> tuple[bool, int, int]:
    """How long a number is written: whether at all, its decimals, and without decimals its digits."""
    whole, point, decimals = cell.partition(mark)
    return bool(cell), len(decimals), 0 if point else len(whole)
