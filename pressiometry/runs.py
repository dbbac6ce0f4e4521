"""Runs of constant sign of the current: which of them are steps, and whether the profile is dynamic (SCIENCE 2)."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.past import NO_PAST, Past

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.records import Records

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SHORTEST_STEP_SECOND = 60.0
TURNING_SHARE = 0.20
"""Turning points count when they lie further apart than this share of the test's range of charge."""
LEAST_BLOCKS = 5
"""Fewer changes of direction than this are no dynamic profile, only the beginning of a test."""


@dataclass(frozen=True)
class Runs:
    """Runs of constant sign that carry current, in the order of the records."""

    first: "Integers"
    last: "Integers"
    sign: "Integers"
    label: "Floats"
    """The instrument's cycle at the first record."""
    charge_ah: "Floats"
    """A magnitude."""
    seconds: "Floats"
    is_alone: "Flags"
    """Whether it is the only one of its direction in the instrument's cycle."""

    @property
    def is_short(self) -> "Flags":
        """Which last less than 60 s and have an instrument's cycle."""
        return (self.seconds < SHORTEST_STEP_SECOND) & np.isfinite(self.label)

    @property
    def is_step(self) -> "Flags":
        """Which are steps: those of at least 60 s, and shorter ones alone of their direction in their cycle.

        The discharge of a short-circuited cell is all that the instrument's cycle holds of its direction.
        """
        return (self.seconds >= SHORTEST_STEP_SECOND) | (self.is_alone & np.isfinite(self.label))


def find_runs(records: "Records", past: Past = NO_PAST) -> Runs:
    """Runs of the records; with a past those that begin where it ends.

    Raises:
        PastChangedError: where a short run of the past is alone of its kind no longer, or again.

    """
    first, last = records.run_first[:-1], records.run_first[1:] - 1
    charge = np.abs(np.add.reduceat(records.charge_ah, first)) if first.size else np.empty(0)
    own = records.sign[first] != 0
    start = np.array([start_second(records, row) for row in first[own].tolist()])
    kept = np.flatnonzero(own)[start >= past.resume_second]
    start, first, last, charge = start[start >= past.resume_second], first[kept], last[kept], charge[kept]
    sign, label = records.sign[first], records.instrument_cycle[first]
    counts = Counter(zip(label.tolist(), sign.tolist(), strict=True))
    counts.update({(one, way): int(number) for one, way, number in past.labels.tolist()})
    for one, way, alone in past.short_runs.tolist():
        past.check(holds=(counts[one, way] == 1) == (alone == 1), finding="which short runs are steps")
    alone = np.array([counts[kind] == 1 for kind in zip(label.tolist(), sign.tolist(), strict=True)], dtype=bool)
    return Runs(first, last, sign, label, charge, records.time_second[last] - start, alone)


def start_second(records: "Records", row: int) -> float:
    """Where the step that begins at a row has charge zero: at the record before, unless a gap lies between."""
    if row == 0 or records.is_gap[row]:
        return float(records.time_second[row])
    return float(records.time_second[row] - records.interval_second[row])


def is_dynamic(runs: Runs, past: Past = NO_PAST) -> bool:
    """Whether most stretches of one direction are small beside the largest, or most charge passes outside steps."""
    sign = np.concatenate((past.blocks[:, 0], runs.sign.astype(np.float64)))
    _, blocks = merge_blocks(sign, np.concatenate((past.blocks[:, 1], runs.charge_ah)))
    if blocks.size < LEAST_BLOCKS:
        return False
    outside_steps = past.outside_steps_ah + float(runs.charge_ah[~runs.is_step].sum())
    return bool(np.median(blocks) < TURNING_SHARE * blocks.max() or outside_steps > 0.5 * blocks.sum())


def merge_blocks(sign: "Floats | Integers", charge_ah: "Floats") -> "tuple[Floats | Integers, Floats]":
    """Sign and charge of the stretches of one direction, rests between left out.

    >>> merge_blocks(np.array([1, 1, -1]), np.array([2.0, 3.0, 4.0]))
    (array([ 1, -1]), array([5., 4.]))
    """
    if not sign.size:
        return sign, charge_ah
    begins = np.append(0, np.flatnonzero(np.diff(sign)) + 1)
    return sign[begins], np.add.reduceat(charge_ah, begins)
