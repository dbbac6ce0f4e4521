"""Calendar dates as instruments write them: in which order day and month stand, and in which time zone."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.reading.cells import DATE, Floats, has_zone
from pressiometry.errors import InvalidInputError

_EXCEL_EPOCH_DAYS = 25569
"""Days from Excel's day 0 to 1970-01-01."""
_EXCEL = (20_000.0, 80_000.0)
_UNIX = (0.6e9, 4.0e9)
_YEARS_OF_TWO_DIGITS = 100
_YEARS_OF_FOUR_DIGITS = 1000


@dataclass(slots=True)
class Dates:
    """Seconds since 1970 on the wall clock of the file (no zone), read with the day first and with the month first.

    Both are equal where the order is plain.  NaN: no date under this order.
    """

    day_first: Floats
    month_first: Floats

    @property
    def is_ambiguous(self) -> bool:
        """Whether both orders read every date, and differently."""
        readable = ~(np.isnan(self.day_first) & np.isnan(self.month_first))
        both = np.isfinite(self.day_first[readable]) & np.isfinite(self.month_first[readable])
        return bool(both.all() and (self.day_first[readable] != self.month_first[readable]).any())

    @property
    def seconds(self) -> Floats:
        """Under the order that reads more of the dates; the day first where both read all."""
        if np.isnan(self.day_first).sum() <= np.isnan(self.month_first).sum():
            return self.day_first
        return self.month_first


def read_dates(cells: "pd.Series[str]") -> Dates:
    """Dates of a column of text: calendar dates, Excel's serial days or Unix seconds.

    >>> read_dates(pd.Series(["1970-01-02 00:00:01"])).seconds.tolist()
    [86401.0]
    >>> dates = read_dates(pd.Series(["03/04/2024"]))
    >>> dates.is_ambiguous, float(dates.day_first[0] - dates.month_first[0]) / 86400
    (True, 30.0)
    """
    quick = _one_format(cells)
    if quick is not None:
        return quick
    numbers = pd.to_numeric(cells.str.strip().str.replace(",", "."), errors="coerce").to_numpy(np.float64)
    plain = np.full(len(numbers), np.nan)
    excel = (numbers > _EXCEL[0]) & (numbers < _EXCEL[1])
    unix = (numbers > _UNIX[0]) & (numbers < _UNIX[1])
    plain[excel] = (numbers[excel] - _EXCEL_EPOCH_DAYS) * 86400
    plain[unix] = numbers[unix]
    if not np.isnan(numbers).any():
        return Dates(plain, plain)
    parts = cells.str.strip().str.extract(DATE)
    values = {
        k: pd.to_numeric(parts[k].str.replace(",", "."), errors="coerce").to_numpy(np.float64)
        for k in range(7)
        if k != 1
    }
    clock = _seconds_of_day(values, parts[7].str.lower().to_numpy(dtype=object))
    year_first = values[0] >= _YEARS_OF_FOUR_DIGITS
    iso = _midnight(values[0], values[2], values[3]) + clock
    day_first = np.where(year_first, iso, _midnight(values[3], values[2], values[0]) + clock)
    month_first = np.where(year_first, iso, _midnight(values[3], values[0], values[2]) + clock)
    usable = np.isnan(numbers)
    return Dates(np.where(usable, day_first, plain), np.where(usable, month_first, plain))


def _one_format(cells: "pd.Series[str]") -> Dates | None:
    """Dates where every cell has the form of the first one, many times faster than by pattern; None where not."""
    first = str(cells.iloc[0]).strip() if len(cells) else ""
    match = DATE.match(first)
    try:
        if has_zone(first):
            return _zoned(cells)
        if match is None:
            return None
        if len(match[1]) == len("2024"):
            seconds = _seconds(pd.to_datetime(cells, format="ISO8601"))
            return Dates(seconds, seconds)
        return _by_order(cells, match)
    except (ValueError, OverflowError):
        return None


