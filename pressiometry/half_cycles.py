"""Half-cycles: the charges and discharges of a cell, found in its records (SCIENCE section 2).

Constant-current tests are cut where the sign of the current changes.  Dynamic profiles (drive cycles, pulses)
change it all the time; they are cut at the turning points of the cumulative charge.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pressiometry.averages import median
from pressiometry.past import NO_PAST, Past
from pressiometry.records import Records, read_arrays
from pressiometry.runs import TURNING_SHARE, Runs, find_runs, is_dynamic, start_second

if TYPE_CHECKING:
    from numpy.typing import NDArray

CC_TOLERANCE = 0.05
"""A current within this share of the step's own is constant."""
CC_SHARE = 0.90
"""At least this share of the records before the end of CC is constant, or the step has no CC."""
CUT_OFF_SHARE = 0.002
"""A step has ended when its voltage is this near, as a share of the window, to where others ended."""
REST_AFTER_SHARE = 0.05
"""A dynamic half-cycle has ended when the rest after it is longer than this share of it."""

Half = Literal["charge", "discharge"]


@dataclass(frozen=True)
class HalfCycle:
    """One charge or discharge: rows `first` to `last` of the records, both included."""

    half: Half
    first: int
    last: int
    start_second: float
    """Where its charge is zero: the end of the rest before it."""
    end_second: float
    instrument_cycle: float
    dynamic: bool = False
    ends_with_records: bool = False
    """Nothing follows it: it may still be going on."""

    @property
    def sign(self) -> int:
        """+1 for a charge, -1 for a discharge."""
        return 1 if self.half == "charge" else -1

    @property
    def rows(self) -> slice:
        """The rows as a slice."""
        return slice(self.first, self.last + 1)

    def integrate(self, records: Records) -> "NDArray[np.float64]":
        """Charge passed at each of its records, A h, from 0 and positive in both directions."""
        if self.dynamic:
            charge: NDArray[np.float64] = self.sign * np.cumsum(records.net_charge_ah[self.rows])
            charge -= charge[0]
            return charge
        return self.sign * np.cumsum(records.charge_ah[self.rows])


def find_half_cycles(records: pd.DataFrame) -> pd.DataFrame:
    """Half-cycles in the order of the records, one a row: the table form of `cut_half_cycles`.

    Columns: half ("charge" or "discharge"), first_row and last_row (positions among the records that have a
    time and a current), start_second, end_second, instrument_cycle_count, charge_ah (integrated, positive in
    both directions), dynamic.  Source: SCIENCE section 2.

    >>> table = pd.DataFrame({"test_time_second": range(0, 400, 10), "voltage_volt": 3.6})
    >>> table["current_ampere"] = [0.0] * 10 + [1e-3] * 10 + [0.0] * 10 + [-1e-3] * 10
    >>> find_half_cycles(table)[["half", "start_second", "end_second"]].values.tolist()
    [['charge', 90.0, 190.0], ['discharge', 290.0, 390.0]]
    """
    arrays = read_arrays(records)
    rows = [
        {
            "half": half.half,
            "first_row": half.first,
            "last_row": half.last,
            "start_second": half.start_second,
            "end_second": half.end_second,
            "instrument_cycle_count": half.instrument_cycle,
            "charge_ah": float(half.integrate(arrays)[-1]),
            "dynamic": half.dynamic,
        }
        for half in cut_half_cycles(arrays)
    ]
    columns = ["half", "first_row", "last_row", "start_second", "end_second", "instrument_cycle_count", "charge_ah"]
    return pd.DataFrame(rows, columns=[*columns, "dynamic"])


def cut_half_cycles(records: Records, runs: "Runs | None" = None, past: Past = NO_PAST) -> list[HalfCycle]:
    """Half-cycles in the order of the records, by the sign of the current or by turning points.

    `runs` are those of the records; with a past only those that begin where it ends.
    """
    if records.time_second.size == 0:
        return []
    runs = find_runs(records, past) if runs is None else runs
    if not is_dynamic(runs, past):
        return _join_runs(records, runs)
    past.check(holds=past.count == 0, finding="the profile is dynamic")
    return _cut_at_turning_points(records)


