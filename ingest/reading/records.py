"""From rows as numbers to records: which rows stay, in which segment, and every channel in our unit."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.reading.capacity_columns import add_capacities
from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body
from ingest.reading.current_column import add_current
from ingest.reading.dialect import Layout
from ingest.reading.findings import ColumnMapping, Kind, Reading
from ingest.reading.findings_log import Findings
from ingest.reading.mapping import MECHANICAL_COLUMNS, Plan, SourceColumn
from ingest.reading.plausibility import (
    Channel,
    blank_impossible,
    is_connected,
    voltage_factor,
    warn_of_saturation,
    warn_of_voltage,
)
from ingest.reading.row_choice import RowChoice, choose_rows
from ingest.reading.text_lines import TextFile, lines_at
from ingest.reading.time_columns import LOCAL_TIME, add_times
from ingest.reading.unit_questions import NamedUnit, force_unit
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.errors import RefusedFileError
from pressiometry.units import UNITS

_SENSORS = (*MECHANICAL_COLUMNS, "surface_temperature_celsius", "ambient_temperature_celsius")
_CHANNELS = ("voltage_volt", "current_ampere", *_SENSORS)
_COUNTS = ("instrument_cycle_count", "step_count", "record_index")
_KEPT_QUARANTINE = 10_000
_MOSTLY = 0.5

_Columns = dict[str, Floats]


def make_records(file: TextFile, layout: Layout, plan: Plan, body: Body, findings: Findings) -> Reading:
    """The Reading of a file whose rows were read; `format` and `fingerprint` are still to be filled in.

    Raises RefusedFileError: missing_columns, no_rows, mostly_unreadable.
    """
    kind = _kind(plan, body, file.name)
    _refuse_unreadable(body, file.name)
    _report_nulls(plan, body, findings)
    if layout.thousands_mark:
        text = f"“{layout.thousands_mark}” stands between thousands: numbers are read without it"
        findings.assume("thousands", text)
    columns: _Columns = {}
    add_times(columns, plan, body, findings)
    rows = choose_rows(columns, plan, body, findings)
    rows.apply(columns, body)
    _refuse_unreadable(body, file.name)
    _convert(columns, plan, body, findings)
    if kind == "cycler":
        add_current(columns, plan, body, rows.segment, findings)
        add_capacities(columns, plan, body, rows.segment, findings)
    absent = _drop_unconnected(columns, plan, body, findings)
    _say_if_only_volts(columns, plan, findings)
    table = _table(columns, body, rows.segment)
    quarantine = _quarantine(file, body, rows)
    _report_quarantine(body, rows, findings)
    return Reading(
        format="", kind=kind, encoding=file.encoding, delimiter=layout.delimiter, decimal_mark=layout.decimal_mark,
        header=list(layout.header), fingerprint="", table=table, mapping=_mapping(plan, absent),
        assumptions=findings.notes, problems=findings.problems, questions=findings.questions,
        optional_questions=findings.optional_questions, answered_questions=findings.answered_questions,
        rows_read=len(table) + rows.quarantined + len(body.quarantine) + rows.duplicates,
        rows_quarantined=rows.quarantined + len(body.quarantine), rows_duplicate=rows.duplicates, quarantine=quarantine,
    )  # fmt: skip


def _kind(plan: Plan, body: Body, name: str) -> Kind:
    """Cycler or mechanical; RefusedFileError naming everything that a record needs and the file lacks."""
    has = {column.column for column in plan.columns}
    mode = body.numbers.get("open_circuit_mode")
    at_rest = mode is not None and bool(len(mode)) and bool((mode == 3).all())  # noqa: PLR2004 - EC-Lab's open circuit
    missing, lone = [], False
    if not has & {"test_time_second", "unix_time_second", "date_time"}:
        missing.append("time")
    voltage, current = "voltage_volt" in has, "current_ampere" in has or at_rest
    if not voltage and not current and has & set(MECHANICAL_COLUMNS):
        kind: Kind = "mechanical"
    else:
        kind = "cycler"
        missing += [word for word, there in (("voltage", voltage), ("current", current)) if not there]
        lone = not voltage and not current
    if missing:
        raise RefusedFileError(
            "missing_columns",
            f"No column for {' and '.join(missing)} was found{', nor one of pressure, force or thickness' * lone}",
            where=name,
            remedy="A cycler's file needs time, voltage and current, a logger's time and pressure, force or thickness, "
            "named in the header with their units.",
        )
    return kind


def _refuse_unreadable(body: Body, name: str) -> None:
    """RefusedFileError where no row, or less than half of the rows, can be read."""
    bad = len(body.quarantine)
    if body.rows and bad <= _MOSTLY * (bad + body.rows):
        return
    if not bad:
        raise RefusedFileError("no_rows", "0 rows: the file has no records", where=name, remedy="Export it again.")
    first = "; ".join(f"line {line}: {reason}" for line, _, reason in body.quarantine[:5])
    raise RefusedFileError(
        "mostly_unreadable",
        f"{bad} of {bad + body.rows} rows cannot be read ({first})",
        where=name,
        remedy="Export it again with one decimal mark and one delimiter throughout.",
    )


def _report_nulls(plan: Plan, body: Body, findings: Findings) -> None:
    for column in plan.columns:
        nulls = body.nulls.get(column.column)
        if nulls is not None and nulls.count:
            text = f"{nulls.count} cells of {column.source} hold no number (first: {nulls.cell}); they were left empty"
            findings.warn("null_values", text, line=nulls.line, column=column.source)


def _convert(columns: _Columns, plan: Plan, body: Body, findings: Findings) -> None:
    """Every channel and counter in our unit, in place of the file's; impossible values become empty."""
    for source in plan.columns:
        if source.column not in (*_CHANNELS, *_COUNTS):
            continue
        values = body.numbers.pop(source.column)
        channel = Channel(source.column, source.source, values)
        if source.column in _CHANNELS:
            blank_impossible(channel, body.lines, findings)
        factor = _factor(source, values, plan, findings)
        if source.column == "force_newton" and source.unit.lower() in ("v", "mv"):
            columns["analogue_input_volt"] = values * (1e-3 if source.unit.lower() == "mv" else 1.0)
        if factor != 1.0:
            values *= factor
        if source.offset:
            values += source.offset
        if source.column == "voltage_volt":
            warn_of_voltage(channel, body.lines, findings)
        if source.column == "instrument_cycle_count" and not _whole(channel, body.lines, findings):
            continue
        columns[source.column] = values


