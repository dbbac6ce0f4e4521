"""Records in, one row a cycle out: capacities, voltages and the indicator with its uncertainty and quality."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from pressiometry import quality
from pressiometry.capacity import find_ended, find_ends
from pressiometry.columns import CYCLE_COLUMNS, MECHANICAL_SIGNALS, PRESSURE, indicator_names
from pressiometry.cycle_rows import describe_cycle, describe_mechanical
from pressiometry.differential import draw_curves
from pressiometry.estimator import (
    NO_SIGNAL,
    SYMMETRIC,
    Choice,
    Estimates,
    add_estimates,
    choose_estimator,
    estimate_all,
)
from pressiometry.evidence import Found, gather_evidence
from pressiometry.half_cycles import cut_half_cycles
from pressiometry.jumps import add_jumps
from pressiometry.legs import measure_half
from pressiometry.mechanical import Mechanical, read_mechanical
from pressiometry.normalise import add_units, systematic_percent
from pressiometry.pairing import Cycle, pair_halves
from pressiometry.past import NO_PAST, Evidence, Past
from pressiometry.records import MIN_INTERVALS, Records, has_recorded_ends, read_arrays
from pressiometry.runs import Runs, find_runs
from pressiometry.trends import add_baseline_trends, add_capacity_trends, add_scatter, blank_drift_over_pauses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.facts import CellFacts


class LoggedEvent(Protocol):
    """Something a person logged, such as a re-torque, with its times on the cell's axis."""

    @property
    def start_second(self) -> float | None:
        """When it began; None where nobody knows."""

    @property
    def end_second(self) -> float | None:
        """When it ended; None for a moment."""


@dataclass(frozen=True)
class Closed:
    """The cycles that were found, what each tells of its cell, and the curves of each."""

    cycles: pd.DataFrame
    """As summarise_cycles gives them."""
    evidence: list[Evidence]
    _found: Found | None = None

    @cached_property
    def curves(self) -> "dict[int, dict[str, NDArray[Any]]]":
        """Columns of differential.summarise_curves, by the position of the cycle."""
        if self._found is None:
            return {}
        of_all = (draw_curves(cycle, self._found.records, self._found.mechanical) for cycle in self._found.paired)
        return dict(enumerate(of_all))


def summarise_cycles(
    records: pd.DataFrame,
    facts: "CellFacts",
    *,
    mechanical: pd.DataFrame | None = None,
    events: Sequence[LoggedEvent] = (),
) -> pd.DataFrame:
    """One row a cycle with the columns of CYCLE_COLUMNS, in their order, absent values NaN.

    `records` has the names of RECORD_COLUMNS in the order of the instrument; `mechanical` is a logger's own
    series on the same time axis, in place of the signal in the records.  `quality` holds a list of codes and
    `not_computed` a dict {column: sentence}.  `.attrs` carries mechanical_signal, estimator, estimator_reason,
    assumptions and suggested_formation, the leading cycles that a person is asked to mark as formation.
    Source: SCIENCE sections 2 and 3.

    Raises:
        InvalidInputError: where a column holds no numbers.
        MissingDataError: where time, voltage or current is absent.

    """
    return find_cycles(records, facts, mechanical=mechanical, events=events).cycles


