"""What speaks against an alignment: turns that are not there, half-cycles that do not fit, turns too far off.

Only contradictions count: comparing sums of squares would punish many turns and reward a small overlap (CLOCKS trap 5).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import median

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.expected import Expected
    from pressiometry.clocks.line import ClockLine
    from pressiometry.clocks.scene import Scene
    from pressiometry.clocks.turn_times import TurnTimes
    from pressiometry.clocks.turns import Programme

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

COST = 16.0
"""Badness of one solid contradiction."""
LEAST_K, MOST_K, SURE_K = 0.25, 4.0, 2.0
USES_MOST = 0.8
FREE_Z2, FULL_Z2 = 9.0, 16.0
WRONG_SWING, WRONG_RESIDUAL = 0.6, 0.15
CHECK_SAMPLES_A_HALF = 200
EDGE_OF_STEP = 0.03
FEWEST_SAMPLES, COVERED = 5, 0.7


@dataclass(frozen=True, slots=True)
class Gains:
    """How strongly the pressure follows the charge: k of each kind of turn, and of all, in pressure per A h."""

    by_kind: dict[int, float]
    usual: float

    def of(self, kinds: "NDArray[np.int64]") -> "Floats":
        """The gain expected at turns of these kinds."""
        return np.array([self.by_kind.get(int(kind), self.usual) for kind in kinds], dtype=np.float64)


def measure_gains(times: "TurnTimes") -> Gains:
    """Medians of the gains of the turns that have a kink of the right sign; 0 without any."""
    solid = times.is_inside & (times.k > SURE_K * times.k_u)
    if not solid.any():
        return Gains({}, 0.0)
    kinds = np.unique(times.kind[solid])
    return Gains({int(kind): median(times.k[solid & (times.kind == kind)]) for kind in kinds}, median(times.k[solid]))


def find_used(times: "TurnTimes", gains: Gains) -> "Flags":
    """Turns whose kink is as strong as it should be."""
    usual = gains.of(times.kind)
    right = (times.k >= LEAST_K * usual) & (times.k <= MOST_K * usual) & (times.k > SURE_K * times.k_u)
    return right & times.is_inside & (gains.usual > 0)


def find_absent(times: "TurnTimes", gains: Gains) -> "Flags":
    """Turns of the current that the pressure does not have."""
    return (times.k + SURE_K * times.k_u < LEAST_K * gains.of(times.kind)) & (gains.usual > 0)


@dataclass(frozen=True)
class Chunks:
    """Stretches of the cycler's record about one half-cycle long, rests too, and the charge they carry, A h."""

    start: "Floats"
    end: "Floats"

    @staticmethod
    def of(programme: "Programme") -> "Chunks":
        """Chunks of a programme; none of a drive cycle."""
        if programme.is_drive:
            return Chunks(np.empty(0), np.empty(0))
        starts, ends = [], []
        for start, seconds in zip(programme.steps.start, programme.steps.seconds, strict=True):
            if seconds < USES_MOST * programme.half_cycle_second / 2:
                continue
            borders = np.linspace(start, start + seconds, max(round(seconds / programme.half_cycle_second), 1) + 1)
            edge = EDGE_OF_STEP * (borders[1] - borders[0])
            starts += list(borders[:-1] + edge)
            ends += list(borders[1:] - edge)
        return Chunks(np.array(starts, dtype=np.float64), np.array(ends, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class ChunkCheck:
    """How many half-cycles could be checked and how many of them do not fit."""

    checked: int
    failed: int


def check_chunks(scene: "Scene", line: "ClockLine", gain: float) -> ChunkCheck:
    """Compare the swing of the pressure in each chunk with gain x charge.  Source: CLOCKS section 4 step 7."""
    cycler, log, programme, chunks = scene.cycler, scene.log, scene.programme, scene.chunks
    every = max(int(programme.half_cycle_second / CHECK_SAMPLES_A_HALF / log.interval), 1)
    second = line.cycler_time(log.second[::every])
    pressure = log.pressure[::every] - log.pressure.mean()
    low, high = np.searchsorted(second, chunks.start), np.searchsorted(second, chunks.end)
    full = (high - low) >= COVERED * (chunks.end - chunks.start) / (every * log.interval)
    chosen = np.flatnonzero(full & (high - low >= FEWEST_SAMPLES))
    if not chosen.size or gain <= 0:
        return ChunkCheck(0, 0)
    start, end, low, high = chunks.start[chosen], chunks.end[chosen], low[chosen], high[chosen]
    normal = gain * programme.swing_ah
    expected = line.sign * gain * cycler.charge_at(second)
    predicted = line.sign * gain * (cycler.charge_at(end) - cycler.charge_at(start))
    flat = np.abs(predicted) < 0.1 * normal
    by_time = _regress(second - second[0], pressure, low, high)
    by_charge = _regress(expected, pressure, low, high)
    slope, left = np.where(flat, by_time[0], by_charge[0]), np.where(flat, by_time[1], by_charge[1])
    measured = slope * np.where(flat, end - start, predicted)
    failed = np.abs(measured - predicted) > WRONG_SWING * np.maximum(np.abs(predicted), normal / 2)
    failed |= left > WRONG_RESIDUAL * normal
    return ChunkCheck(int(chosen.size), int(failed.sum()))


def _regress(
    x: "Floats", y: "Floats", low: "NDArray[np.int64]", high: "NDArray[np.int64]"
) -> tuple["Floats", "Floats"]:
    """Slope of y on x and the rms of what is left, in every stretch at once by cumulative sums."""
    x, y = x - x.mean(), y - y.mean()

    def total(values: "Floats") -> "Floats":
        sums = np.concatenate([[0.0], np.cumsum(values)])
        inside: Floats = sums[high] - sums[low]
        return inside

    n = (high - low).astype(np.float64)
    sx, sy = total(x), total(y)
    xx, xy, yy = total(x * x) - sx * sx / n, total(x * y) - sx * sy / n, total(y * y) - sy * sy / n
    slope: Floats = np.divide(xy, xx, out=np.zeros_like(xy), where=xx > 1e-12 * max(float(x @ x), 1e-300))
    return slope, np.sqrt(np.maximum(yy - slope * xy, 0.0) / n)


@dataclass
class Trial:
    """One alignment that was tried, and what was found."""

    line: "ClockLine"
    times: "TurnTimes"
    likeness: float
    is_witness: bool
    told: "Expected"
    chunks: ChunkCheck = field(default_factory=lambda: ChunkCheck(0, 0))
    used: "Flags" = field(default_factory=lambda: np.zeros(0, dtype=bool))
    absent: "Flags" = field(default_factory=lambda: np.zeros(0, dtype=bool))
    badness: float = np.inf

    @property
    def residual(self) -> "Floats":
        """Difference of each located turn less the line, s, the part between tops and bottoms taken off."""
        return self.times.difference - self.line.difference_at(self.times.log_second) - self.line.gap * self.times.side

    @property
    def used_share(self) -> float:
        """Share of the located turns that can be used."""
        return float(self.used.mean()) if self.used.size else 0.0

    def judge(self, gains: Gains, scale: float, *, unusable_counts: bool) -> float:
        """Find used and absent turns by these gains, and the badness by this common scale of errors (CLOCKS 4.8)."""
        self.used, self.absent = find_used(self.times, gains), find_absent(self.times, gains)
        against = self.absent | (~self.used if unusable_counts else False)
        z2 = (self.residual / (scale * self.times.u)) ** 2
        far = np.clip((z2 - FREE_Z2) / (FULL_Z2 - FREE_Z2), 0, 1)
        self.badness = COST * (self.chunks.failed + float(against.sum()) + float(far[self.used & ~against].sum()))
        self.badness += ((self.line.drift - self.told.drift) / self.told.drift_u) ** 2
        return self.badness

    @property
    def can_be_judged(self) -> bool:
        """Whether enough turns lie in the overlap to speak for or against."""
        return len(self.times) >= FEWEST_TURNS


FEWEST_TURNS = 4
"""Fewer turns fix no clock and exclude none."""
