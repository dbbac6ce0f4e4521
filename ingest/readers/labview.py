"""NI LabVIEW measurement (.lvm): header blocks that end with ***End_of_Header***, a table below each.

Where rows have no time, it is X0 and the row's number times Delta_X.  A block's Date and Time are its wall clock; a
date before 1905 is none (LabVIEW counts from 1904), and times of that size are seconds since then, in UTC.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.readers.profile import Profile

_END = "***End_of_Header***"
_EPOCH_SECOND = 2_082_844_800
"""Seconds from LabVIEW's epoch to 1970."""
_FIRST_YEAR = 1905
_ABSOLUTE = 2.5e9
"""A larger time is counted from 1904: it lies after 1983."""


def _number(text: str) -> float | None:
    """The number that a text is; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _date(start: datetime, second: float) -> str:
    try:
        return (start + timedelta(seconds=second)).isoformat(" ")
    except OverflowError:
        return ""


@dataclass(slots=True)
class _Block:
    """One header block and the table below it."""

    told: dict[str, list[str]] = field(default_factory=dict)
    rows: int = 0

    def first(self, key: str) -> str:
        """The first value of a line of the header, with a decimal point."""
        return next(iter(self.told.get(key, [])), "").replace(",", ".")

    def number(self, key: str) -> float:
        """The first number of a line of the header; 0 where there is none."""
        return _number(self.first(key)) or 0.0

    @property
    def step(self) -> int:
        """Cells from one channel to the next: 2 where each has a time of its own."""
        return 2 if self.first("X_Columns") == "Multi" else 1

    def start(self) -> datetime | None:
        """The wall clock of time 0; None where the block has none."""
        whole, _, fraction = self.first("Time").partition(".")
        try:
            start = datetime.strptime(f"{self.first('Date')} {whole}", "%Y/%m/%d %H:%M:%S")  # noqa: DTZ007 - no zone
        except ValueError:
            return None
        return start + timedelta(seconds=_number(f"0.{fraction}") or 0.0) if start.year >= _FIRST_YEAR else None

    def names(self, cells: list[str]) -> list[str]:
        """The table's header: time, channels with their units, date; a column of comments is left out."""
        channels, units = cells[1 :: self.step], self.told.get("Y_Unit_Label", [])[:: self.step]
        count = int(self.number("Channels")) or len(channels)
        named = zip(channels[:count], [*units, *[""] * count], strict=False)
        return ["X_Value (s)", *(f"{name} ({unit})" if unit else name for name, unit in named), "Date Time"]

    def row(self, cells: list[str], width: int) -> list[str]:
        """One row with its time and date; a cell too many where its channels have different times."""
        mark = "," if any("," in cell for cell in cells) else "."
        written = cells[0].replace(",", ".")
        second = _number(written) if written else self.number("X0") + self.rows * self.number("Delta_X")
        self.rows += 1
        if second is None:
            return [*cells, "no time"]
        start, zone = self.start(), ""
        if second > _ABSOLUTE:
            second -= _EPOCH_SECOND
            start, zone, written = datetime(1970, 1, 1), "Z", ""  # noqa: DTZ001 - its zone is written as Z
        date = _date(start, second) + zone if start else ""
        time = cells[0] if written else f"{second:.12g}".replace(".", mark)
        times = set(cells[: self.step * (width - 2) : self.step]) if self.step > 1 else {time}
        return [time, *cells[1 :: self.step][: width - 2], date, *["another time"] * (len(times) > 1)]


def _plain_table(lines: Iterable[str]) -> Iterator[str]:
    """Rows with time and date, blank for headers; rows of a block with other columns get a cell too many."""
    block, is_header = _Block(), True
    mark, first, names = "\t", [], []  # type: str, list[str], list[str]
    for line in lines:
        if line.startswith("Separator"):
            mark = "," if "Comma" in line else "\t"
        cells = [cell.strip() for cell in line.split(mark)]
        if cells[0] == "Channels":
            block, is_header = _Block(dict(block.told)), True
        made: list[str] = []
        if cells[0] == _END:
            is_header = False
        elif is_header:
            block.told[cells[0]] = cells[1:]
        elif cells[0] == "X_Value":
            names = block.names(cells)
            first = first or names
            made = names
        elif any(cells) and names:
            made = [*block.row(cells, len(names)), *["another channel"] * (names != first)]
        yield "\t".join(made)


PROFILE = Profile(
    name="labview",
    title="LabVIEW measurement",
    opening=re.compile(r"\ALabVIEW Measurement", re.IGNORECASE),
    header_row=re.compile(r"^X_Value \(s\)\t"),
    rewrite=_plain_table,
    names={"xvalue": "test_time_second"},
    is_logger=True,
)