def find_cycles(
    records: pd.DataFrame,
    facts: "CellFacts",
    *,
    mechanical: pd.DataFrame | None = None,
    events: Sequence[LoggedEvent] = (),
    past: Past = NO_PAST,
) -> Closed:
    """The cycles of records as `summarise_cycles` gives them; with a past those after it, equal to those of all.

    With a past, `records` and `mechanical` begin some steps before its end.

    Raises:
        InvalidInputError, MissingDataError: as summarise_cycles.
        PastChangedError: where the records change what was found of cycles of the past.

    """
    arrays = read_arrays(records, past.largest_ampere)
    signal = read_mechanical(records, facts, mechanical, past)
    runs = find_runs(arrays, past)
    first_row = _check_past(arrays, runs, past)
    found = cut_half_cycles(arrays, runs, past)
    past.check(
        holds=past.count == 0 or (bool(found) and found[0].start_second == past.resume_second),
        finding="where the next cycle begins",
    )
    recorded_ends = _has_recorded_ends(arrays, first_row, past)
    ends = find_ends(arrays, found)
    ended = find_ended(ends, past) if facts.cell_type == "full" else np.zeros(len(found), dtype=bool)
    halves = [
        measure_half(arrays, half, signal, ended=known, recorded_ends=recorded_ends)
        for half, known in zip(found, ended.tolist(), strict=True)
    ]
    paired = pair_halves(halves, facts.cell_type, past)
    cycles = _describe(paired, arrays, facts, signal, past)
    cycles["quality"], samples = quality.find_codes(cycles, paired, signal, facts, _spans(events), past)
    add_jumps(cycles, paired, signal if facts.cell_type == "full" else None)
    cycles["masked"] = [int(quality.is_masked(codes)) for codes in cycles["quality"]]
    references = [add_capacity_trends(cycles, past)]
    choice, estimates, reference = _add_indicator(cycles, paired, signal, facts, past)
    references.append(reference)
    blank_drift_over_pauses(cycles, signal.signal if signal else PRESSURE, arrays, past)
    told = Found(arrays, runs, ends, ended, recorded_ends, references, paired, cycles, estimates, samples, signal)
    evidence = gather_evidence(told, first_row)
    cycles = cycles.reindex(columns=_columns_of(signal))
    cycles.attrs = {
        "mechanical_signal": signal.signal.column if signal else None,
        "estimator": choice.estimator if choice else None,
        "estimator_reason": choice.reason if choice else "",
        "assumptions": _assumptions(cycles, facts, past),
        "suggested_formation": 0 if facts.formation_cycles else _suggest_formation(cycles, past),
    }
    return Closed(cycles, evidence, told)


def _spans(events: Sequence[LoggedEvent]) -> list[tuple[float, float]]:
    return [
        (event.start_second, event.start_second if event.end_second is None else event.end_second)
        for event in events
        if event.start_second is not None
    ]


def _check_past(arrays: Records, runs: Runs, past: Past) -> int:
    """First row after the past; raises PastChangedError unless the records before it tell all that is needed of it."""
    if not past.count:
        return 0
    past.check(holds=runs.first.size > 0 and past.last_second <= past.resume_second, finding="the order of time")
    first_row = int(runs.first[0])
    long_before = np.diff(arrays.run_first)[: arrays.run[first_row]] > MIN_INTERVALS
    past.check(holds=bool(long_before.any()), finding="the step before")
    past.check_rest_limit(arrays.rest_limit_ampere)
    return first_row


def _has_recorded_ends(arrays: Records, first_row: int, past: Past) -> bool:
    """Whether the instrument records the ends of steps; raises PastChangedError where the past was judged otherwise."""
    steps, rows = arrays.steps
    recorded = has_recorded_ends(np.concatenate((past.steps, steps[rows >= first_row])))
    past.check(holds=bool((past.flag("ends_recorded") == recorded).all()), finding="whether ends are recorded")
    return recorded


FORMATION_SHARE = 0.20
"""A current this far off the usual one marks formation."""
CAPACITY_COLUMNS = (
    "state", "segmentation", "not_computed", "start_second", "end_second",
    "charge_start_second", "discharge_start_second", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah",
    "charging_current_ampere", "discharging_current_ampere", "temperature_range_celsius",
)  # fmt: skip
"""Columns that later steps read, present in an empty table too."""
OBJECT_COLUMNS = ("state", "segmentation", "not_computed")


def suggest_formation(cycles: pd.DataFrame) -> int:
    """Number of leading cycles at another current than the rest, for a person to confirm; 0 where there are none.

    The leading cycles whose charge current is more than 20 % off that of the later ones, as long as they are
    fewer than half of all (the paper: ten cycles at 0.2 mA/cm2 before 1.0).  Source: SCIENCE section 2.

    >>> suggest_formation(pd.DataFrame({"charging_current_ampere": [1e-4, 1e-4, 5e-4, 5e-4, 5e-4]}))
    2
    """
    return _suggest_formation(cycles, NO_PAST)


