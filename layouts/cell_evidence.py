"""What stands below the figures of a cell: notes and events, data quality, and where the data come from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from data_access.closing import BEING_COMPUTED
from data_access.models import Cell, Event, Fault, Import
from figures.tables import (
    SECONDS_PER_HOUR,
    complete_cycles,
    estimator_of,
    flags,
    has_values,
    indicator,
    numbers,
    signal_of,
)
from layouts import ids, parts
from layouts.import_parts import format_title
from layouts.words import cell as words
from pressiometry.normalise import NOT_POSITIVE
from pressiometry.quality import LEAST_COVERAGE_PERCENT, QUALITY_CODES

FULL_PERCENT = 99.95
"""Coverage from here on is shown as whole."""


def _line(picture: str, *content: Component | str, aside: Any = None, level: str = "") -> Component:
    """Return one line of a list: icon, words, and something at the right."""
    text = html.Div(list(content), className="line-text")
    tail = [html.Div(aside, className="line-aside")] if aside is not None else []
    return html.Li([parts.icon(picture), text, *tail], className=f"line {level}".strip())


def notes(cell: Cell, events: Sequence[Event], cycles: pd.DataFrame) -> Component:
    """Return the notes and events of a cell with the cycle they fall into."""
    lines = [
        _line("note", words.EVENT_WORDS.get(event.kind, event.kind) + (f": {event.text}" if event.text else ""))
        if event.start_second is None
        else _line(
            "note",
            event.text or words.EVENT_WORDS.get(event.kind, event.kind),
            aside=place_of(event.start_second, cycles),
        )
        for event in events
    ]
    if cell.notes.strip():
        lines.insert(0, _line("info", cell.notes.strip(), aside=words.CELL_NOTES))
    return html.Ul(lines, className="lines") if lines else html.P(words.NO_NOTES, className="quiet")


def place_of(second: float, cycles: pd.DataFrame) -> str:
    """Return where a time lies: "cycle 6 · 20.1 h", or only the hours outside of every cycle."""
    hours = f"{second / SECONDS_PER_HOUR:.1f} h"
    columns = [numbers(cycles, name) for name in ("cycle_count", "start_second", "end_second")]
    for count, start, end in zip(*columns, strict=True):
        if count is not None and start is not None and end is not None and start <= second <= end:
            return f"cycle {count:.0f} · {hours}"
    return hours


def used_cycles(cycles: pd.DataFrame) -> str:
    """Return "18 of 19 cycles used"."""
    complete = complete_cycles(cycles)
    counted = complete[complete["position"] >= 1]
    used = len(counted) - sum(flags(counted, "masked"))
    return words.CYCLES_USED.format(used=used, complete=len(counted)) if len(counted) else ""


def quality(cycles: pd.DataFrame, faults: Sequence[tuple[str, Fault]] = ()) -> Component:
    """Return what was masked or flagged and why, the estimator and its reason, assumptions, what is missing.

    `faults` are those of the cell's channels, with the channel's name: they are said before there is a cycle, too.
    """
    complete = complete_cycles(cycles)
    counted = complete[complete["position"] >= 1]
    flagged = [_fault(name, fault) for name, fault in faults if fault.code in words.FAULTS_OF_DATA]
    if counted.empty:
        if not flagged:
            return html.P(words.NO_CYCLE, className="quiet")
        return html.Ul([*flagged, _line("info", words.NO_CYCLE)], className="lines")
    attrs = {str(name): value for name, value in cycles.attrs.items()}
    lines = [*_coverage(counted), *_scatter(counted), *_codes(counted), *flagged]
    lines += [*_estimator(counted, attrs), *_missing(counted)]
    said = [str(text) for text in attrs.get("assumptions", ())]
    lines += [_line("warning", words.ASSUMED.format(text=text)) for text in said if text != BEING_COMPUTED]
    if BEING_COMPUTED in said:
        lines.insert(0, _line("info", BEING_COMPUTED))
    return html.Ul(lines, className="lines") if lines else html.P(words.ALL_GOOD, className="quiet")


def _fault(channel: str, fault: Fault) -> Component:
    """Return what was flagged about rows of a channel: its words, which rows, how often."""
    first, last = fault.first_sequence, fault.last_sequence
    rows = words.FAULT_ROW.format(row=first) if first == last else words.FAULT_ROWS.format(first=first, last=last)
    where = [words.LIVE_NAME.format(name=channel), *([rows] if first is not None else [])]
    times = [words.FAULT_TIMES.format(count=fault.n)] if fault.n > 1 else []
    return _line("warning", fault.text, aside=" · ".join([*where, *times]))


def _coverage(cycles: pd.DataFrame) -> list[Component]:
    valid = cycles[[not mask for mask in flags(cycles, "masked")]]
    columns = ("coverage_charging_percent", "coverage_discharging_percent")
    values = [value for column in columns for value in numbers(valid, column) if value is not None]
    if not values:
        return []
    name, least = signal_of(cycles).name.capitalize(), min(values)
    said = words.COVERED.format(name=name) if least >= FULL_PERCENT else words.COVERAGE.format(name=name, percent=least)
    return [_line("check" if least >= LEAST_COVERAGE_PERCENT else "warning", said)]


def _scatter(cycles: pd.DataFrame) -> list[Component]:
    """Return the last scatter from cycle to cycle beside what the sensor's noise explains, each one sd in percent."""
    u = f"{indicator(signal_of(cycles), 'relative').column}_u"
    both = [
        (scatter, noise)
        for scatter, noise in zip(numbers(cycles, "scatter_percent"), numbers(cycles, u), strict=True)
        if scatter is not None and noise is not None
    ]
    return [_line("info", words.SCATTER.format(scatter=both[-1][0], noise=both[-1][1]))] if both else []