def _factor(source: SourceColumn, values: Floats, plan: Plan, findings: Findings) -> float:
    """Factor to our unit: the header's, or another one where the values cannot be in the unit that it names."""
    if source.column == "voltage_volt":
        other = voltage_factor(values, source.unit, source.source, findings)
        return source.factor if other is None else other
    if source.column == "force_newton":
        unit = force_unit(values, NamedUnit(source.source, source.unit, source.factor), findings)
        if unit is not None:
            plan.other_units[source.column] = unit, UNITS[source.column][unit]
            return UNITS[source.column][unit]
    return source.factor


def _whole(channel: Channel, lines: NDArray[np.int64], findings: Findings) -> bool:
    """Whether cycle numbers are whole; otherwise they are left out, and said so."""
    with np.errstate(invalid="ignore"):
        odd = np.isfinite(channel.numbers) & (channel.numbers != np.round(channel.numbers))
    if not odd.any():
        return True
    first = int(np.flatnonzero(odd)[0])
    value = channel.numbers[first]
    text = f"{channel.source} is {value:.6g}, no whole number: left out, cycles are found from the current"
    findings.warn("cycle_not_whole", text, line=int(lines[first]), column=channel.source)
    return False


def _drop_unconnected(columns: _Columns, plan: Plan, body: Body, findings: Findings) -> set[str]:
    absent = set()
    for name in _SENSORS:
        if name not in columns:
            continue
        source = plan.of(name)
        channel = Channel(name, source.source if source else name, columns[name])
        if not is_connected(channel, findings):
            absent.add(name)
            del columns[name]
        elif name in MECHANICAL_COLUMNS:
            warn_of_saturation(channel, body.lines, findings)
    return absent


def _say_if_only_volts(columns: _Columns, plan: Plan, findings: Findings) -> None:
    """An amplifier's volts are kept, but no pressure comes of them until somebody says what a volt is."""
    source = plan.of("analogue_input_volt")
    if source is not None and set(MECHANICAL_COLUMNS) & set(columns) == {"analogue_input_volt"}:
        text = (
            f"{source.source} is stored in volts: no pressure and no Δ(ΔP) result from it. If it is a load cell's, "
            "store it as force, with the newtons of a volt (a mapping with factor and offset: How to import files)"
        )
        findings.warn("only_volts", text, column=source.source)


def _mapping(plan: Plan, absent: set[str]) -> list[ColumnMapping]:
    gone = "no sensor was connected"
    mapping = []
    for item in plan.mapping:
        unit, factor = plan.other_units.get(item.column or "", (item.unit, item.factor))
        column, note = (None, gone) if item.column in absent else (item.column, item.note)
        mapping.append(ColumnMapping(item.source, item.first_value, column, unit, factor, note))
    return mapping


def _table(columns: _Columns, body: Body, segment: NDArray[np.int32]) -> pd.DataFrame:
    ordered = {name: columns[name] for name in (*RECORD_COLUMNS, LOCAL_TIME) if name in columns}
    return pd.DataFrame({**ordered, "source_row": body.lines, "segment": segment}, copy=False)


def _quarantine(file: TextFile, body: Body, rows: RowChoice) -> pd.DataFrame:
    """Rows set aside, in the order of the file: [line, text, reason]; at most 10,000 of them."""
    wanted = dict(rows.reasons[:_KEPT_QUARANTINE])
    texts = lines_at(file, set(wanted)) if wanted else {}
    late = [(line, texts.get(line, ""), reason) for line, reason in wanted.items()]
    kept = sorted([*body.quarantine[:_KEPT_QUARANTINE], *late])[:_KEPT_QUARANTINE]
    return pd.DataFrame(
        {
            "line": np.array([line for line, _, _ in kept], np.int64),
            "text": pd.Series([text for _, text, _ in kept], dtype="str"),
            "reason": pd.Series([reason for _, _, reason in kept], dtype="str"),
        }
    )


def _report_quarantine(body: Body, rows: RowChoice, findings: Findings) -> None:
    """One problem for each reason, with the first line."""
    reasons: dict[str, list[int]] = {}
    for line, _, reason in body.quarantine:
        reasons.setdefault(reason, []).append(line)
    for line, reason in rows.reasons:
        reasons.setdefault(reason, []).append(line)
    for reason, lines in list(reasons.items())[:50]:
        head, mark, _ = reason.partition(": ")
        column = head if mark else None
        count = f"{len(lines)} rows were" if len(lines) > 1 else "The row was"
        findings.warn("quarantined", f"{count} set aside: {reason}", line=min(lines), column=column)
