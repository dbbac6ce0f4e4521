"""The fields of one live row: what each may hold, its unit, and what is doubtful about its value."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from math import isfinite
from typing import Any

from data_access.live.batches import MISSING, Flag, LiveRow
from data_access.writes.texts import LONGEST_NAME, is_seen
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import InvalidInputError
from pressiometry.plausible import PLAUSIBLE_RANGES
from pressiometry.units import UNITS, convert

Note = Callable[[str, str], None]
"""Notes a problem of a field of the present row."""

MOST_SEQUENCE = 2**53 - 1
"""The largest number that every reader of JSON keeps exactly."""
_NOT_SENT = frozenset(
    {"test_time_second", "unix_time_second", "monotonic_second", "received_unix_second", "utc_offset_second"}
)
"""Record columns that are made of a row's own clocks."""
QUANTITIES = {name: name for name in RECORD_COLUMNS if name not in _NOT_SENT} | {
    "cycle_count": "instrument_cycle_count"
}
"""Fields of a row that are measured, and the record column of each."""
CLOCKS = ("monotonic_second", "test_time_second")
REQUIRED = ("channel", "sequence", "time")
_OTHERS = frozenset({*REQUIRED, *CLOCKS, "units"})
_COUNTS = frozenset(name for name, column in QUANTITIES.items() if RECORD_COLUMNS[column].kind == "integer")
_NO_LIMITS = (-1e30, 1e30)
"""Larger values are what instruments write on overload."""
_MISSING_TEXTS = frozenset({"nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity", "-infinity", "null"})


def read_row(given: Mapping[str, Any], note: Note, cache: dict[str, tuple[float, float]]) -> LiveRow | None:
    """Return the row in our units; None where a required field is wrong.  Every problem is noted.

    `cache` keeps the moments of the batch's texts of time, which repeat from channel to channel.
    """
    units = _read_units(given.get("units"), note)
    values, flags = _read_quantities(given, units, note)
    channel, sequence = _read_channel(given, note), _read_sequence(given, note)
    moment = _read_time(given, note, cache)
    clocks = [_read_clock(name, given, units, note) for name in CLOCKS]
    if channel is None or sequence is None or moment is None:
        return None
    return LiveRow(channel, sequence, moment[0], moment[1], values, clocks[0], clocks[1], flags)


def _read_quantities(
    given: Mapping[str, Any], units: Mapping[str, Callable[[float], float]], note: Note
) -> tuple[dict[str, float], list[Flag]]:
    """Return what was measured by record column, and what is doubtful about it."""
    values: dict[str, float] = {}
    missing: list[str] = []
    flags: list[Flag] = []
    for name, value in given.items():
        column = QUANTITIES.get(name)
        if column is None:
            if name not in _OTHERS:
                note(name, "there is no such field")
            continue
        number = _read_number(name, value, note)
        if number is None:
            continue
        if not isfinite(number):
            missing.append(name)
            continue
        if column in values:
            note(name, f"{column} is there twice, under two names")
        values[column] = units[name](number) if name in units else number
        low, high = PLAUSIBLE_RANGES.get(column, _NO_LIMITS)
        if not low <= values[column] <= high:
            flags.append(Flag("out_of_range", _beyond(column, values[column], low, high)))
    flags += [Flag(MISSING, f"{RECORD_COLUMNS[QUANTITIES[name]].label}: no number") for name in missing]
    return values, flags


def _read_number(name: str, value: Any, note: Note) -> float | None:
    """Return the number, NaN where the row says that there is none; None where it is neither."""
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if name in _COUNTS and isfinite(number) and not number.is_integer():
            note(name, f"{value!r} is no whole number")
            return None
        return number
    if value is None or (isinstance(value, str) and value.strip().lower() in _MISSING_TEXTS):
        return float("nan")
    note(name, f"{_shown(value)} is no number")
    return None


def _read_clock(name: str, given: Mapping[str, Any], units: Mapping[str, Any], note: Note) -> float | None:
    if name not in given:
        return None
    number = _read_number(name, given[name], note)
    if number is None or not isfinite(number):
        return None
    return units[name](number) if name in units else number