def _by_order(cells: "pd.Series[str]", match: re.Match[str]) -> Dates:
    """Dates as 25/04/2024 or 04/25/2024 under both orders; ValueError where a cell has another form."""
    fraction = ".%f" if match[7] and "." in match[7] else ""
    clock = " %H:%M" + (f":%S{fraction}" if match[7] else "") if match[5] else ""
    if match[8]:
        clock = clock.replace("%H", "%I") + " %p"
    year = "%Y" if len(match[4]) == len("2024") else "%y"
    text = cells.str.strip()
    try:
        stamps = pd.to_datetime(text, format=f"%m{match[2]}%d{match[2]}{year}{clock}")
    except ValueError:
        stamps = pd.to_datetime(text, format=f"%d{match[2]}%m{match[2]}{year}{clock}")
        return Dates(_seconds(stamps), _swapped(stamps))
    return Dates(_swapped(stamps), _seconds(stamps))


def _zoned(cells: "pd.Series[str]") -> Dates:
    """UTC seconds of dates that name their offset; ValueError where one has another form."""
    stamps = pd.to_datetime(cells.str.strip(), format="ISO8601", utc=True).dt.tz_localize(None)
    return Dates(_seconds(stamps), _seconds(stamps))


def _seconds(stamps: "pd.Series[pd.Timestamp]") -> Floats:
    micro = stamps.to_numpy().astype("datetime64[us]").astype(np.int64)
    seconds: Floats = micro / 1e6
    return seconds


def _swapped(stamps: "pd.Series[pd.Timestamp]") -> Floats:
    """Seconds with day and month exchanged; NaN where there is no such month."""
    parts = [part.to_numpy().astype(np.float64) for part in (stamps.dt.year, stamps.dt.day, stamps.dt.month)]
    return _midnight(*parts) + _seconds(stamps - stamps.dt.normalize() + pd.Timestamp(0))


def _seconds_of_day(values: dict[int, Floats], half_day: NDArray[np.object_]) -> Floats:
    hour = np.nan_to_num(values[4])
    afternoon, morning = half_day == "pm", half_day == "am"
    hour = np.where(afternoon & (hour < 12), hour + 12, np.where(morning & (hour == 12), 0.0, hour))  # noqa: PLR2004 - hours of half a day
    seconds: Floats = hour * 3600 + np.nan_to_num(values[5]) * 60 + np.nan_to_num(values[6])
    return seconds


def _midnight(year: Floats, month: Floats, day: Floats) -> Floats:
    """Seconds since 1970 of the beginning of a day; NaN where there is no such day."""
    full = np.where(year < _YEARS_OF_TWO_DIGITS, year + 2000, year)
    known = np.isfinite(full) & np.isfinite(month) & np.isfinite(day)
    table = {
        name: np.where(known, part, 0).astype(np.int64)
        for name, part in (("year", full), ("month", month), ("day", day))
    }
    stamps = pd.to_datetime(pd.DataFrame(table), errors="coerce")
    seconds = stamps.to_numpy().astype("datetime64[s]").astype(np.float64)
    return np.where(known & stamps.notna().to_numpy(), seconds, np.nan)


def is_time_zone(name: str) -> bool:
    """Whether this is a name of a time zone.

    >>> is_time_zone("Asia/Seoul"), is_time_zone("Moon/Base")
    (True, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def to_utc(seconds: Floats, zone: str) -> Floats:
    """UTC seconds since 1970 of wall-clock seconds in a time zone; NaN where the clock skipped that hour.

    Raises InvalidInputError for an unknown zone.

    >>> to_utc(np.array([32400.0]), "Asia/Seoul").tolist()
    [0.0]
    """
    if not is_time_zone(zone):
        raise InvalidInputError("The time zone is not known", where=zone, remedy="Name it like Asia/Seoul.")
    whole = pd.to_datetime(np.floor(seconds), unit="s", errors="coerce")
    local = pd.DatetimeIndex(whole).tz_localize(zone, ambiguous=False, nonexistent="NaT").tz_convert("UTC")
    utc = local.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.float64)
    return np.where(local.isna(), np.nan, utc + (seconds - np.floor(seconds)))
