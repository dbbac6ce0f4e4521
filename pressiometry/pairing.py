"""Half-cycles joined to cycles: a charge and the following discharge (SCIENCE section 2)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pressiometry.facts import CellType
from pressiometry.half_cycles import CUT_OFF_SHARE
from pressiometry.legs import MeasuredHalf
from pressiometry.past import NO_PAST, Past

DYNAMIC_CUT_OFF_SHARE = 0.02
"""The same for a dynamic profile, whose voltage goes up and down with its current."""

Segmentation = Literal["instrument", "derived", "turning_points"]


@dataclass(frozen=True)
class Cycle:
    """A charge and the following discharge, either of which may be absent.

    In a symmetric cell the two are the half-cycles of positive and of negative voltage, in their order.
    """

    charge: MeasuredHalf | None
    discharge: MeasuredHalf | None
    segmentation: Segmentation
    in_progress: bool

    @property
    def dynamic(self) -> bool:
        """Whether it was cut at turning points."""
        return self.segmentation == "turning_points"

    @property
    def has_both(self) -> bool:
        """Whether it has a charge and a discharge."""
        return self.charge is not None and self.discharge is not None

    def end_window(self) -> tuple[float, float]:
        """Voltage at the end of its discharge, and how much higher its charge ended, V; NaN where one is absent."""
        if self.charge is None or self.discharge is None:
            return np.nan, np.nan
        end = self.discharge.end_voltage_volt
        return end, self.charge.end_voltage_volt - end

    @property
    def halves(self) -> list[MeasuredHalf]:
        """Its half-cycles in the order of time."""
        present = [part for part in (self.charge, self.discharge) if part is not None]
        return sorted(present, key=lambda part: part.half.first)


def pair_halves(halves: Sequence[MeasuredHalf], cell_type: CellType, past: Past = NO_PAST) -> list[Cycle]:
    """Cycles in the order of time; the last one is in progress unless its discharge has ended.

    The end is known by a rest or a charge after it, or by a voltage that earlier discharges ended at.

    Raises:
        PastChangedError: where the instrument's number of a cycle of the past comes again.

    """
    pairs: list[list[MeasuredHalf]] = []
    for part in halves:
        if pairs and _belongs(pairs[-1], part, cell_type):
            pairs[-1].append(part)
        else:
            pairs.append([part])
    labels = Counter(pair[0].half.instrument_cycle for pair in pairs)
    labels.update(past.column("label").tolist())
    _check_labels(labels, past)
    cycles: list[Cycle] = []
    for number, pair in enumerate(pairs):
        by_half = {part.half.half: part for part in pair}
        in_progress = number == len(pairs) - 1 and _is_in_progress(pair, cycles, cell_type, past)
        cycles.append(Cycle(by_half.get("charge"), by_half.get("discharge"), _found_by(pair, labels), in_progress))
    return cycles


def _check_labels(labels: "Counter[float]", past: Past) -> None:
    """Raise PastChangedError where a cycle of the past would be numbered by the instrument no longer, or again."""
    told = zip(past.column("label").tolist(), past.flag("has_one_label"), past.flag("is_derived"), strict=True)
    same = all((has_one and labels[label] == 1 and np.isfinite(label)) != derived for label, has_one, derived in told)
    past.check(holds=same, finding="the instrument's cycle numbers")


def _belongs(pair: list[MeasuredHalf], part: MeasuredHalf, cell_type: CellType) -> bool:
    """Whether a half-cycle completes the last pair."""
    if len(pair) > 1 or pair[0].half.half == part.half.half:
        return False
    return cell_type == "symmetric" or part.half.half == "discharge"


def _found_by(pair: list[MeasuredHalf], labels: "Counter[float]") -> Segmentation:
    if pair[0].half.dynamic:
        return "turning_points"
    numbers = {part.half.instrument_cycle for part in pair}
    own = len(numbers) == 1 and labels[pair[0].half.instrument_cycle] == 1
    return "instrument" if own and np.isfinite(pair[0].half.instrument_cycle) else "derived"


def _is_in_progress(pair: list[MeasuredHalf], earlier: Sequence[Cycle], cell_type: CellType, past: Past) -> bool:
    last = pair[-1]
    if last.half.dynamic and len(pair) == 1 and last.half.half == "discharge":
        return False  # a profile that only discharges: nothing tells where it was to end
    missing_half = len(pair) == 1 and (cell_type == "symmetric" or last.half.half == "charge")
    if missing_half:
        return True
    return last.half.ends_with_records and not _reached_cut_off(last, earlier, past)


def _reached_cut_off(last: MeasuredHalf, earlier: Sequence[Cycle], past: Past) -> bool:
    before = past.cycles[["discharge_end_volt", "window_volt"]][past.flag("has_both")]
    windows = [
        *before.itertuples(index=False, name=None),
        *(cycle.end_window() for cycle in earlier if cycle.has_both),
    ]
    if not windows or last.half.half != "discharge":
        return False
    end, window = np.median(np.array(windows), axis=0)
    share = DYNAMIC_CUT_OFF_SHARE if last.half.dynamic else CUT_OFF_SHARE
    return bool(last.end_voltage_volt <= end + share * window)
