"""Turns: where the current changes its sign, the only moments at which the pressure tells the time (CLOCKS 4.2)."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import median

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.traces import CyclerTrace

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

FLOWING_SHARE = 0.01
"""Current below this share of the largest is a rest (SCIENCE section 2)."""
STUB_SHARE = 0.2
"""Turns beside a charge or discharge shorter than this share of a half-cycle carry no time (CLOCKS trap 7)."""
SHORT_REST_OF_NEIGHBOUR, SHORT_REST_OF_HALF, SHORT_REST_SAMPLES = 0.3, 0.15, 30
LONG_STEP_SECOND, LONG_STEP_SAMPLES, LONG_STEP_CHARGE = 60.0, 10, 0.7
"""Steps this long carry most of the charge, unless the profile is a drive cycle."""
UNLIKE, SHORTEST_DRIVE_PERIOD = 0.2, 20
"""A period is looked for where the current is no longer like itself, and lasts at least so many samples."""
DRIVE_PERIODS = 2
"""Length of a window of a drive cycle."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Runs of one sign of the current on the cycler's clock, rests included."""

    sign: "Integers"
    start: "Floats"
    end: "Floats"
    start_gap: "Floats"
    """Interval of the cycler's records in which the step began, s."""

    @property
    def seconds(self) -> "Floats":
        """Length of each."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Turns:
    """One entry a turn, times on the cycler's clock in s."""

    first_edge: "Floats"
    last_edge: "Floats"
    """Equal to the first but where a short rest lies between."""
    room: "Floats"
    """Length of the shorter of the two neighbouring steps."""
    side: "Integers"
    """+1 at a top (the end of a charge), -1 at a bottom, 0 in a drive cycle."""
    kind: "Integers"
    """Turns of one kind have the same sign of current before and the same after."""
    edge_u: "Floats"
    """Standard error of the turn's own time, for the interval of the cycler's records."""

    def __len__(self) -> int:
        """Count the turns."""
        return self.first_edge.size

    @property
    def second(self) -> "Floats":
        """Middle of each turn."""
        middle: Floats = (self.first_edge + self.last_edge) / 2
        return middle

    def some(self, which: "Integers | Flags") -> "Turns":
        """Only those turns."""
        return Turns(
            self.first_edge[which], self.last_edge[which], self.room[which], self.side[which], self.kind[which],
            self.edge_u[which],
        )  # fmt: skip


@dataclass(frozen=True)
class Programme:
    """What was done to the cell: steps, turns, and how long its half-cycles are."""

    steps: Steps
    turns: Turns
    half_cycle_second: float
    period_second: float
    is_drive: bool
    swing_ah: float
    """Median charge of a half-cycle."""

    @cached_property
    def durations(self) -> "Floats":
        """Lengths of the half-cycles that both begin and end in the record, s."""
        inner = np.ones(self.steps.sign.size, dtype=bool)
        inner[[0, -1]] = False
        whole = inner & (self.steps.sign != 0) & (self.steps.seconds >= STUB_SHARE * self.half_cycle_second)
        lengths: Floats = self.steps.seconds[whole]
        return lengths


def find_programme(cycler: "CyclerTrace", sample_second: float) -> Programme:
    """Steps, turns and period of a cycler's record, beside a logger that samples every `sample_second`.

    Source: CLOCKS section 4 step 2.
    """
    steps = _join_equal(_find_steps(cycler))
    flowing = steps.sign != 0
    charge = np.abs(np.diff(cycler.charge_at(np.append(steps.start, steps.end[-1]))))
    long = flowing & (steps.seconds >= max(LONG_STEP_SECOND, LONG_STEP_SAMPLES * sample_second))
    if not long.any() or charge[long].sum() < LONG_STEP_CHARGE * charge.sum():
        return _drive_programme(cycler, steps, sample_second)
    most = long & (steps.seconds >= STUB_SHARE * median(steps.seconds[long]))
    half = median(steps.seconds[most])
    turns = _find_turns(steps, half, sample_second)
    tops = turns.second[(turns.side > 0)]
    apart = np.diff(tops)
    apart = apart[apart > half]
    period = median(apart) if apart.size else 2 * half
    return Programme(steps, turns, half, period, is_drive=False, swing_ah=median(charge[most]))