def _read_channel(given: Mapping[str, Any], note: Note) -> str | None:
    name = given.get("channel")
    if name is None:
        note("channel", "is missing")
        return None
    problem = name_problem(name) if isinstance(name, str) else f"{_shown(name)} is no text"
    if problem is not None:
        note("channel", problem)
        return None
    return str(name)


@lru_cache(4096)
def name_problem(name: str) -> str | None:
    """What is wrong with the name of a channel or an agent; None where nothing is.

    >>> name_problem("A01"), name_problem("a/b")
    (None, "'a/b' has a / or a sign that cannot be seen")
    """
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME:
        return f"{_shown(name)} is no name of 1 to {LONGEST_NAME} characters without blanks around it"
    if "/" in name or not is_seen(name):
        return f"{_shown(name)} has a / or a sign that cannot be seen"
    if not unicodedata.is_normalized("NFC", name):
        return f"{_shown(name)} has letters that are put together from several signs (it is not in NFC)"
    return None


def _read_sequence(given: Mapping[str, Any], note: Note) -> int | None:
    value = given.get("sequence")
    if value is None:
        note("sequence", "is missing")
    elif not isinstance(value, int) or isinstance(value, bool):
        note("sequence", f"{_shown(value)} is no whole number")
    elif not 0 <= value <= MOST_SEQUENCE:
        note("sequence", f"{value} is not between 0 and 2^53 - 1")
    else:
        return value
    return None


def _read_time(
    given: Mapping[str, Any], note: Note, cache: dict[str, tuple[float, float]]
) -> tuple[float, float] | None:
    """Return UTC seconds since 1970 and the offset from UTC in seconds."""
    text = given.get("time")
    if text is None:
        note("time", "is missing")
        return None
    if not isinstance(text, str):
        note("time", f"{_shown(text)} is no text; send ISO 8601 with a zone, such as 2026-11-22T15:01:11.250+09:00")
        return None
    known = cache.get(text)
    if known is not None:
        return known
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if offset is None:
            note("time", f"{_shown(text)} names no zone; write +09:00 or Z behind it")
            return None
        found = moment.timestamp(), offset.total_seconds()
    except (ValueError, OverflowError):
        note("time", f"{_shown(text)} is no date and time of ISO 8601, such as 2026-11-22T15:01:11.250+09:00")
        return None
    cache[text] = found
    return found


def _read_units(given: Any, note: Note) -> dict[str, Callable[[float], float]]:
    """Return what turns the values of some fields into ours."""
    if not given:
        return {}
    if not isinstance(given, Mapping):
        note("units", "an object {field: unit} is expected")
        return {}
    turned: dict[str, Callable[[float], float]] = {}
    for name, unit in given.items():
        column = QUANTITIES.get(name, name if name in CLOCKS else None)
        if column is None:
            note(f"units.{name}", "there is no such field")
        elif not isinstance(unit, str):
            note(f"units.{name}", f"{_shown(unit)} is no text")
        elif (problem := unit_problem(column, unit)) is not None:
            note(f"units.{name}", problem)
        else:
            turned[name] = _turning(column, unit)
    return turned


@lru_cache(1024)
def unit_problem(column: str, unit: str) -> str | None:
    """What is wrong with a unit for the values of a column; None where nothing is.

    >>> unit_problem("voltage_volt", "mV"), unit_problem("force_newton", "MPa")
    (None, "'MPa' is no unit of Force; known are N, kN, kgf, lbf")
    """
    label = RECORD_COLUMNS[column].label
    if column not in UNITS:
        return None if unit.strip() in {"", "1"} else f"{label} has no unit"
    try:
        _turning(column, unit)(0.0)
    except InvalidInputError:
        return f"{_shown(unit)} is no unit of {label}; known are {', '.join(UNITS[column])}"
    return None


@lru_cache(1024)
def _turning(column: str, unit: str) -> Callable[[float], float]:
    ours = next(iter(UNITS[column])) if column in UNITS else "1"
    return lambda number: float(convert(number, unit, ours))


def _beyond(column: str, number: float, low: float, high: float) -> str:
    known = RECORD_COLUMNS[column]
    unit = f" {known.unit}" if known.unit else ""
    return f"{known.label} {number:g}{unit} is outside {low:g} to {high:g}{unit}: kept, and used in no result"


def _shown(value: Any) -> str:
    """A value as a message can carry it."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004
