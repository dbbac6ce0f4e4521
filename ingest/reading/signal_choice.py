"""Which channel of a logger is the cell's: told by its unit, or asked; a name alone is never guessed at."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ingest.reading.aliases import HeaderName
from ingest.reading.cells import is_date, is_duration, is_null, is_number_like
from ingest.reading.findings import Question
from ingest.reading.findings_log import Findings
from ingest.reading.header_units import factor_to_ours
from pressiometry.units import find_unit

SENSOR_COLUMNS = {
    "temperature": "surface_temperature_celsius",
    "pressure": "surface_pressure_mpa",
    "force": "force_newton",
    "length": "thickness_micrometre",
    "strain": "strain",
    "voltage": "analogue_input_volt",
}
"""Quantity of a unit -> what a sensor's channel in it becomes."""
_COLUMN_OF = {quantity: column for quantity, column in SENSOR_COLUMNS.items() if quantity != "temperature"}
_QUANTITIES = (
    ("surface_pressure_mpa", "a pressure"),
    ("force_newton", "a force"),
    ("thickness_micrometre", "a thickness"),
    ("strain", "a strain"),
    ("analogue_input_volt", "an amplifier's volts, not calibrated yet"),
)
_OTHER_QUANTITIES = ("temperature", "time", "current", "capacity")
_MOSTLY = 0.9
_NONE = "none_of_them"
_CYCLERS = frozenset({"current_ampere", "instrument_cycle_count", "step_count", "state", "capacity_ah",
                      "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah"})  # fmt: skip
_SENSORS = frozenset(_COLUMN_OF.values())
_TIMES = frozenset({"test_time_second", "unix_time_second", "date_time"})
_UNIT = re.compile(r"^.*[(\[]([^()\[\]]*)[)\]]\s*$|/\s*([^/]+)$")
_STATISTIC = re.compile(r"\b(?:ave?|avg|min|max)\b\.?", re.IGNORECASE)
_LAST = re.compile(r"\blast\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Channel:
    """One column of a file: its name there, the unit that stands above or in it, what it is by its name, its cells."""

    source: str
    header: str
    unit: str
    found: HeaderName
    cells: Sequence[str]


def choose_signal(channels: Sequence[Channel], *, is_logger: bool, findings: Findings) -> Mapping[str, HeaderName]:
    """{name of the one channel that is the cell's signal: what it is}; empty where the file is no logger's.

    A file with a time, and neither a known sensor nor anything of a cycler, is a logger's.  One channel in a unit of
    pressure, force or length is taken, which is stated; of several, or without units, it is asked.
    """
    columns = {channel.found.column for channel in channels if channel.found.column}
    known = columns & (_CYCLERS | _SENSORS | (frozenset() if is_logger else {"voltage_volt"}))
    if known or not columns & _TIMES:
        return {}
    offered = [channel for channel in channels if _may_be_signal(channel) and not _is_statistic(channel, channels)]
    telling = [channel for channel in offered if _quantity(channel) not in {None, "voltage"}]
    if len(telling) == 1:
        findings.assume("signal", f"{telling[0].source} is the cell's signal: the only one in a unit of such a sensor")
        return {telling[0].source: _as_signal(telling[0], findings)}
    offered = telling or offered
    if not offered:
        return {}
    choices = ((channel.source, channel.source) for channel in offered)
    text = "No column is named as a pressure, force or thickness. Which channel is the sensor at the cell?"
    question = Question("signal", text, (*choices, (_NONE, "none of them")))
    answer = findings.ask(question, suggested=offered[0].source)
    return {channel.source: _as_signal(channel, findings) for channel in offered if channel.source == answer}


def _may_be_signal(channel: Channel) -> bool:
    """Whether a column holds numbers of a quantity that a sensor at the cell may have."""
    if channel.found.column not in {None, "voltage_volt"}:
        return False
    filled = [cell for cell in channel.cells if not is_null(cell)]
    numbers = [cell for cell in filled if is_number_like(cell) and not is_date(cell) and not is_duration(cell)]
    other = any(find_unit(_unit(channel), quantity) for quantity in _OTHER_QUANTITIES)
    return len(numbers) > _MOSTLY * len(filled) and not (other and _quantity(channel) is None)


def _is_statistic(channel: Channel, channels: Collection[Channel]) -> bool:
    """Whether a column is the mean, least or largest of a channel whose last value stands beside it (PicoLog)."""
    plain = _STATISTIC.sub("", channel.header)
    return plain != channel.header and any(_LAST.sub("", other.header) == plain for other in channels)


def _unit(channel: Channel) -> str:
    if channel.unit:
        return channel.unit.strip("[]()")
    match = _UNIT.search(channel.header)
    return (match[1] or match[2] or "").strip() if match else ""


def _quantity(channel: Channel) -> str | None:
    """The quantity that a channel's unit tells; a percentage may be anything."""
    unit = _unit(channel)
    if unit in {"", "1", "%"}:
        return None
    return next((quantity for quantity in _COLUMN_OF if find_unit(unit, quantity)), None)


def _as_signal(channel: Channel, findings: Findings) -> HeaderName:
    """What the chosen channel is; its quantity is asked where its unit does not tell, its unit later."""
    quantity, unit = _quantity(channel), _unit(channel)
    if quantity is not None:
        return HeaderName(_COLUMN_OF[quantity], -2, unit, factor_to_ours(quantity, unit))
    question = Question("signal_quantity", f"{channel.source}: what does it measure?", _QUANTITIES, channel.source)
    return HeaderName(findings.ask(question, suggested=_QUANTITIES[0][0]), -2)
