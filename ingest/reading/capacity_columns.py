"""The two capacities of a record: since the start of the instrument's cycle, checked against the current."""

import numpy as np
from numpy.typing import NDArray

from ingest.reading.capacity import (
    by_direction,
    counts_both_ways,
    cycle_borders,
    increments,
    integrate,
    net_increments,
    per_cycle,
    since_border,
    stretches,
)
from ingest.reading.cells import Floats
from ingest.reading.columns_of_text import Body
from ingest.reading.findings_log import Findings
from ingest.reading.mapping import Plan
from ingest.reading.unit_questions import NamedUnit, capacity_unit

_CHARGING, _DISCHARGING = "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah"
_RATIO = (0.95, 1.05)
_STUB = 0.01
"""Share of the largest cycle below which a cycle says nothing of the current."""
_TELLING = 10
"""Records with a current that a cycle needs to say something of its unit: a few may be the last digit's noise."""
_WORDS = {
    "cumulative": "runs on over the whole file; it was made to start anew with each cycle",
    "per_cycle": "starts anew with each cycle",
    "per_step": "starts anew within cycles, with each step; the steps of a cycle were added",
}


def add_capacities(
    columns: dict[str, Floats], plan: Plan, body: Body, segment: NDArray[np.int32], findings: Findings
) -> None:
    """Put the reported capacities among the columns, counted since the start of the cycle; a disagreement is named."""
    cycle = columns.get("instrument_cycle_count")
    if cycle is None:
        findings.assume("no_cycle_column", "The file has no cycle numbers: cycles are found from the current")
    borders = cycle_borders(cycle, segment)
    both = plan.of(_CHARGING), plan.of(_DISCHARGING)
    named: dict[str, NamedUnit] = {}
    for source in both:
        if source is not None:
            named[source.column] = NamedUnit(source.source, source.unit, source.factor)
            reported = body.numbers.pop(source.column)
            reported *= source.factor
            semantics = per_cycle(reported, borders, segment)
            columns[source.column] = reported
            findings.assume(f"capacity_{semantics}", f"{source.source} {_WORDS[semantics]}")
    single = plan.of("capacity_ah")
    if single is not None and not any(both):
        how = _split_by_direction(columns, body.numbers.pop("capacity_ah") * single.factor, borders, segment)
        text = f"{single.source} {how}: charge or discharge by the sign of the current"
        findings.assume("capacity_by_direction", text)
        unit = NamedUnit(single.source, single.unit, single.factor)
        named = {_CHARGING: unit, _DISCHARGING: unit}
    starts = np.flatnonzero(borders)
    if len(starts) and named:
        integrated = _integrated(columns, borders, segment)
        _mend_units(columns, starts, integrated, named, findings)
        _compare(columns, starts, integrated, body, findings)


def _split_by_direction(
    columns: dict[str, Floats], reported: Floats, borders: NDArray[np.bool_], segment: NDArray[np.int32]
) -> str:
    """Make both capacities of one that counts charge and discharge alike, or one up and the other down; which it is."""
    current = columns["current_ampere"]
    if counts_both_ways(reported, current, segment):
        added, how = net_increments(reported, borders), "rises on charge and falls on discharge"
    else:
        (added, _), how = increments(reported, segment), "counts one direction at a time"
    for name, charging in ((_CHARGING, True), (_DISCHARGING, False)):
        columns[name] = since_border(by_direction(added, current, charging=charging), borders)
    return how


def _mend_units(
    columns: dict[str, Floats],
    starts: NDArray[np.int64],
    integrated: dict[str, Floats],
    named: dict[str, NamedUnit],
    findings: Findings,
) -> None:
    """Turn reported capacities that stand in another unit than named into Ah; one question serves both directions."""
    current = columns["current_ampere"]
    for name, unit in named.items():
        ratio, reported = _ratio(columns[name], starts, integrated[name])
        flows = current > 0 if name == _CHARGING else current < 0
        says = (reported > _STUB * reported.max(initial=0.0)) & (np.add.reduceat(flows, starts, dtype=int) >= _TELLING)
        factor = capacity_unit(ratio[says], unit, findings)
        if factor is not None:
            columns[name] *= factor


def _ratio(capacity: Floats, starts: NDArray[np.int64], integrated: Floats) -> tuple[Floats, Floats]:
    """Integrated over reported capacity of each cycle, and the reported one, Ah."""
    reported: Floats = np.nan_to_num(np.fmax.reduceat(capacity, starts))
    with np.errstate(divide="ignore", invalid="ignore"):
        return integrated / reported, reported


def _compare(
    columns: dict[str, Floats],
    starts: NDArray[np.int64],
    integrated: dict[str, Floats],
    body: Body,
    findings: Findings,
) -> None:
    """Name cycles whose reported capacity and integrated current differ by more than 5 %; the reported one stays."""
    for name in (_CHARGING, _DISCHARGING):
        if name not in columns:
            continue
        ratio, reported = _ratio(columns[name], starts, integrated[name])
        odd = (reported > _STUB * reported.max(initial=0.0)) & ~((ratio > _RATIO[0]) & (ratio < _RATIO[1]))
        if odd.any():
            worst = int(np.flatnonzero(odd)[np.argmax(np.abs(np.nan_to_num(ratio[odd]) - 1))])
            half = "charge" if name == _CHARGING else "discharge"
            text = (
                f"{int(odd.sum())} of {len(starts)} cycles: the integrated current gives {ratio[worst]:.3f} x "
                f"the reported {half} capacity at worst; the reported one is kept "
                "(the current is not integrated across gaps, and may be rounded)"
            )
            findings.warn("capacity_disagrees", text, line=int(body.lines[starts[worst]]), column=name)


def _integrated(
    columns: dict[str, Floats], borders: NDArray[np.bool_], segment: NDArray[np.int32]
) -> dict[str, Floats]:
    """Charge and discharge of each cycle from the current, Ah."""
    total = {name: np.zeros(int(borders.sum())) for name in (_CHARGING, _DISCHARGING)}
    pieces = integrate(columns["test_time_second"], columns["current_ampere"], segment, columns.get("step_count"))
    first = -1
    for (begin, end), charge in zip(stretches(len(borders)), pieces, strict=True):
        number = np.cumsum(borders[begin:end]) + first
        first = int(number[-1])
        size = len(total[_CHARGING])
        total[_CHARGING] += np.bincount(number, np.maximum(charge, 0.0), minlength=size)
        total[_DISCHARGING] += np.bincount(number, np.maximum(-charge, 0.0), minlength=size)
    return total