def _codes(cycles: pd.DataFrame) -> list[Component]:
    """Return one line a quality code: the cycles it was found in and what it means."""
    found: dict[str, list[int]] = {}
    for position, codes in zip(cycles["position"], _lists(cycles, "quality"), strict=True):
        for code in codes:
            found.setdefault(str(code), []).append(int(position))
    lines = []
    for code, counts in found.items():
        known = QUALITY_CODES.get(code)
        sentence = words.MASKED if known is not None and known.masks else words.FLAGGED
        reason = _lower_first(known.meaning) if known is not None else code
        picture = "info" if known is not None and known.masks else "warning"
        lines.append(_line(picture, sentence.format(cycles=cycle_list(counts), reason=reason)))
    return lines


def _lists(cycles: pd.DataFrame, column: str) -> list[list[Any]]:
    if column not in cycles:
        return [[] for _ in range(len(cycles))]
    return [list(value) if isinstance(value, list | tuple) else [] for value in cycles[column]]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def cycle_list(counts: Sequence[int]) -> str:
    r"""Return cycles in words, runs joined by an en dash.

    >>> cycle_list([6]), cycle_list([3, 5, 6, 7]) == "Cycles 3, 5\N{EN DASH}7"
    ('Cycle 6', True)
    """
    runs: list[list[int]] = []
    for count in sorted(set(counts)):
        if runs and count == runs[-1][-1] + 1:
            runs[-1].append(count)
        else:
            runs.append([count])
    words_of_runs = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"{'Cycle' if len(set(counts)) == 1 else 'Cycles'} {', '.join(words_of_runs)}"


