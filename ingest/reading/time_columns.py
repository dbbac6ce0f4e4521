"""The two times of a record: since the start of the test as reported, and UTC where a date and its zone are known."""

import numpy as np

from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body
from ingest.reading.dates import Dates, to_utc
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from ingest.reading.mapping import Plan, SourceColumn
from ingest.reading.plausibility import time_factor

LOCAL_TIME = "local_time_second"
"""Seconds since 1970 on a wall clock whose zone is not known: places a file beside others, and is not stored."""

_ORDERS = (("dmy", "day first: 3 April"), ("mdy", "month first: 4 March"))
_AGREES = 0.2
_DAY = 86400.0


def add_times(columns: dict[str, Floats], plan: Plan, body: Body, findings: Findings) -> None:
    """Put test_time_second, and unix_time_second where it is known, among the columns."""
    source, unix, date = plan.of("test_time_second"), plan.of("unix_time_second"), plan.of("date_time")
    time: Floats | None = None
    if source is not None and source.kind != "date":
        time = body.numbers.pop(source.column)
        if source.factor != 1.0:
            time *= source.factor
    elif source is not None and date is None:
        date = source
    is_split = _is_time_of_day(body, date, source, time)
    time_of_day, time = (time, None) if is_split else (None, time)
    clock = _wall_clock(body, unix, date, time, findings)
    if time_of_day is not None and clock is not None:
        clock = clock + time_of_day
    if time is not None and clock is not None and date is not None and not np.isfinite(clock).any():
        findings.assume("no_dates", f"{date.source} holds no date: it is not used")
        clock = None
    if time is None:
        time = _since_first(clock)
        clocks = f"{date.source} and {source.source} together are the clock. " if is_split and date and source else ""
        text = f"{clocks}The file has no running time: it is counted from the first date"
        findings.assume("time_from_date", text)
    elif source is not None and clock is not None and not (np.diff(time) < 0).any():
        other = time_factor(_span(time), _span(clock), source.source, findings)
        if other is not None:
            time *= other
    columns["test_time_second"] = time
    if clock is not None:
        _add_unix(columns, clock, unix, date, findings)


def _is_time_of_day(body: Body, date: SourceColumn | None, source: SourceColumn | None, time: Floats | None) -> bool:
    """Whether the dates have no time of day, and the other column is one: both together are the clock."""
    if date is None or source is None or source.kind != "duration" or time is None:
        return False
    days = body.dates(date.column).seconds % _DAY
    with np.errstate(invalid="ignore"):
        return bool(np.nanmax(time, initial=0.0) < _DAY and not (days[np.isfinite(days)] != 0).any())


def _wall_clock(
    body: Body, unix: SourceColumn | None, date: SourceColumn | None, time: Floats | None, findings: Findings
) -> Floats | None:
    if unix is not None:
        values = body.dates(unix.column).seconds if unix.kind == "date" else body.numbers.pop(unix.column)
        return values if unix.factor == 1.0 else values * unix.factor
    return _in_order(body.dates(date.column), date.source, time, findings) if date is not None else None


def _in_order(dates: Dates, source: str, time: Floats | None, findings: Findings) -> Floats:
    """Dates under the right order: plain, or told by the running time, or asked."""
    if not dates.is_ambiguous:
        return dates.seconds
    if time is not None:
        span = _span(time)
        fits = [abs(_span(order) - span) < max(_AGREES * span, 60.0) for order in (dates.day_first, dates.month_first)]
        if fits[0] != fits[1]:
            words = "day first" if fits[0] else "month first"
            findings.assume("date_order", f"{source}: {words}, as the running time says")
            return dates.day_first if fits[0] else dates.month_first
    question = Question("date_order", f"{source}: does the day or the month stand first?", _ORDERS, source)
    return dates.day_first if findings.ask(question, suggested="dmy") == "dmy" else dates.month_first


def _add_unix(
    columns: dict[str, Floats], clock: Floats, unix: SourceColumn | None, date: SourceColumn | None, findings: Findings
) -> None:
    """UTC seconds: as the file says, or from its dates with the zone that was answered; else left out, and said so."""
    if unix is not None:
        columns["unix_time_second"] = clock
        return
    source = date.source if date is not None else ""
    text = f"In which time zone was {source} written (such as Asia/Seoul)?"
    zone = findings.ask_optional(Question("time_zone", text, (), source))
    if zone:
        columns["unix_time_second"] = to_utc(clock, zone)
        findings.assume("time_zone", f"{source} is read as the local time of {zone}")
        return
    columns[LOCAL_TIME] = clock
    text = f"{source} names no time zone: it only places this file beside others of the same place"
    findings.assume("time_zone_unknown", text)


def _span(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1] - known[0]) if len(known) else 0.0


def _since_first(clock: Floats | None) -> Floats:
    if clock is None:
        return np.empty(0)
    known = clock[np.isfinite(clock)]
    return clock - known[0] if len(known) else clock