def _join_runs(records: Records, runs: Runs) -> list[HalfCycle]:
    """Half-cycles of the steps; those of one direction that follow each other in one cycle make one."""
    steps = np.flatnonzero(runs.is_step)
    if not steps.size:
        return []
    sign, label = runs.sign[steps], runs.label[steps]
    same = np.append(False, (sign[1:] == sign[:-1]) & ((label[1:] == label[:-1]) | np.isnan(label[1:])))
    begins = np.flatnonzero(~same)
    first_rows, last_rows = runs.first[steps][begins], runs.last[steps][np.append(begins[1:], 0) - 1]
    signs, labels = sign[begins], label[begins]
    last_row = records.time_second.size - 1
    return [
        HalfCycle(
            half="charge" if sign > 0 else "discharge",
            first=first,
            last=last,
            start_second=start_second(records, first),
            end_second=float(records.time_second[last]),
            instrument_cycle=label,
            ends_with_records=last == last_row,
        )
        for first, last, sign, label in zip(
            first_rows.tolist(), last_rows.tolist(), signs.tolist(), labels.tolist(), strict=True
        )
    ]


def _cut_at_turning_points(records: Records) -> list[HalfCycle]:
    """Half-cycles between turning points of the cumulative charge; a file's border or a gap ends one."""
    total = np.cumsum(records.net_charge_ah)
    borders = np.flatnonzero(records.is_file_start | (records.is_gap & (records.sign != 0)))
    edges = np.unique(np.concatenate(([0], borders, [total.size])))
    # Nobody knows what passed between files, so the test's range is the largest range within one of them.
    low, high = np.minimum.reduceat(total, edges[:-1]), np.maximum.reduceat(total, edges[:-1])
    threshold = TURNING_SHARE * float((high - low).max())
    found = []
    for start, stop in pairwise(edges):
        points = [start + row for row in find_turning_points(total[start:stop], threshold)]
        for first, last in pairwise(points):
            found.append(
                HalfCycle(
                    half="charge" if total[last] > total[first] else "discharge",
                    first=int(first),
                    last=int(last),
                    start_second=float(records.time_second[first]),
                    end_second=float(records.time_second[last]),
                    instrument_cycle=float(records.instrument_cycle[first]),
                    dynamic=True,
                    ends_with_records=last == total.size - 1 and not _ends_at_rest(records, int(first)),
                )
            )
    return found


def _ends_at_rest(records: Records, first: int) -> bool:
    """Whether the records end with a rest that is no pause of a profile: a share of what went on since a row."""
    flowing = np.flatnonzero(records.sign[first:])
    since = records.time_second[first + flowing[-1]] if flowing.size else records.time_second[first]
    return bool(records.time_second[-1] - since > REST_AFTER_SHARE * (since - records.time_second[first]))


def find_turning_points(values: "NDArray[np.float64]", threshold: float) -> list[int]:
    """Positions of the turning points that lie more than a threshold apart, first and last position included.

    Empty where the values never move by more than the threshold.

    >>> find_turning_points(np.array([0.0, 3.0, 2.9, 5.0, 1.0, 1.2]), threshold=1.0)
    [0, 3, 5]
    """
    slope = np.sign(np.diff(values))
    moving = np.flatnonzero(slope)
    turns = moving[1:][np.diff(slope[moving]) != 0] if moving.size else moving
    candidates = [0, *turns.tolist(), values.size - 1]
    points: list[int] = []
    low = high = 0
    direction = 0
    for row in candidates:
        low = row if values[row] < values[low] else low
        high = row if values[row] > values[high] else high
        if direction >= 0 and values[high] - values[row] > threshold:
            points.append(high if direction else 0)
            direction, low, high = -1, row, row
        elif direction <= 0 and values[row] - values[low] > threshold:
            points.append(low if direction else 0)
            direction, low, high = 1, row, row
    return [*points, values.size - 1] if points else []


def find_cc_end(current_ampere: "NDArray[np.float64]", charge: "NDArray[np.float64]") -> int | None:
    """Last position of the constant current of a half-cycle, or None where its current is not constant.

    `current_ampere` and the cumulative `charge` from 0 are those of the half-cycle's records; what follows
    the position is constant voltage.
    """
    size = np.abs(current_ampere)
    if charge.size == 0 or charge[-1] <= 0:
        return None
    flowing = size > CC_TOLERANCE * size.max()
    early = charge <= 0.5 * charge[-1]
    typical = median(size[flowing & early] if early[0] else size)
    end = int(np.flatnonzero(size >= (1 - CC_TOLERANCE) * typical)[-1])
    before = size[: end + 1][flowing[: end + 1]]
    constant = np.abs(before - typical) <= CC_TOLERANCE * typical
    return end if np.count_nonzero(constant) / constant.size >= CC_SHARE else None
