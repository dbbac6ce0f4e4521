"""Capacity of a half-cycle: what the instrument reports before what the current integrates to."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from pressiometry.averages import MAD_TO_SD, median
from pressiometry.half_cycles import CC_TOLERANCE, CUT_OFF_SHARE
from pressiometry.past import NO_PAST, Past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pressiometry.half_cycles import HalfCycle
    from pressiometry.records import Records

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

DISAGREEMENT = 0.05
"""Reported and integrated capacity that differ by more than this share are said to disagree."""
RESET_SHARE = 0.5
"""A fall below this share of the value before is a reset of the instrument's counter."""
SAME_SHARE = 0.005
"""A counter that goes on by less than this share after the last record of a step has seen its end."""


@dataclass(frozen=True)
class Capacity:
    """Charge of a half-cycle, A h, positive in both directions, and where it comes from."""

    total_ah: float
    """NaN where a gap forbids integration and the instrument reports nothing."""
    source: Literal["reported", "integrated"]
    passed_ah: "Floats"
    """Charge passed at each record of the half-cycle, ending at the total."""
    u_ah: float
    """One standard uncertainty: the part of a reading interval in which the step may have begun or ended."""
    has_gap: bool
    disagrees: bool = False
    ends_recorded: bool = True
    """False where records are missing around the start or the end of the half-cycle."""


@dataclass(frozen=True)
class Ends:
    """Where half-cycles end: one entry each."""

    sign: "Integers"
    voltage_volt: "Floats"
    """Times the sign: the end is a maximum in both directions."""
    current_ampere: "Floats"
    """A magnitude."""
    has_hole: "Flags"
    """Records are missing after it."""
    is_usual: "Flags"
    """It tells where half-cycles of its direction end."""

    def after(self, past: Past) -> "Ends":
        """These ends after those of the past."""
        before = past.halves
        return Ends(
            np.append(before["sign"].to_numpy(dtype=np.int64), self.sign),
            np.append(before["end_volt"], self.voltage_volt),
            np.append(before["end_ampere"], self.current_ampere),
            np.append(before["has_hole"] == 1, self.has_hole),
            np.append(before["is_usual"] == 1, self.is_usual),
        )


def find_ends(records: "Records", halves: "Sequence[HalfCycle]") -> Ends:
    """Voltage and current at the ends of half-cycles, and whether records are missing after them."""
    last = np.array([half.last for half in halves], dtype=np.int64)
    sign = np.array([half.sign for half in halves], dtype=np.int64)
    dynamic = np.array([half.dynamic for half in halves], dtype=bool)
    has_hole = records.is_hole[np.minimum(last + 1, records.is_hole.size - 1)]
    voltage = sign * records.voltage_volt[last]
    usual = ~has_hole & ~dynamic & np.isfinite(voltage)
    return Ends(sign, voltage, np.abs(records.current_ampere[last]), has_hole & ~dynamic, usual)


def find_ended(ends: Ends, past: Past = NO_PAST) -> "Flags":
    """Which half-cycles of a full cell ended where their records end, although those that follow are missing.

    They did when voltage and current are those that the other half-cycles of their direction ended at.  Raises
    PastChangedError where that is not what was found of the past.
    """
    together = ends.after(past) if past.count else ends
    ended = _reached(together) & together.has_hole
    before = past.halves["has_ended"].to_numpy() == 1
    past.check(holds=bool((ended[: before.size] == before).all()), finding="which steps ended at a hole")
    return ended[before.size :]


def _reached(ends: Ends) -> "Flags":
    """Which half-cycles end at the voltage and current that are usual."""
    voltage, current, usual = ends.voltage_volt, ends.current_ampere, ends.is_usual
    ended = np.zeros(voltage.size, dtype=bool)
    charges, discharges = usual & (ends.sign > 0), usual & (ends.sign < 0)
    if not charges.any() or not discharges.any():
        return ended
    window = median(voltage[charges]) + median(voltage[discharges])
    for direction, own in ((1, charges), (-1, discharges)):
        end, flow = median(voltage[own]), median(current[own])
        spread = 2 * MAD_TO_SD * median(np.abs(voltage[own] - end))
        reached = voltage >= end - max(CUT_OFF_SHARE * window, spread)
        ended |= (ends.sign == direction) & reached & (np.abs(current - flow) <= CC_TOLERANCE * flow)
    return ended


