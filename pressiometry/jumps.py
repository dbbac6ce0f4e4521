"""Jumps of the mechanical signal that no cell makes: tares, re-torques, slipped zeros, and single wild samples.

A jump is judged against the samples around it: the robust slope of the step says how far the signal should move from
one sample to the next, the median deviation from that says how noisy it is.  Relaxation in a rest is the cell's own,
so a rest must jump by a quarter of the swing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from pressiometry.averages import MAD_TO_SD, mean, median
from pressiometry.indicators import END_SAMPLES, END_SHARE, FEW_SAMPLES, SLOPE_RANGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pressiometry.legs import MeasuredHalf
    from pressiometry.mechanical import Mechanical, Samples
    from pressiometry.pairing import Cycle

    Floats = NDArray[np.float64]

NOISE_TIMES = 8.0
"""A jump is larger than this many standard deviations of what samples differ by."""
COUNTS = 4.0
"""A jump is larger than this many counts of the sensor."""
SWING_SHARE = 0.03
"""A jump is larger than this share of the step's own change; half of it is the most that it adds to E2."""
COARSE_SHARE = 0.25
"""The share in a rest, where a cell relaxes, and in a step of few samples, whose shape is not known."""
EXPLAINED = {"no_discharge", "saturated", "stuck_sensor"}
"""Codes of cycles in which a jump is no finding of its own."""
LEAST_SAMPLES = 5
RETURN_SHARE = 0.5
"""A sample is alone in its place when the signal comes back by all but this share of the jump."""
LONG_INTERVAL = 3.0
"""An interval longer than this many usual ones is a pause, in which a cell relaxes."""
BESIDE = 3
"""A jump in a rest stays when so many samples on either side say so in the median."""
TURN_TIMES = 2.5
"""At the ends of a step: where charge turns to discharge between two records, the signal does so up to one late."""
SLOPE_PULL = 0.01
"""Within a step a wild sample does harm when it turns the slope by more than this share."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump that spoils a cycle: its quality code, its size in the signal's unit, and when it was."""

    code: Literal["signal_step", "outlier_samples"]
    size: float
    time_second: float

    def tell(self, mechanical: "Mechanical") -> str:
        """Say what was found in a sentence, with size and time."""
        name, unit, hours = mechanical.signal.name, mechanical.signal.unit, self.time_second / 3600
        size = f"{self.size:+.3g} {unit}".strip().replace("-", "−")
        if self.code == "signal_step":
            return f"The {name} jumps by {size} at {hours:.2f} h: a tare, a re-torque or a slipped zero, not the cell."
        return f"One {name} sample at {hours:.2f} h lies {size} off its neighbours and would spoil the line through it."


class _Scale(NamedTuple):
    """What a step says of its samples: slope, and the sizes above which a jump is none of the cell's."""

    slope: float
    jump: float
    rest_jump: float


def add_jumps(cycles: "pd.DataFrame", paired: "Sequence[Cycle]", mechanical: "Mechanical | None") -> None:
    """Column jump, a sentence or "", and the code of each jump added to the lists in `quality`, made in place.

    A cell that dies may really jump, and a sensor that comes back must: such cycles are left out, they have no value.
    """
    told = []
    for cycle, codes in zip(paired, cycles["quality"], strict=True):
        jump = find_jump(cycle, mechanical) if mechanical and not EXPLAINED & set(codes) else None
        if jump:
            codes.append(jump.code)
        told.append(jump.tell(mechanical) if jump and mechanical else "")
    cycles["jump"] = told


def find_jump(cycle: "Cycle", mechanical: "Mechanical") -> Jump | None:
    """The largest jump between the start and the end of a cycle, a step before a wild sample; None where none is.

    Jumps before the start of charge do no harm, and are not looked for.  Source: SCIENCE section 2 (quality).
    """
    found: list[Jump] = []
    scales: list[_Scale] = []
    for part in cycle.halves:
        samples = part.samples
        if samples is None or samples.count < LEAST_SAMPLES or part.half.dynamic:
            continue
        scale = _measure(samples, mechanical.resolution)
        scales.append(scale)
        found += _in_step(part, samples, scale, mechanical)
    if len(cycle.halves) > 1 and scales:
        first, second = (part.half for part in cycle.halves)
        found += _in_rest((first.end_second, second.start_second), max(each.rest_jump for each in scales), mechanical)
    return max(found, key=lambda jump: (jump.code == "signal_step", abs(jump.size)), default=None)