def _find_steps(cycler: "CyclerTrace") -> Steps:
    """Runs of one sign; each edge where the counted charge says, else in the middle of the interval of its change."""
    current = cycler.ampere
    sign = np.sign(np.where(np.abs(current) < FLOWING_SHARE * np.abs(current).max(), 0.0, current)).astype(np.int64)
    last = np.flatnonzero(np.diff(sign))
    gap = cycler.second[last + 1] - cycler.second[last]
    share, open_share = np.full(last.size, 0.5), np.ones(last.size)
    if cycler.is_reported:
        before, after = current[last], current[last + 1]
        passed = (cycler.charge_ah[last + 1] - cycler.charge_ah[last]) * 3600
        inside = (passed - after * gap) / ((before - after) * np.where(gap > 0, gap, 1.0))
        known = (inside >= 0) & (inside <= 1)
        share, open_share = np.where(known, inside, share), np.where(known, 0.0, open_share)
    edges = cycler.second[last] + share * gap
    return Steps(
        sign[np.concatenate([last, [sign.size - 1]])],
        np.concatenate([cycler.second[:1], edges]),
        np.concatenate([edges, cycler.second[-1:]]),
        np.concatenate([[0.0], gap * open_share]),
    )


def _join_equal(steps: Steps) -> Steps:
    """Steps with a short pause of one and the same sign taken as one."""
    usual = median(steps.seconds[steps.sign != 0]) if (steps.sign != 0).any() else 0.0
    kept = np.ones(steps.sign.size, dtype=bool)
    for k in range(1, steps.sign.size - 1):
        if steps.sign[k] == 0 and steps.sign[k - 1] == steps.sign[k + 1]:
            kept[k] = steps.seconds[k] >= SHORT_REST_OF_HALF * usual
    signs, first = steps.sign[kept], np.flatnonzero(kept)
    new = np.concatenate([[True], (np.diff(signs) != 0)])
    first = first[new]
    ends = np.append(steps.start[first[1:]], steps.end[-1])
    return Steps(steps.sign[first], steps.start[first], ends, steps.start_gap[first])


def _find_turns(steps: Steps, half: float, sample: float) -> Turns:
    sign, seconds, gap = steps.sign, steps.seconds, steps.start_gap
    stub = (sign != 0) & (seconds < STUB_SHARE * half)
    rows: list[tuple[float, float, float, int, int, float]] = []
    k = 1
    while k < sign.size:
        first, after = k, k
        if sign[k] == 0 and k + 1 < sign.size:
            longest = max(SHORT_REST_SAMPLES * sample, SHORT_REST_OF_HALF * half)
            neighbour = min(seconds[k - 1], seconds[k + 1])
            if seconds[k] < min(SHORT_REST_OF_NEIGHBOUR * neighbour, longest):
                after = k + 1
        before = k - 1
        if not (stub[before] or stub[after]):
            u = np.hypot(gap[first], gap[after]) / 2 if after > first else gap[first]
            side = int(np.sign(sign[before] - sign[after]))
            kind = int(3 * sign[before] + sign[after])
            room = float(min(seconds[before], seconds[after]))
            rows.append((steps.start[first], steps.start[after], room, side, kind, float(u) / np.sqrt(12)))
        k = after + 1
    table = np.array(rows, dtype=np.float64).reshape(-1, 6).T
    return Turns(table[0], table[1], table[2], table[3].astype(np.int64), table[4].astype(np.int64), table[5])


def _drive_programme(cycler: "CyclerTrace", steps: Steps, sample: float) -> Programme:
    """Windows of two periods in place of turns; the period is that of the current itself."""
    period = _find_drive_period(cycler, sample)
    window = DRIVE_PERIODS * period
    count = int((cycler.second[-1] - cycler.second[0]) / window)
    centres = cycler.second[0] + window * (np.arange(count) + 0.5)
    none = np.zeros(count, dtype=np.int64)
    turns = Turns(centres, centres, np.full(count, period), none, none, np.zeros(count))
    grid = np.arange(cycler.second[0], cycler.second[-1], period / 2)
    swing = median(np.abs(np.diff(cycler.charge_at(grid)))) if grid.size > 1 else 0.0
    return Programme(steps, turns, period / 2, period, is_drive=True, swing_ah=swing)


def _find_drive_period(cycler: "CyclerTrace", sample: float) -> float:
    """The lag of the highest peak of the current's autocorrelation, s; a tenth of the record without one."""
    length = float(cycler.second[-1] - cycler.second[0])
    step = max(sample, length / 50_000)
    grid = np.arange(cycler.second[0], cycler.second[-1], step)
    current = np.interp(grid, cycler.second, cycler.ampere)
    current = current - current.mean()
    size = 2 * grid.size
    power = np.abs(np.fft.rfft(current, size)) ** 2
    lagged = np.fft.irfft(power, size)[: max(grid.size // 2, 1)]
    if lagged[0] <= 0 or lagged.size < 4:  # noqa: PLR2004 - a peak and its neighbours
        return length / 10
    lagged = lagged / lagged[0] * grid.size / (grid.size - np.arange(lagged.size))
    below = np.flatnonzero(lagged < UNLIKE)
    start = max(int(below[0]) if below.size else 1, SHORTEST_DRIVE_PERIOD)
    tail = lagged[start:]
    peak = start + int(np.argmax(tail)) if tail.size else start
    return float(peak * step)
