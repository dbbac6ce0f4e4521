"""What a cell or a sensor cannot have measured: sentinels, open sensors, wrong units, impossible voltages.

The rules caught real errors in collected files (IMPORT section 2.4).  Impossible values become empty and are counted;
suspicious ones stay and are named.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.reading.cells import Floats
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from pressiometry.plausible import PLAUSIBLE_RANGES

OVER_RANGE = 1e30
"""Larger values are what LabVIEW, Keysight and NI write on overload (3.4e38, 9.9e37)."""
SENTINELS = (65535.0, -999.0, -9999.0, 32767.0)
_ABSOLUTE_ZERO = PLAUSIBLE_RANGES["surface_temperature_celsius"][0]
_VOLTAGE = PLAUSIBLE_RANGES["voltage_volt"]
_MILLIVOLTS = 100.0
_CONSTANT_SHARE = 0.99
_ENOUGH_ROWS = 100
_SAMPLE = 100_000
"""Rows of a long channel that are looked at first."""
_OUTLIER = 20.0
_TIME_FACTORS = {"ms": 1e-3, "min": 60.0, "h": 3600.0, "10 ms": 1e-2, "100 ns": 1e-7}
_AGREES = 0.2
_SATURATED_RUN = 20


@dataclass(frozen=True, slots=True)
class Channel:
    """One measured channel: our column, its name in the file, its values."""

    column: str
    source: str
    numbers: Floats


def blank_impossible(channel: Channel, lines: NDArray[np.int64], findings: Findings) -> None:
    """Empty over-range values, sentinels and temperatures below absolute zero, in place; each kind is counted.

    The values are those of the file, before any unit is applied.
    """
    values = channel.numbers
    highest, lowest = np.nanmax(values, initial=0.0), np.nanmin(values, initial=0.0)
    if highest < min(map(abs, SENTINELS)) and lowest > _ABSOLUTE_ZERO:
        return
    with np.errstate(invalid="ignore"):
        over = np.abs(values) > OVER_RANGE
        sentinel = np.isin(values, SENTINELS)
        if channel.column.endswith("_celsius"):
            sentinel |= (values < _ABSOLUTE_ZERO) & ~over
    for code, mask, words in (
        ("over_range", over, "over-range values"),
        ("sentinel", sentinel, "values of an open sensor"),
    ):
        if mask.any():
            first = int(np.flatnonzero(mask)[0])
            text = f"{int(mask.sum())} {words} in {channel.source} (first: {values[first]:g}) were left empty"
            findings.warn(code, text, line=int(lines[first]), column=channel.source)
            values[mask] = np.nan


def is_connected(channel: Channel, findings: Findings) -> bool:
    """Whether a sensor was there: not one that reads 0 always, or the same to the last digit for over 99 %."""
    sample = channel.numbers[:: max(len(channel.numbers) // _SAMPLE, 1)]
    if np.count_nonzero(np.isfinite(sample)) >= _ENOUGH_ROWS and not _is_constant(sample):
        return True
    known = channel.numbers[np.isfinite(channel.numbers)]
    if not len(known):
        text = f"{channel.source} has no values: no sensor was connected"
    elif len(known) > 1 and not known.any():
        text = f"{channel.source} is always 0: no sensor was connected"
    elif len(known) >= _ENOUGH_ROWS and _is_constant(known):
        text = f"{channel.source} is {np.median(known):g} in over 99 % of the rows: no sensor was connected"
    else:
        return True
    findings.warn("not_connected", text, column=channel.source)
    return False


def _is_constant(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return bool(np.mean(known == np.median(known)) > _CONSTANT_SHARE)


def warn_of_saturation(channel: Channel, lines: NDArray[np.int64], findings: Findings) -> None:
    """Name a sensor that stays at its largest value for long, again and again: a flat top at full scale."""
    highest = np.nanmax(channel.numbers)
    top = channel.numbers == highest
    edges = np.flatnonzero(np.diff(np.concatenate([[False], top, [False]])))
    runs = [(int(begin), int(end - begin)) for begin, end in edges.reshape(-1, 2) if end - begin >= _SATURATED_RUN]
    if len(runs) > 1:
        begin, run = runs[0]
        findings.warn(
            "saturated",
            f"{channel.source} stays at its largest value {highest:g} for {run} records and more: saturated?",
            line=int(lines[begin]),
            column=channel.source,
        )


def voltage_factor(raw: Floats, unit: str, source: str, findings: Findings) -> float | None:
    """Factor that replaces the header's where the values cannot be in that unit; None where they can.

    A single cell has no 100 V: millivolts are asked about.
    """
    if unit.lower() not in ("v", "volt", "volts") or np.nanmax(raw, initial=0.0) <= _MILLIVOLTS:
        return None
    known = raw[np.isfinite(raw)]
    if np.median(np.abs(known)) <= _MILLIVOLTS:
        return None
    text = f"{source} is named {unit}, but its values lie near {np.median(known):.4g}: are they millivolts?"
    question = Question("voltage_unit", text, (("mV", "millivolts"), ("V", "volts")), source)
    against = ("V",) if np.median(np.abs(known)) * 1e-3 <= _VOLTAGE[1] else ("V", "mV")
    return 1e-3 if findings.ask(question, suggested="mV", against=against) == "mV" else 1.0


def warn_of_voltage(channel: Channel, lines: NDArray[np.int64], findings: Findings) -> None:
    """Name voltages that a cell cannot have (outside -1 .. 10 V); they stay."""
    if (
        np.nanmin(channel.numbers, initial=0.0) >= _VOLTAGE[0]
        and np.nanmax(channel.numbers, initial=0.0) <= _VOLTAGE[1]
    ):
        return
    with np.errstate(invalid="ignore"):
        odd = (channel.numbers < _VOLTAGE[0]) | (channel.numbers > _VOLTAGE[1])
    if odd.any():
        first = int(np.flatnonzero(odd)[0])
        text = (
            f"{int(odd.sum())} values of {channel.source} are outside -1 to 10 V (first: {channel.numbers[first]:g} V)"
        )
        findings.warn("impossible_voltage", text, line=int(lines[first]), column=channel.source)


def warn_of_current(channel: Channel, lines: NDArray[np.int64], findings: Findings) -> None:
    """Name currents more than 20 times larger than 99 % of the others; they stay."""
    sample = np.abs(channel.numbers[:: max(len(channel.numbers) // _SAMPLE, 1)])
    sample = sample[np.isfinite(sample)]
    if len(sample) < _ENOUGH_ROWS:
        return
    usual = float(np.percentile(sample, 99))
    limits = np.nanmin(channel.numbers), np.nanmax(channel.numbers)
    if max(-limits[0], limits[1]) <= _OUTLIER * usual:
        return
    with np.errstate(invalid="ignore"):
        odd = np.abs(channel.numbers) > _OUTLIER * usual
    if usual > 0 and odd.any():
        first = int(np.flatnonzero(odd)[0])
        text = (
            f"{int(odd.sum())} values of {channel.source} are over 20 x the usual largest current "
            f"(first: {channel.numbers[first]:g} A)"
        )
        findings.warn("current_outlier", text, line=int(lines[first]), column=channel.source)


def time_factor(span_second: float, wall_span_second: float, source: str, findings: Findings) -> float | None:
    """Factor for the time column where its span and that of the dates differ by a unit; None where they agree.

    The rule found milliseconds in a column named seconds (5.3e8 "s").
    """
    if span_second <= 0 or wall_span_second <= 0:
        return None
    ratio = wall_span_second / span_second
    for unit, factor in _TIME_FACTORS.items():
        if abs(ratio / factor - 1) < _AGREES:
            text = f"{source} spans {span_second:g} s, the dates span {wall_span_second:g} s: is the time in {unit}?"
            choices = ((unit, f"yes, {unit}"), ("s", "no, the time is right and the dates are wrong"))
            answer = findings.ask(Question("time_unit", text, choices, source), suggested=unit, against=("s",))
            return factor if answer == unit else 1.0
    return None