def _suggest_formation(cycles: pd.DataFrame, past: Past) -> int:
    name = "charging_current_ampere"
    current = np.concatenate((past.column(name), cycles[name].to_numpy(dtype=float)))
    current = current[np.isfinite(current)]
    if current.size == 0:
        return 0
    usual = float(np.median(current[current.size // 2 :]))
    different = np.abs(current / usual - 1) > FORMATION_SHARE
    leading = int(np.argmin(different)) if not different.all() else 0
    return leading if leading < current.size / 2 else 0


def _describe(
    paired: Sequence[Cycle], arrays: Records, facts: "CellFacts", mechanical: Mechanical | None, past: Past
) -> pd.DataFrame:
    """All that the cycles give one by one, numbered; at least the columns that later steps read."""
    signal = mechanical.signal if mechanical else PRESSURE
    rows = [describe_cycle(cycle, arrays, facts) | describe_mechanical(cycle, signal, facts) for cycle in paired]
    cycles = pd.DataFrame(rows)
    needed = [name for name in (*CAPACITY_COLUMNS, signal.named("eod")) if name not in cycles.columns]
    for name in needed:
        cycles[name] = pd.Series(np.nan, index=cycles.index, dtype=object if name in OBJECT_COLUMNS else float)
    order = past.count + np.arange(1.0, len(cycles) + 1)
    in_formation = order <= facts.formation_cycles
    cycles["formation_count"] = np.where(in_formation, order, np.nan)
    cycles["cycle_count"] = np.where(in_formation, np.nan, order - facts.formation_cycles)
    return cycles


def _add_indicator(
    cycles: pd.DataFrame, paired: Sequence[Cycle], mechanical: Mechanical | None, facts: "CellFacts", past: Past
) -> tuple[Choice | None, Sequence[Estimates], float]:
    """The choice, the estimates and the reference of the indicator; it, its trends and codes are made in place."""
    signal = mechanical.signal if mechanical else PRESSURE
    blocked = SYMMETRIC if facts.cell_type == "symmetric" else NO_SIGNAL if mechanical is None else None
    if blocked:
        estimates: list[Estimates] = [dict.fromkeys(("e1", "e2", "e3"), blocked) for _ in paired]
    else:
        told = zip(paired, cycles["quality"], cycles["jump"], strict=True)
        estimates = [estimate_all(cycle, codes, jump) for cycle, codes, jump in told]
    choice = None
    if mechanical is not None:
        cycles["mechanical_signal"] = signal.column
        if not blocked:
            choice = choose_estimator(cycles, estimates, facts, mechanical.resolution, past)
            past.check(holds=past.told("estimator") in {None, choice.estimator}, finding="the estimator")
            cycles["estimator"] = choice.estimator
            cycles["systematic_u_percent"] = systematic_percent(facts, signal)
    add_estimates(cycles, estimates, signal, choice.estimator if choice else "e1")
    reference = add_units(cycles, signal, facts, past)
    add_baseline_trends(cycles, signal, past)
    add_scatter(cycles, signal, past)
    indicator = cycles[signal.named("delta_delta_{}_q", per="per_ah")]
    for codes, value in zip(cycles["quality"], indicator, strict=True):
        if value < 0:
            codes.append("negative_indicator")
    return choice, estimates, reference


def _columns_of(mechanical: Mechanical | None) -> list[str]:
    """Columns of the result: the general ones and those of the one mechanical signal, pressure if there is none."""
    signal = mechanical.signal if mechanical else PRESSURE
    others = {name for other in MECHANICAL_SIGNALS if other is not signal for name in indicator_names(other)}
    return [name for name in CYCLE_COLUMNS if name not in others]


def _assumptions(cycles: pd.DataFrame, facts: "CellFacts", past: Past) -> list[str]:
    """What was taken for granted, one sentence each."""
    said = []
    if "derived" in set(cycles["segmentation"]) or past.flag("is_derived").any():
        own = cycles["instrument_cycle_count"].notna().any() or np.isfinite(past.column("label")).any()
        reason = "the instrument's numbers do not match them" if own else "the records carry no cycle numbers"
        said.append(f"Cycles were derived from the sign of the current: {reason}.")
    if "turning_points" in set(cycles["segmentation"]):
        said.append("The profile is dynamic: half-cycles lie between turning points of the cumulative charge.")
    leading = 0 if facts.formation_cycles else _suggest_formation(cycles, past)
    if leading:
        which = "Cycle 1" if leading == 1 else f"Cycles 1–{leading}"
        same = "is counted like them, as nobody marked it" if leading == 1 else "are counted, as nobody marked them"
        said.append(f"{which} ran at another current than the later ones and {same} as formation.")
    if facts.active_mass_mg is not None and facts.loading_mg_per_cm2 is not None:
        said.append("Mass and loading are both given: the mass is used, areas come from the electrode's diameter.")
    return said
