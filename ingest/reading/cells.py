"""What stands in one cell of a text table: a number, a duration, a date, a word for "nothing", or text."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NULL_WORDS = frozenset({
    "nan", "-nan", "+nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf", "infinity", "-infinity",
    "#div/0!", "#div/0", "#n/a", "#value!", "#num!", "#ref!", "1.#qnan", "-1.#qnan", "1.#snan", "1.#ind", "-1.#ind",
    "1.#inf", "-1.#inf",
    "nan(ind)", "-nan(ind)", "nan(snan)", "-nan(snan)", "ol", "-ol", "burnout", "over", "overload", "overrange", "open",
})  # fmt: skip
"""Words that instruments and spreadsheets write where there is no number (lower case)."""

_NO_NUMBER = re.compile(r"^[+\-*#?.]{2,}$|^-$")
_PLAIN = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")
_NUMBER = re.compile(r"^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?%?$")
_GROUPED = re.compile(r"^[+-]?\d{1,3}(?:(?P<mark>[,. '])\d{3})(?:(?P=mark)\d{3})*(?:[.,]\d+)?$")
DURATION = re.compile(r"^(?:(\d+)\s*[dD-]\s*)?(\d{1,6}):(\d{1,2})(?::(\d{1,2}(?:[.,]\d*)?))?(?:\s+([AaPp])[Mm])?$")
ZONE = re.compile(r"(?<=:\d{2})(?:[.,]\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})$")
DATE = re.compile(
    r"^(\d{1,4})([-/.])(\d{1,2})[-/.](\d{1,4})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*([AaPp][Mm])?)?"
    r"\s*$"
)


_MONTH = "(?:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*\\.?"
_SPREADSHEET_DATES = (
    rf"\d{{1,2}}[-. ]{{1,2}}{_MONTH}(?:[- ]\d{{2,4}})?",
    rf"{_MONTH}[-. ]{{1,2}}\d{{1,4}}",
    r"\d{1,2}[-/]\d{1,2}",
    r"\d{1,2}월 ?\d{1,2}일",
)
_SPREADSHEET_DATE = re.compile(f"^(?:{'|'.join(_SPREADSHEET_DATES)})$", re.IGNORECASE)


def is_null(cell: str) -> bool:
    """Whether a cell says that there is no number; the empty cell does too.

    >>> is_null("#DIV/0!"), is_null("+++++"), is_null("0")
    (True, True, False)
    """
    text = cell.strip().lower()
    return not text or text in NULL_WORDS or _NO_NUMBER.match(text) is not None


def is_duration(cell: str) -> bool:
    """Whether a cell is a time of the form [days d] hours:minutes[:seconds], or of a clock, such as 10:05 PM.

    >>> is_duration("144:01:18"), is_duration("  0d 00:00:05"), is_duration("12")
    (True, True, False)
    """
    return DURATION.match(cell.strip()) is not None


def is_date(cell: str) -> bool:
    """Whether a cell is a calendar date, with or without the time of day.

    >>> is_date("09/20/2024 08:32:34.558"), is_date("2010-08-17"), is_date("1.5")
    (True, True, False)
    """
    return DATE.match(ZONE.sub("", cell.strip())) is not None


def is_spreadsheet_date(cell: str) -> bool:
    """Whether a cell is what a spreadsheet makes of a number or name such as 1-2 or 3.4 that it takes for a date.

    >>> [is_spreadsheet_date(cell) for cell in ("02-Jan", "Mrz 65", "1-2", "2024-02-01", "3.4", "-0.5")]
    [True, True, True, True, False, False]
    """
    text = cell.strip()
    return _SPREADSHEET_DATE.match(text) is not None or (is_date(text) and _PLAIN.match(text) is None)


def has_zone(cell: str) -> bool:
    """Whether a date names its offset from UTC.

    >>> has_zone("2024-01-13T10:00:00+09:00"), has_zone("2024-01-13T01:00:00Z"), has_zone("2024-01-13 10:00")
    (True, True, False)
    """
    return is_date(cell) and ZONE.search(cell.strip()) is not None


def is_number_like(cell: str) -> bool:
    """Whether a cell belongs to a row of values: a number, duration, date or word for nothing (not empty)."""
    text = cell.strip()
    return bool(text) and (
        _NUMBER.match(text) is not None
        or _GROUPED.match(text) is not None
        or is_duration(text)
        or is_date(text)
        or is_null(text)
    )


def thousands_mark(cell: str) -> str | None:
    """The mark between groups of thousands, where a cell shows both marks; None where it does not.

    >>> thousands_mark("1,234.50"), thousands_mark("1.234,5"), thousands_mark("1,234")
    (',', '.', None)
    """
    match = _GROUPED.match(cell.strip())
    if match is None:
        return None
    mark = match["mark"]
    tail = cell.strip()[match.end("mark") :]
    if mark in " '" or (mark == "," and "." in tail) or (mark == "." and "," in tail):
        return mark
    return None


def number(cell: str, decimal: str, thousands: str | None) -> float | None:
    """The number in a cell, NaN for a word that says there is none, None for anything else.

    >>> number("3,7", ",", None), number("1,234.5", ".", ","), number("3,7", ".", None), number("Total", ".", None)
    (3.7, 1234.5, None, None)
    """
    text = cell.strip()
    if thousands is not None:
        text = text.replace(thousands, "")
    if decimal == ",":
        if "." in text and "#" not in text:
            return None
        text = text.replace(",", ".")
    if _PLAIN.match(text) and text.isascii():
        return float(text)
    return float("nan") if is_null(text) else None


def seconds_of_duration(cells: "pd.Series[str]") -> Floats:
    """Seconds of durations such as "144:01:18.5" or "2d 00:10:00"; NaN where a cell is none.

    >>> seconds_of_duration(pd.Series(["00:01:30.5", "1d 00:00:01", "12:00:01 am", "x"])).tolist()
    [90.5, 86401.0, 1.0, nan]
    """
    plain = _hours_minutes_seconds(cells)
    if plain is not None:
        return plain
    parts = cells.str.strip().str.extract(DURATION)
    values = [pd.to_numeric(parts[k].str.replace(",", "."), errors="coerce").to_numpy(np.float64) for k in range(4)]
    days, hours, minutes, seconds = values
    half = parts[4].str.lower().to_numpy(dtype=object)
    hours = np.where(half == "a", hours % 12, np.where(half == "p", hours % 12 + 12, hours))
    total: Floats = np.nan_to_num(days) * 86400 + hours * 3600 + minutes * 60 + np.nan_to_num(seconds)
    return total


def _hours_minutes_seconds(cells: "pd.Series[str]") -> Floats | None:
    """Seconds where every cell is hours:minutes:seconds, ten times faster than by pattern; None where one is not."""
    joined = "\n".join(cells)
    if joined.count(":") != 2 * len(cells):
        return None
    try:
        parts = np.array(joined.replace(":", "\n").split("\n"), dtype=np.float64).reshape(len(cells), 3)
    except ValueError:
        return None
    if (parts < 0).any() or (parts[:, 1:] > 60).any():  # noqa: PLR2004 - 60 minutes, 60 seconds
        return None
    seconds: Floats = parts @ np.array([3600.0, 60.0, 1.0])
    return seconds
