"""Which column of the file becomes which of ours, in which unit: from names, units, samples and a person's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.readers.profile import Profile
from ingest.reading.aliases import OUR_UNIT, QUANTITY_OF, HeaderName, alias, understand
from ingest.reading.cells import has_zone, is_date, is_duration, is_null, is_spreadsheet_date, number
from ingest.reading.dialect import Layout
from ingest.reading.findings import ColumnMapping, Note, Question
from ingest.reading.findings_log import Findings
from ingest.reading.header_units import factor_to_ours, offset_to_ours
from ingest.reading.signal_choice import SENSOR_COLUMNS, Channel, choose_signal
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import InvalidInputError
from pressiometry.units import UNITS, find_unit

PSEUDO_COLUMNS = {
    "date_time": "Date and time",
    "state": "State (charge, discharge, rest)",
    "capacity_ah": "Capacity of the step",
    "channel": "Channel",
    "open_circuit_mode": "Technique mode (3: open circuit)",
}
"""What a source column can be besides a record column: read, but turned into something else."""

MECHANICAL_COLUMNS = ("surface_pressure_mpa", "force_newton", "analogue_input_volt", "thickness_micrometre", "strain")
_ASK_UNIT = ("surface_pressure_mpa", "force_newton", "thickness_micrometre")
_NEEDED = ("test_time_second", "unix_time_second", "voltage_volt", "current_ampere")
_LEAVE_OUT = "leave_out"
_AUXILIARY = 99
"""Rank of an auxiliary input among the names of a column: any other name is taken before it."""
_COLDEST = -273.15
_TEXT_KINDS = {"date_time": "date", "state": "state", "channel": "text"}


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column that is read: its place in the row, its name in the file, what it becomes and how its cells read.

    `kind`: number, duration, date, state or text.  value in our unit = factor x cell + offset.
    """

    place: int
    source: str
    column: str
    unit: str
    factor: float
    offset: float
    kind: str
    states: Mapping[str, float] = field(default_factory=dict)
    """What the format's own words of a state mean."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided about a file's columns before its rows are read."""

    columns: tuple[SourceColumn, ...]
    mapping: list[ColumnMapping]
    other_units: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Column -> unit and factor that an answer put in place of the header's."""

    def of(self, column: str) -> SourceColumn | None:
        """The source column that becomes this one; None where there is none."""
        return next((item for item in self.columns if item.column == column), None)


@dataclass(frozen=True, slots=True)
class _Candidate:
    place: int
    source: str
    found: HeaderName
    offset: float = 0.0
    note: str = ""


def unique_names(header: Sequence[str]) -> list[str]:
    """Names of the columns, each once: a repeated or missing one gets its place.

    >>> unique_names(["V", "", "V"])
    ['V', 'column 2', 'V [column 3]']
    """
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = cell or f"column {place}"
        names.append(f"{name} [column {place}]" if name in names else name)
    return names


def plan_columns(layout: Layout, profile: Profile, samples: Sequence[Sequence[str]], findings: Findings) -> Plan:
    """The plan for a file's columns; what was assumed and what is asked goes to the findings.

    `samples` are cells of the first rows; the answers may hold "mapping" {source: {"column", "unit", "factor",
    "offset"}}.  Raises InvalidInputError for a mapping that names no column or unit.
    """
    names = unique_names(layout.header)
    given = findings.answers.get("mapping") or {}
    overrides = {**_remembered_overrides(given, names, findings), **_overrides(given, names)}
    candidates = []
    for place, (name, cell, unit) in enumerate(zip(names, layout.header, layout.units, strict=True)):
        found = overrides[name] if name in overrides else _from_header(place, name, cell, unit, profile)
        if found.found.column is None and name not in overrides:
            found = _by_unit_beside(found, place, layout.header, samples)
        candidates.append(replace(found, place=place))
    if not overrides:
        candidates = _with_signal(candidates, layout, profile, samples, findings)
    columns: list[SourceColumn] = []
    left_out: set[str] = set()
    for item in _choose(candidates, set(overrides), findings):
        item = _asked_unit(item, findings)  # noqa: PLW2901 - the same column, with its unit
        cells = [row[item.place] for row in samples if item.place < len(row)]
        column, note = _source_column(item, cells)
        column = replace(column, states=profile.states) if column.kind == "state" else column
        if _is_left_out(column, cells, findings):
            left_out.add(item.source)
            continue
        if all(column.column != other.column for other in columns):
            columns.append(column)
            findings.notes += note
    candidates = [
        replace(item, found=HeaderName(None), note="left out") if item.source in left_out else item
        for item in candidates
    ]
    mapping = [_as_mapping(item, columns, samples) for item in candidates]
    return Plan(tuple(columns), mapping)