def _measure(samples: "Samples", resolution: float) -> _Scale:
    """Robust slope of a step, and what is too large a jump for it."""
    charge, value = samples.charge_ah, samples.value
    lag = max(charge.size // 5, 1)
    run = charge[lag:] - charge[:-lag]
    usable = run > 0
    slope = median((value[lag:] - value[:-lag])[usable] / run[usable]) if usable.any() else 0.0
    rise = value[1:] - value[:-1] - slope * (charge[1:] - charge[:-1])
    noise = MAD_TO_SD * median(np.abs(rise))
    swing = abs(slope) * float(charge.max() - charge.min())
    least = max(NOISE_TIMES * noise, COUNTS * resolution)
    share = SWING_SHARE if samples.count >= FEW_SAMPLES else COARSE_SHARE
    return _Scale(slope, max(least, share * swing), max(least, COARSE_SHARE * swing))


def _in_step(part: "MeasuredHalf", samples: "Samples", scale: _Scale, mechanical: "Mechanical") -> list[Jump]:
    """Jumps within one step; the samples beside it tell whether its first and last sample stand alone."""
    charge, time, value = _with_neighbours(samples, mechanical)
    expected = scale.slope * (charge[1:] - charge[:-1])
    rise = value[1:] - value[:-1] - expected
    interval = time[1:] - time[:-1]
    has_pause = interval > LONG_INTERVAL * median(interval)
    explained = np.abs(expected)
    explained[[1, -2]] *= TURN_TIMES
    large = np.abs(rise) > np.maximum(np.where(has_pause, scale.rest_jump, scale.jump), explained)
    large[[0, -1]] = False  # those lead out of the step: a rest, or nothing
    if not large.any():
        return []
    before, after = rise[:-1], rise[1:]
    size = np.where(np.abs(before) < np.abs(after), before, -after)
    returns = np.abs(before + after) < RETURN_SHARE * np.maximum(np.abs(before), np.abs(after))
    alone = np.append(False, np.append(returns & (large[:-1] | large[1:]), False))
    steps = np.flatnonzero(large & ~alone[:-1] & ~alone[1:])
    wild = [
        Jump("outlier_samples", float(size[row - 1]), float(time[row]))
        for row in np.flatnonzero(alone).tolist()
        if _does_harm(row - 1, float(size[row - 1]), samples, part.capacity.total_ah, scale.slope)
    ]
    return [*wild, *(Jump("signal_step", float(rise[row]), float(time[row + 1])) for row in steps)]


def _with_neighbours(samples: "Samples", mechanical: "Mechanical") -> "tuple[Floats, Floats, Floats]":
    """Charge, time and value of a step's samples with one before and one after it; their own ends where none is."""
    time = samples.time_second
    rows = [
        max(int(np.searchsorted(mechanical.time_second, time[0], side="left")) - 1, 0),
        min(int(np.searchsorted(mechanical.time_second, time[-1], side="right")), mechanical.time_second.size - 1),
    ]

    def around(own: "Floats", outer: "Floats") -> "Floats":
        return np.concatenate((outer[:1], own, outer[1:]))

    charge = samples.charge_ah
    return (
        around(charge, charge[[0, -1]]),
        around(time, mechanical.time_second[rows]),
        around(samples.value, mechanical.value[rows]),
    )


def _does_harm(row: int, size: float, samples: "Samples", total_ah: float, slope: float) -> bool:
    """Whether a wild sample enters the line at an end of the step, or turns the slope noticeably."""
    charge = samples.charge_ah
    many = min(END_SAMPLES, charge.size)
    if charge[row] <= max(END_SHARE * total_ah, charge[many - 1]):
        return True
    if charge[row] >= min((1 - END_SHARE) * total_ah, charge[-many]):
        return True
    low, high = (share * total_ah for share in SLOPE_RANGE)
    inside = charge[(charge >= low) & (charge <= high)]
    if not low <= charge[row] <= high or np.ptp(inside) == 0:
        return False
    lever = (charge[row] - mean(inside)) / float(((inside - mean(inside)) ** 2).sum())
    return bool(abs(size * lever) > SLOPE_PULL * abs(slope))


def _in_rest(span_second: tuple[float, float], least: float, mechanical: "Mechanical") -> list[Jump]:
    """The jump between charge and discharge that stays, if there is one."""
    time, value = mechanical.time_second, mechanical.value
    first = int(np.searchsorted(time, span_second[0], side="right")) - 1
    last = int(np.searchsorted(time, span_second[1], side="left"))
    rise = np.diff(value[max(first, 0) : last + 1])
    if rise.size == 0:
        return []
    row = max(first, 0) + int(np.abs(rise).argmax())
    size = float(value[row + 1] - value[row])
    before, after = value[max(row - BESIDE + 1, 0) : row + 1], value[row + 1 : row + 1 + BESIDE]
    stays = abs(median(after) - median(before)) > RETURN_SHARE * abs(size)
    return [Jump("signal_step", size, float(time[row + 1]))] if abs(size) > least and stays else []
