"""What the closed cycles of a cell tell of it, so that those after them need not read their records again.

Some findings are of the whole cell: what counts as rest, which end voltage is usual, how wide temperatures range.
Every closed cycle keeps its *evidence*, a few numbers that such findings are made of; `Past` holds those of all cycles
before the ones that are computed.  Where new records change a finding of a closed cycle, PastChangedError says that
all have to be computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Evidence = Mapping[str, Any]
"""Of one cycle, as JSON carries it; see evidence.py, which gathers it."""

CYCLE_EVIDENCE = (
    "cycle_count", "formation_count", "complete", "masked", "start_second", "charge_start_second",
    "discharge_start_second", "discharge_end_second", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah",
    "charging_current_ampere", "discharging_current_ampere", "temperature_range_celsius",
    "cumulative_capacity_difference_ah", "eod", "per_ah", "percent", "e2_swing", "has_e3", "discharged_ah",
    "discharge_end_volt", "window_volt", "has_both", "is_small", "is_warm", "label", "has_one_label", "is_derived",
    "ends_recorded", "capacity_reference", "indicator_reference",
)  # fmt: skip
"""Numbers of a cycle, in this order under "cycle"; flags are 0 or 1."""
HALF_EVIDENCE = (
    "sign", "end_volt", "end_ampere", "is_usual", "has_hole", "has_ended", "lasting", "equal_run", "equal_value",
    "samples", "stuck",
)  # fmt: skip
"""Numbers of a half-cycle under "halves"; `lasting` and `equal_run` are NaN where nothing is judged."""


class PastChangedError(Exception):
    """New records change what was found of closed cycles: all have to be computed again."""


@dataclass(frozen=True)
class Past:
    """The closed cycles before the ones to be computed; none where all are."""

    evidence: Sequence[Evidence] = ()
    resume_second: float = -np.inf
    """Start of the first cycle to be computed."""

    def told(self, name: str) -> Any:
        """What the last cycle tells of all under a name: "signal" (record column), "resolution", "estimator"."""
        return self.evidence[-1][name] if self.evidence else None

    @property
    def count(self) -> int:
        """Number of closed cycles."""
        return len(self.evidence)

    @cached_property
    def cycles(self) -> pd.DataFrame:
        """One row a cycle, the columns of CYCLE_EVIDENCE."""
        rows = [each["cycle"] for each in self.evidence]
        return pd.DataFrame(np.array(rows, dtype=np.float64).reshape(-1, len(CYCLE_EVIDENCE)), columns=CYCLE_EVIDENCE)

    def column(self, name: str) -> "Floats":
        """One number of every cycle."""
        return self.cycles[name].to_numpy()

    def flag(self, name: str) -> "Flags":
        """One flag of every cycle."""
        flags: Flags = self.column(name) == 1
        return flags

    @cached_property
    def halves(self) -> pd.DataFrame:
        """One row a half-cycle, the columns of HALF_EVIDENCE."""
        return pd.DataFrame(self._parts("halves", len(HALF_EVIDENCE)), columns=HALF_EVIDENCE)

    @cached_property
    def steps(self) -> "Floats":
        """Median interval, length (s) and whether its last interval was regular, of every step that carried current."""
        return self._parts("steps", 3)

    @cached_property
    def blocks(self) -> "Floats":
        """Sign and charge (A h) of every stretch of one direction."""
        return self._parts("blocks", 2)

    @cached_property
    def outside_steps_ah(self) -> float:
        """Charge that passed outside steps."""
        return float(sum(each["outside"] for each in self.evidence))

    @cached_property
    def labels(self) -> "Floats":
        """Instrument's cycle, direction and number of such runs, of every cycle's runs."""
        return self._parts("labels", 3)

    @cached_property
    def short_runs(self) -> "Floats":
        """Instrument's cycle, direction and whether it is alone of its kind, of every labelled run below 60 s."""
        return self._parts("short", 3)

    @cached_property
    def amperes(self) -> "Floats":
        """Largest current at rest, smallest and largest that flowed, of every cycle."""
        return self._parts("amperes", 3, each_is_one=True)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value of the mechanical signal."""
        found = self._parts("limits", 2, each_is_one=True)
        known = found[np.isfinite(found).all(axis=1)]
        return (float(known[:, 0].min()), float(known[:, 1].max())) if len(known) else (np.inf, -np.inf)

    @cached_property
    def last_second(self) -> float:
        """Latest time of a record."""
        return max((float(each["times"][1]) for each in self.evidence), default=-np.inf)

    @cached_property
    def largest_ampere(self) -> float:
        """Largest current, a magnitude; 0 without a past."""
        known = self.amperes[:, 2]
        return float(np.nanmax(known)) if np.isfinite(known).any() else 0.0

    def check(self, *, holds: bool, finding: str) -> None:
        """Raise PastChangedError unless a finding of the closed cycles holds."""
        if not holds:
            raise PastChangedError(finding)

    def check_same(self, name: str, value: float) -> None:
        """Raise PastChangedError unless every cycle was computed with this number."""
        told = self.column(name)
        self.check(holds=bool(((told == value) | (np.isnan(told) & np.isnan(value))).all()), finding=name)

    def check_rest_limit(self, limit_ampere: float) -> None:
        """Raise PastChangedError where another current than before counts as rest."""
        resting, flowing = self.amperes[:, 0], self.amperes[:, 1]
        below = bool((resting[np.isfinite(resting)] <= limit_ampere).all())
        above = bool((flowing[np.isfinite(flowing)] > limit_ampere).all())
        self.check(holds=below and above, finding="what counts as rest")

    def _parts(self, name: str, width: int, *, each_is_one: bool = False) -> "Floats":
        rows = [each[name] for each in self.evidence]
        if not each_is_one:
            rows = [row for part in rows for row in part]
        return np.array(rows, dtype=np.float64).reshape(-1, width)


NO_PAST = Past()