def measure_capacity(
    records: "Records", half: "HalfCycle", *, ended: bool = False, recorded_ends: bool | None = None
) -> Capacity:
    """Capacity of a half-cycle in A h, reported where the instrument did, else integrated.

    Never integrated across a gap longer than five median intervals (SCIENCE section 2).  `ended` says that it ended
    with its last record, whatever is missing after that; `recorded_ends` whether the instrument records the ends of
    steps, None: as these records tell.
    """
    integrated = half.integrate(records)
    inside = slice(half.first + 1, half.last + 1)
    has_gap = bool((records.is_gap[inside] & (records.sign[inside] != 0)).any())
    edges = [half.first] if ended else [half.first, min(half.last + 1, records.is_hole.size - 1)]
    ends_recorded = not (_is_cut_by_gap(records, half) if half.dynamic else records.is_hole[edges].any())
    reported = None if half.dynamic else _reported(records, half)
    if reported is None:
        total = float("nan") if has_gap or not ends_recorded else float(integrated[-1])
        u = _end_uncertainty(records, half, records.has_recorded_ends if recorded_ends is None else recorded_ends)
        return Capacity(total, "integrated", integrated, u, has_gap, ends_recorded=ends_recorded)
    total = float(reported[-1])
    ends_recorded = ends_recorded or _counter_after(records, half) <= SAME_SHARE * total
    ratio = float(integrated[-1]) / total
    passed = reported if has_gap or ratio <= 0 else integrated / ratio
    disagrees = not has_gap and abs(ratio - 1) > DISAGREEMENT
    return Capacity(total, "reported", passed, 0.0, has_gap, disagrees, ends_recorded)


def _is_cut_by_gap(records: "Records", half: "HalfCycle") -> bool:
    """Whether a half-cycle of a dynamic profile begins or ends where records are missing, at no turning point."""
    edges = np.array([half.first, half.last + 1])
    edges = edges[edges < records.sign.size]
    return bool((records.is_gap[edges] & (records.sign[edges] != 0) & ~records.is_file_start[edges]).any())


def _reported(records: "Records", half: "HalfCycle") -> "Floats | None":
    """The instrument's counter from 0 at the half-cycle's start, whether it resets per step, cycle or never."""
    counter = records.reported_charge_ah if half.half == "charge" else records.reported_discharge_ah
    values = np.abs(counter[max(half.first - 1, 0) : half.last + 1])
    if half.first == 0:
        values = np.append(0.0, values)
    known = np.isfinite(values)
    if not known[-1]:
        return None
    values = np.interp(np.arange(values.size), np.flatnonzero(known), values[known])
    rise = np.diff(values)
    rise = np.where(values[1:] < RESET_SHARE * values[:-1], values[1:], rise)
    passed = np.cumsum(rise)
    return passed if passed[-1] > 0 else None


def _counter_after(records: "Records", half: "HalfCycle") -> float:
    """What the instrument counted on between the last record of a half-cycle and the next record, A h."""
    counter = records.reported_charge_ah if half.half == "charge" else records.reported_discharge_ah
    after = np.abs(counter[half.last : half.last + 2])
    return float(np.nan_to_num(after[-1] - after[0]))


def _end_uncertainty(records: "Records", half: "HalfCycle", recorded_ends: bool) -> float:  # noqa: FBT001
    """Two uniform errors of one reading interval, where the instrument records no step ends."""
    if half.dynamic or recorded_ends:
        return 0.0
    median = float(records.median_interval_second[records.run[half.last]])
    return float(abs(records.current_ampere[half.last]) * median / 3600 / np.sqrt(6))
