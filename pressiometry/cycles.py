"""Records in, one row a cycle out: capacities, voltages and the indicator with its uncertainty and quality."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from pressiometry import quality
from pressiometry.capacity import find_ended
from pressiometry.columns import CYCLE_COLUMNS, MECHANICAL_SIGNALS, PRESSURE, indicator_names
from pressiometry.cycle_rows import describe_cycle, describe_mechanical
from pressiometry.estimator import (
    NO_SIGNAL,
    SYMMETRIC,
    Choice,
    Estimates,
    add_estimates,
    choose_estimator,
    estimate_all,
)
from pressiometry.half_cycles import cut_half_cycles
from pressiometry.jumps import add_jumps
from pressiometry.legs import measure_half
from pressiometry.mechanical import Mechanical, read_mechanical
from pressiometry.normalise import add_units, systematic_percent
from pressiometry.pairing import Cycle, pair_halves
from pressiometry.records import Records, read_arrays
from pressiometry.trends import add_baseline_trends, add_capacity_trends, add_scatter, blank_drift_over_pauses

if TYPE_CHECKING:
    from pressiometry.facts import CellFacts


class LoggedEvent(Protocol):
    """Something a person logged, such as a re-torque, with its times on the cell's axis."""

    @property
    def start_second(self) -> float | None:
        """When it began; None where nobody knows."""

    @property
    def end_second(self) -> float | None:
        """When it ended; None for a moment."""


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
    arrays = read_arrays(records)
    signal = read_mechanical(records, facts, mechanical)
    found = cut_half_cycles(arrays)
    ended = find_ended(arrays, found) if facts.cell_type == "full" else [False] * len(found)
    halves = [measure_half(arrays, half, signal, ended=known) for half, known in zip(found, ended, strict=True)]
    paired = pair_halves(halves, facts.cell_type)
    cycles = _describe(paired, arrays, facts, signal)
    spans = [
        (event.start_second, event.start_second if event.end_second is None else event.end_second)
        for event in events
        if event.start_second is not None
    ]
    cycles["quality"] = quality.find_codes(cycles, paired, signal, facts, spans)
    add_jumps(cycles, paired, signal if facts.cell_type == "full" else None)
    cycles["masked"] = [int(quality.is_masked(codes)) for codes in cycles["quality"]]
    add_capacity_trends(cycles)
    choice = _add_indicator(cycles, paired, signal, facts)
    blank_drift_over_pauses(cycles, signal.signal if signal else PRESSURE, arrays)
    cycles = cycles.reindex(columns=_columns_of(signal))
    cycles.attrs = {
        "mechanical_signal": signal.signal.column if signal else None,
        "estimator": choice.estimator if choice else None,
        "estimator_reason": choice.reason if choice else "",
        "assumptions": _assumptions(cycles, facts),
        "suggested_formation": 0 if facts.formation_cycles else suggest_formation(cycles),
    }
    return cycles


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
    current = cycles["charging_current_ampere"].to_numpy(dtype=float)
    current = current[np.isfinite(current)]
    if current.size == 0:
        return 0
    usual = float(np.median(current[current.size // 2 :]))
    different = np.abs(current / usual - 1) > FORMATION_SHARE
    leading = int(np.argmin(different)) if not different.all() else 0
    return leading if leading < current.size / 2 else 0


def _describe(
    paired: Sequence[Cycle], arrays: Records, facts: "CellFacts", mechanical: Mechanical | None
) -> pd.DataFrame:
    """All that the cycles give one by one, numbered; at least the columns that later steps read."""
    signal = mechanical.signal if mechanical else PRESSURE
    rows = [describe_cycle(cycle, arrays, facts) | describe_mechanical(cycle, signal, facts) for cycle in paired]
    cycles = pd.DataFrame(rows)
    needed = [name for name in (*CAPACITY_COLUMNS, signal.named("eod")) if name not in cycles.columns]
    for name in needed:
        cycles[name] = pd.Series(np.nan, index=cycles.index, dtype=object if name in OBJECT_COLUMNS else float)
    order = np.arange(1.0, len(cycles) + 1)
    in_formation = order <= facts.formation_cycles
    cycles["formation_count"] = np.where(in_formation, order, np.nan)
    cycles["cycle_count"] = np.where(in_formation, np.nan, order - facts.formation_cycles)
    return cycles


def _add_indicator(
    cycles: pd.DataFrame, paired: Sequence[Cycle], mechanical: Mechanical | None, facts: "CellFacts"
) -> Choice | None:
    """The indicator in every unit, with its trends and the codes that it gives, made in place."""
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
            choice = choose_estimator(cycles, estimates, facts, mechanical.resolution)
            cycles["estimator"] = choice.estimator
            cycles["systematic_u_percent"] = systematic_percent(facts, signal)
    add_estimates(cycles, estimates, signal, choice.estimator if choice else "e1")
    add_units(cycles, signal, facts)
    add_baseline_trends(cycles, signal)
    add_scatter(cycles, signal)
    indicator = cycles[signal.named("delta_delta_{}_q", per="per_ah")]
    for codes, value in zip(cycles["quality"], indicator, strict=True):
        if value < 0:
            codes.append("negative_indicator")
    return choice


def _columns_of(mechanical: Mechanical | None) -> list[str]:
    """Columns of the result: the general ones and those of the one mechanical signal, pressure if there is none."""
    signal = mechanical.signal if mechanical else PRESSURE
    others = {name for other in MECHANICAL_SIGNALS if other is not signal for name in indicator_names(other)}
    return [name for name in CYCLE_COLUMNS if name not in others]


def _assumptions(cycles: pd.DataFrame, facts: "CellFacts") -> list[str]:
    """What was taken for granted, one sentence each."""
    said = []
    if "derived" in set(cycles["segmentation"]):
        own = cycles["instrument_cycle_count"].notna().any()
        reason = "the instrument's numbers do not match them" if own else "the records carry no cycle numbers"
        said.append(f"Cycles were derived from the sign of the current: {reason}.")
    if "turning_points" in set(cycles["segmentation"]):
        said.append("The profile is dynamic: half-cycles lie between turning points of the cumulative charge.")
    leading = 0 if facts.formation_cycles else suggest_formation(cycles)
    if leading:
        which = "Cycle 1" if leading == 1 else f"Cycles 1–{leading}"
        same = "is counted like them, as nobody marked it" if leading == 1 else "are counted, as nobody marked them"
        said.append(f"{which} ran at another current than the later ones and {same} as formation.")
    if facts.active_mass_mg is not None and facts.loading_mg_per_cm2 is not None:
        said.append("Mass and loading are both given: the mass is used, areas come from the electrode's diameter.")
    return said