def _with_signal(
    candidates: list[_Candidate],
    layout: Layout,
    profile: Profile,
    samples: Sequence[Sequence[str]],
    findings: Findings,
) -> list[_Candidate]:
    """The columns of a logger with the one channel that is the cell's signal; of any other file as they are."""
    channels = [
        Channel(
            item.source, layout.header[item.place], layout.units[item.place], item.found,
            [row[item.place] for row in samples if item.place < len(row)],
        )
        for item in candidates
    ]  # fmt: skip
    chosen = choose_signal(channels, is_logger=profile.is_logger, findings=findings)
    return [replace(item, found=chosen.get(item.source, item.found)) for item in candidates]


def _from_header(place: int, name: str, cell: str, unit: str, profile: Profile) -> _Candidate:
    found = understand(cell, profile.names)
    if unit and found.column is not None and not found.unit:
        factor = factor_to_ours(QUANTITY_OF[found.column], unit.strip("[]()"))
        found = replace(found, unit=unit, factor=factor) if factor is not None else found
    return _Candidate(place, name, found)


def _by_unit_beside(
    item: _Candidate, place: int, header: Sequence[str], samples: Sequence[Sequence[str]]
) -> _Candidate:
    """An auxiliary input whose unit stands in the next column (Maccor), as what that unit tells; else as it is."""
    beside = place + 1
    if beside >= len(header) or header[beside].strip().lower() not in {"unit", "units"}:
        return item
    units = {row[beside].strip() for row in samples if beside < len(row)} - {""}
    unit = next(iter(units)) if len(units) == 1 else ""
    quantity = next((name for name in SENSOR_COLUMNS if unit not in {"1", "%"} and find_unit(unit, name)), None)
    if quantity is None or _is_unplugged([row[place] for row in samples if place < len(row)]):
        return item
    found = HeaderName(SENSOR_COLUMNS[quantity], _AUXILIARY, unit, factor_to_ours(quantity, unit))
    return replace(item, found=found, note="its unit stands beside it")


def _is_unplugged(cells: Sequence[str]) -> bool:
    """Whether an input reads what nothing has: always 0, or a temperature that there is not."""
    numbers = [value for value in (number(cell.replace(",", "."), ".", None) for cell in cells) if value is not None]
    return all(value == 0 or value < _COLDEST for value in numbers)


def _overrides(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, _Candidate]:
    """What a person said of single columns; raises InvalidInputError with every problem."""
    problems, result = [], {}
    for source, said in given.items():
        column = said.get("column") or None
        if source not in names:
            problems.append(f"The file has no column {source!r}")
        elif column is None:
            result[source] = _Candidate(0, source, HeaderName(None), note="left out")
        elif column not in QUANTITY_OF:
            problems.append(f"{source}: there is no column {column!r}")
        else:
            unit, offset = str(said.get("unit") or ""), float(said.get("offset") or 0.0)
            factor = said.get("factor")
            factor = factor_to_ours(QUANTITY_OF[column], unit) if factor is None else float(factor)
            if unit and factor is None:
                problems.append(f"{source}: {unit!r} is no unit of {column}")
            result[source] = _Candidate(0, source, HeaderName(column, -2, unit, factor), offset, "as answered")
    if problems:
        raise InvalidInputError("The mapping cannot be used", problems=tuple(problems))
    return result


def _remembered_overrides(given: Mapping[str, Any], names: Sequence[str], findings: Findings) -> dict[str, _Candidate]:
    """What was said of single columns for an earlier file with this header, where it was not said anew."""
    by_alias = {alias(name): name for name in names}
    result: dict[str, _Candidate] = {}
    for source, earlier in (findings.remembered.get("mapping") or {}).items():
        name, said = by_alias.get(alias(source)), earlier["value"]
        if name is None or name in given:
            continue
        result |= _overrides({name: said}, names)
        unit = f" in {said['unit']}" if said.get("unit") else ""
        stored_as = said.get("column") or "not stored"
        findings.assume("remembered", f"As chosen {earlier['said']}: {name} is {stored_as}{unit}.")
    return result


