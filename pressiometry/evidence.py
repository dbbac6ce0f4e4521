"""The evidence of cycles: what each tells of its cell to the cycles after it (see past.py)."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from pressiometry.columns import PRESSURE
from pressiometry.indicators import Indicator
from pressiometry.past import CYCLE_EVIDENCE, Evidence
from pressiometry.quality import STUCK_CODES
from pressiometry.runs import merge_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pressiometry.capacity import Ends
    from pressiometry.estimator import Estimates
    from pressiometry.mechanical import Mechanical
    from pressiometry.pairing import Cycle
    from pressiometry.quality import HalfSamples
    from pressiometry.records import Records
    from pressiometry.runs import Runs

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

Numbers = list[float | None]


@dataclass(frozen=True)
class Found:
    """Everything that was found of some cycles, in the order of time."""

    records: "Records"
    runs: "Runs"
    ends: "Ends"
    ended: "Flags"
    recorded_ends: bool
    references: "Sequence[float]"
    """Of the capacity retention and of the relative indicator."""
    paired: "Sequence[Cycle]"
    cycles: "pd.DataFrame"
    estimates: "Sequence[Estimates]"
    samples: "Sequence[Sequence[HalfSamples]]"
    mechanical: "Mechanical | None"


def gather_evidence(found: Found, first_row: int) -> list[Evidence]:
    """Evidence of every cycle; records and runs from `first_row` on belong to the cycle that they lie in or follow."""
    if not found.paired:
        return []
    begins = np.array([cycle.halves[0].half.first for cycle in found.paired])
    begins[0] = first_row
    signal = found.mechanical
    of_all = {
        "signal": signal.signal.column if signal else None,
        "resolution": signal.resolution if signal else None,
        "estimator": found.cycles["estimator"].iloc[0] if "estimator" in found.cycles else None,
    }
    parts = zip(
        _cycle_numbers(found),
        _half_numbers(found),
        _of_records(found.records, begins),
        _of_runs(found, begins),
        _limits(found, is_first=first_row == 0),
        strict=True,
    )
    return [
        {**of_all, "cycle": own, "halves": halves, **rows, **runs, "limits": limits}
        for own, halves, rows, runs, limits in parts
    ]


def _cycle_numbers(found: Found) -> list[Numbers]:
    """The numbers of CYCLE_EVIDENCE."""
    cycles, signal = found.cycles, found.mechanical.signal if found.mechanical else PRESSURE
    named = {
        "eod": signal.named("eod"),
        "per_ah": signal.named("delta_delta_{}_q", per="per_ah"),
        "percent": f"delta_delta_{signal.short}_q_percent",
    }
    quality = [set(codes) for codes in cycles["quality"]]
    windows = [cycle.end_window() for cycle in found.paired]
    made = {
        "complete": (cycles["state"] == "complete").to_numpy(),
        "e2_swing": [e2.swing if isinstance(e2 := each["e2"], Indicator) else np.nan for each in found.estimates],
        "has_e3": [isinstance(each["e3"], Indicator) for each in found.estimates],
        "discharged_ah": [
            0.0 if cycle.discharge is None else cycle.discharge.capacity.total_ah for cycle in found.paired
        ],
        "discharge_end_volt": [end for end, _ in windows],
        "window_volt": [window for _, window in windows],
        "has_both": [cycle.has_both for cycle in found.paired],
        "is_small": ["no_discharge" in codes for codes in quality],
        "is_warm": ["temperature_excursion" in codes for codes in quality],
        "label": [cycle.halves[0].half.instrument_cycle for cycle in found.paired],
        "has_one_label": [len({part.half.instrument_cycle for part in cycle.halves}) == 1 for cycle in found.paired],
        "is_derived": (cycles["segmentation"] == "derived").to_numpy(),
        "ends_recorded": np.full(len(cycles), found.recorded_ends),
        "capacity_reference": np.full(len(cycles), found.references[0]),
        "indicator_reference": np.full(len(cycles), found.references[1]),
    }
    columns: list[Any] = [
        made[name] if name in made else cycles[named.get(name, name)].to_numpy(dtype=np.float64)
        for name in CYCLE_EVIDENCE
    ]
    return _plain(np.array(columns, dtype=np.float64).T)


def _half_numbers(found: Found) -> list[list[Numbers]]:
    """The numbers of HALF_EVIDENCE, of the half-cycles of each cycle."""
    ends = found.ends
    told = [
        (half.lasting, half.equal_run, half.equal_value, half.samples, STUCK_CODES.index(half.stuck))
        for halves in found.samples
        for half in halves
    ]
    at_end = (ends.sign, ends.voltage_volt, ends.current_ampere, ends.is_usual, ends.has_hole, found.ended)
    rows = iter(_plain(np.column_stack((*at_end, np.array(told, dtype=np.float64)))))
    return [[next(rows) for _ in halves] for halves in found.samples]


def _of_records(records: "Records", begins: "Integers") -> list[dict[str, Any]]:
    """First and last time and sizes of current of the records from each row to the next."""
    size, flows = np.abs(records.current_ampere), records.sign != 0
    amperes = np.column_stack(
        (
            np.maximum.reduceat(np.where(flows, -np.inf, size), begins),
            np.minimum.reduceat(np.where(flows, size, np.inf), begins),
            np.maximum.reduceat(np.where(flows, size, -np.inf), begins),
        )
    )
    time = records.time_second
    times = np.column_stack((np.minimum.reduceat(time, begins), np.maximum.reduceat(time, begins))).tolist()
    return [{"times": span, "amperes": row} for span, row in zip(times, _plain(amperes), strict=True)]


def _of_runs(found: Found, begins: "Integers") -> list[dict[str, Any]]:
    """What the runs of each cycle tell: steps, blocks, labels."""
    runs = found.runs
    steps, step_rows = found.records.steps
    of_runs = [*np.searchsorted(runs.first, begins).tolist(), runs.first.size]
    of_steps = [*np.searchsorted(step_rows, begins).tolist(), step_rows.size]
    outside = np.where(runs.is_step, 0.0, runs.charge_ah)
    short = runs.is_short
    kinds = list(zip(runs.label.tolist(), runs.sign.tolist(), strict=True))
    alone, all_steps = runs.is_alone.tolist(), _plain(steps)
    made: list[dict[str, Any]] = []
    for own, own_steps in zip(pairwise(of_runs), pairwise(of_steps), strict=True):
        inside = slice(*own)
        counts = Counter(kind for kind in kinds[inside] if isfinite(kind[0]))
        made.append(
            {
                "steps": all_steps[slice(*own_steps)],
                "blocks": np.column_stack(merge_blocks(runs.sign[inside], runs.charge_ah[inside])).tolist(),
                "outside": float(outside[inside].sum()),
                "labels": [[*kind, count] for kind, count in counts.items()],
                "short": [[*kinds[run], int(alone[run])] for run in np.flatnonzero(short[inside]) + own[0]],
            }
        )
    return made


def _limits(found: Found, *, is_first: bool) -> list[Numbers]:
    """Smallest and largest sample of the mechanical signal from the start of each cycle to that of the next."""
    starts = found.cycles["start_second"].to_numpy(dtype=np.float64)
    if found.mechanical is None:
        return [[None, None] for _ in starts]
    value = found.mechanical.value
    begins = np.searchsorted(found.mechanical.time_second, starts)
    begins[0] = 0 if is_first else begins[0]
    bounds = [*begins.tolist(), value.size]
    parts = [value[begin:end] for begin, end in pairwise(bounds)]
    return [[float(part.min()), float(part.max())] if part.size else [None, None] for part in parts]


def _plain(table: "NDArray[np.float64]") -> list[Numbers]:
    """Rows as JSON can carry them: None for what is not a number."""
    rows: list[Numbers] = np.where(np.isfinite(table), table, np.nan).astype(object).tolist()
    return [[None if value != value else value for value in row] for row in rows]  # noqa: PLR0124