def _estimator(cycles: pd.DataFrame, attrs: Mapping[str, Any]) -> list[Component]:
    chosen = estimator_of(cycles)
    if not chosen:
        return []
    sentence = words.ESTIMATOR.format(estimator=words.ESTIMATORS.get(chosen, chosen))
    reason = str(attrs.get("estimator_reason") or "")
    lines = [_line("method", sentence + (f": {_lower_first(reason)}" if reason else ""))]
    systematic = max((value for value in numbers(cycles, "systematic_u_percent") if value is not None), default=0.0)
    if systematic > 0:
        lines.append(_line("info", words.SYSTEMATIC.format(percent=systematic * 1.96)))
    differences = sorted(value for value in numbers(cycles, "e1_minus_e2_percent") if value is not None)
    if differences:
        middle = f"{differences[len(differences) // 2]:+.2f}".replace("-", "−")
        lines.append(_line("info", words.DIFFERENCE.format(percent=middle)))
    return lines


def _why_missing(cycles: pd.DataFrame, unit: str, column: str) -> str:
    """Return why the indicator cannot be given in a unit."""
    stored = [row.get(column) for row in cycles.get("not_computed", ()) if isinstance(row, dict)]
    return words.NOT_POSITIVE if NOT_POSITIVE in stored else words.MISSING[unit]


def _missing(cycles: pd.DataFrame) -> list[Component]:
    """Return one line for each unit that the indicator cannot be given in, and why; the reasons of gaps besides."""
    signal = signal_of(cycles)
    if not has_values(cycles, indicator(signal, "swing").column):
        return []
    lines = [
        _line("info", _why_missing(cycles, unit, indicator(signal, unit).column))  # type: ignore[arg-type]
        for unit in words.MISSING
        if not has_values(cycles, indicator(signal, unit).column)  # type: ignore[arg-type]
        and (unit != "stiffness" or signal.short == "p")
    ]
    reasons: dict[str, list[int]] = {}
    swing = indicator(signal, "swing").column
    for position, stored in zip(cycles["position"], cycles.get("not_computed", [{}] * len(cycles)), strict=True):
        if isinstance(stored, dict) and swing in stored:
            reasons.setdefault(str(stored[swing]), []).append(int(position))
    return lines + [
        _line("info", f"{cycle_list(counts)}: {words.NOT_COMPUTED.format(reason=_lower_first(reason))}")
        for reason, counts in reasons.items()
    ]


def sources(cell: Cell, imports: Sequence[Import], records: int, channels: Sequence[str] = ()) -> Component:
    """Return the instruments that send and the files of a cell, each with the way to take it back.

    A file says its rows and format, and what was assumed when it was read.
    """
    lines = [_line("plug", words.LIVE_SOURCE.format(name=name)) for name in channels]
    may_edit = parts.may_edit(cell.project_id)
    lines += [_source(job, may_edit=may_edit) for job in imports if job.status == "stored"]
    if cell.synthetic:
        lines.insert(0, _line("flask", words.DEMO_SOURCE, aside=words.RECORDS.format(rows=f"{records:,}")))
    return html.Ul(lines, className="lines") if lines else html.P(words.NO_SOURCES, className="quiet")


def _source(job: Import, *, may_edit: bool) -> Component:
    rows = words.ROWS.format(rows=f"{job.rows_stored:,}")
    extra = [
        text.format(rows=f"{count:,}")
        for count, text in ((job.rows_quarantined, words.QUARANTINED), (job.rows_duplicate, words.DUPLICATES))
        if count
    ]
    said = Counter(str(note.get("text", "")) for note in job.assumptions or [] if isinstance(note, dict))
    assumed = [html.Li(text if count == 1 else f"{text} ({count}×)") for text, count in said.items()]
    details = [html.Ul(assumed, className="assumptions")] if assumed else []
    take_back = html.Button(
        words.UNDO_IMPORT,
        id=ids.cell_undo_import(job.id),
        type="button",
        className="text-button",
        n_clicks=0,
        title=words.UNDO_IMPORT_LABEL.format(name=job.name),
    )
    head = html.Div([html.Span(job.name, className="file-name"), f" · {rows}"])
    below = [html.Div(" · ".join(extra), className="quiet")] if extra else []
    return _line(
        "file", head, *below, *details, aside=[html.Div(format_title(job.format)), *([take_back] if may_edit else [])]
    )