def _choose(candidates: list[_Candidate], overridden: set[str], findings: Findings) -> list[_Candidate]:
    """One source for each column: the best name; a question where two bear the same name."""
    chosen = []
    for column in dict.fromkeys(item.found.column for item in candidates if item.found.column):
        rivals = sorted((c for c in candidates if c.found.column == column), key=lambda c: (c.found.rank, c.place))
        same = [c for c in rivals if c.found.rank == rivals[0].found.rank]
        name = same[0].source
        if len(same) > 1 and not overridden & {c.source for c in same}:
            label = RECORD_COLUMNS[column].label if column in RECORD_COLUMNS else PSEUDO_COLUMNS[column]
            choices = tuple((c.source, f"{c.source} (column {c.place + 1})") for c in same)
            text = f"Which of these columns is the {label.lower()}?"
            name = findings.ask(Question(f"duplicate_header:{column}", text, choices, name), suggested=name)
        chosen.append(next(c for c in same if c.source == name))
    return chosen


def _asked_unit(item: _Candidate, findings: Findings) -> _Candidate:
    """A mechanical column that names no unit gets the one that was answered; until then it is asked."""
    column = item.found.column or ""
    if item.found.factor is not None or column not in _ASK_UNIT:
        return item
    choices = tuple((word, word) for word in UNITS[column])
    question = Question(f"unit:{column}", f"{item.source} names no unit: which is it?", choices, item.source)
    unit = findings.ask(question, suggested=choices[0][0])
    return replace(item, found=replace(item.found, unit=unit, factor=UNITS[column][unit]))


def _source_column(item: _Candidate, cells: Sequence[str]) -> tuple[SourceColumn, list[Note]]:
    """How the cells of a chosen column read, and what was assumed about its unit."""
    column = item.found.column or ""
    quantity = QUANTITY_OF[column]
    filled = [cell for cell in cells if not is_null(cell)]
    kind = _TEXT_KINDS.get(column, "number")
    if column == "date_time" and filled and all(map(has_zone, filled)):
        column, quantity, kind = "unix_time_second", "time", "date"
    if quantity == "time" and filled:
        durations, dates = sum(map(is_duration, filled)), sum(map(is_date, filled))
        kind = "date" if 2 * dates > len(filled) else "duration" if 2 * durations > len(filled) else "number"
    unit, factor = item.found.unit, item.found.factor
    notes = []
    if kind in ("duration", "date"):
        unit, factor = "s", 1.0
    if factor is None:
        unit = OUR_UNIT[quantity]
        factor = factor_to_ours(quantity, unit) or 1.0
        notes.append(Note("unit_assumed", f"{item.source} names no unit: {unit} is assumed"))
    offset = item.offset or offset_to_ours(quantity, unit)
    return SourceColumn(item.place, item.source, column, unit, factor, offset, kind), notes


def _is_left_out(column: SourceColumn, cells: Sequence[str], findings: Findings) -> bool:
    """Whether a column that a record can do without is left out: a spreadsheet has made dates of its numbers."""
    mangled = [cell.strip() for cell in cells if is_spreadsheet_date(cell)]
    if column.kind != "number" or column.column in _NEEDED or not mangled:
        return False
    text = (
        f"{column.source} holds dates such as {mangled[0]} among its numbers: a spreadsheet has made them of something "
        "like 1-2 or 1.2, which is lost. What shall be done? Best is to export the file anew and not to open it."
    )
    choices = ((_LEAVE_OUT, "leave this column out"), ("set_aside", "set aside the rows that hold such a date"))
    question = Question(f"spreadsheet_dates:{column.column}", text, choices, column.source)
    return findings.ask(question, suggested=_LEAVE_OUT) == _LEAVE_OUT


def _as_mapping(item: _Candidate, columns: list[SourceColumn], samples: Sequence[Sequence[str]]) -> ColumnMapping:
    first = next((row[item.place].strip() for row in samples if item.place < len(row)), "")
    used = next((column for column in columns if column.place == item.place), None)
    if used is None:
        note = "another column is used" if item.found.column else item.note
        return ColumnMapping(item.source, first, note=note)
    return ColumnMapping(item.source, first, used.column, used.unit, used.factor, item.note)
