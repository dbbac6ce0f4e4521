"""The line that is kept: from windows of several widths, without the lag that creep gives to wide ones (CLOCKS 4.9).

A pressure that creeps after the charge makes every turn look late, the more so the wider the window: with the square
of its width while that is short against the creep, in proportion to it later.  So the lag is taken from the widths
themselves, as growing with their power 1.5, and taken off.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.clocks.contradictions import FEWEST_TURNS, Trial, measure_gains
from pressiometry.clocks.search import SEARCH_SHARE
from pressiometry.clocks.turn_times import FEWEST_A_WINDOW, LARGEST_SHARE

if TYPE_CHECKING:
    from pressiometry.clocks.line import ClockLine
    from pressiometry.clocks.scene import Scene
    from pressiometry.clocks.search import Found

SHARES = (0.06, 0.12, 0.25, 0.45)
GOOD_SHARE, BEST_FACTOR = 1 / 3, 1.3
LEAST_OF_TURNS = 0.5
"""A window in which fewer of the turns show than this share tells of those alone."""
TRUST_IN_LAG = 0.5
"""This share of the lag that is taken off stays in the bound."""
LAG_POWER = 1.5
LAG_U_OF_HALF_CYCLE = 0.01
"""Prior of the lag of a window as wide as a half-cycle, in half-cycles."""


@dataclass(frozen=True, slots=True)
class FinalFit:
    """The trial whose line is kept, and what the other windows say of it; seconds where not said."""

    trial: Trial
    share: float
    lag: float
    """What the lag leaves uncertain: how far other widths still disagree, and half of what was taken off."""
    scale: float
    """The least scatter beyond the turns' own errors that any window shows."""


@dataclass(frozen=True, slots=True)
class _Width:
    """The fit of one window."""

    share: float
    width: float  # effective, in half-cycles
    trial: Trial

    @property
    def reaction(self) -> float:
        """Share of the lag of a window as wide as a half-cycle that this one has."""
        return float(self.width**LAG_POWER)

    def without_lag(self, lag: float, lag_u: float) -> "ClockLine":
        """The line, moved by the lag of this width, with the lag's error in its own."""
        line = self.trial.line
        covariance = line.covariance.copy()
        covariance[0, 0] += (self.reaction * lag_u) ** 2
        return replace(line, difference=line.difference - lag * self.reaction, covariance=covariance)


def fit_finally(scene: "Scene", found: "Found") -> FinalFit:
    """Fit the best alignment anew: the narrowest window that is good enough.  Source: CLOCKS section 4 step 9."""
    widths = _fit_widths(scene, found.best)
    if not widths:
        return FinalFit(found.best, SEARCH_SHARE, 0.0, found.best.line.scale)
    lag, lag_u = _find_lag(scene, widths)
    lines = [one.without_lag(lag, lag_u) for one in widths]
    least = min(line.end_u for line in lines)
    wanted = GOOD_SHARE * scene.wanted_second
    chosen = next(k for k, line in enumerate(lines) if 2 * line.end_u <= wanted or line.end_u <= BEST_FACTOR * least)
    kept = widths[chosen].trial
    shift = lines[chosen].difference - kept.line.difference
    kept.line, kept.times = lines[chosen], replace(kept.times, difference=kept.times.difference + shift)
    left = max(_disagreement(lines[chosen], other) for other in lines)
    left = float(np.hypot(left, TRUST_IN_LAG * lag * widths[chosen].reaction))
    return FinalFit(kept, widths[chosen].share, left, min(one.trial.line.scale for one in widths))


def _fit_widths(scene: "Scene", best: Trial) -> list[_Width]:
    """The fits of all widths that see enough turns; a drive cycle has one."""
    found = []
    room = float(np.median(scene.programme.turns.room))
    for share in SHARES[:1] if scene.programme.is_drive else SHARES:
        line, trial = best.line, best
        for _ in range(2):
            times = scene.locate(scene.programme.turns, line, share, scene.reach(trial))
            line = scene.fit(times, line)
            trial = Trial(line, times, best.likeness, is_witness=False, told=scene.told, chunks=best.chunks)
            trial.judge(measure_gains(times), max(line.scale, 1.0), unusable_counts=False)
            if not trial.used.any():
                break
        if trial.used.sum() >= max(min(FEWEST_TURNS, best.used.sum()), LEAST_OF_TURNS * best.used.sum()):
            side = min(max(share * room, FEWEST_A_WINDOW * scene.log.interval), LARGEST_SHARE * room)
            found.append(_Width(share, side / scene.programme.half_cycle_second, trial))
    return found


def _find_lag(scene: "Scene", widths: list[_Width]) -> tuple[float, float]:
    """The lag of a window as wide as a half-cycle, s, and its standard error, from how the fits differ by width."""
    prior = LAG_U_OF_HALF_CYCLE * scene.programme.half_cycle_second
    x = np.array([one.reaction for one in widths])
    if np.ptp(x) <= 0:
        return 0.0, 0.0 if scene.programme.is_drive else prior
    level = np.array([one.trial.line.difference for one in widths])
    weight = np.array([1 / one.trial.line.covariance[0, 0] for one in widths])
    mean_x, mean = float(np.average(x, weights=weight)), float(np.average(level, weights=weight))
    spread = float((weight * (x - mean_x) ** 2).sum()) + 1 / prior**2
    return float((weight * (x - mean_x) * (level - mean)).sum()) / spread, spread**-0.5


def _disagreement(one: "ClockLine", other: "ClockLine") -> float:
    """By how much two lines differ at the worse end beyond their errors, s."""
    apart = abs(one.difference - other.difference) + abs(one.drift - other.drift) * one.half_length
    return float(max(apart - 2 * np.hypot(one.end_u, other.end_u), 0.0))
