"""Both records and what is known before, and the fits that every part of the search makes of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD
from pressiometry.clocks.contradictions import Chunks, find_used, measure_gains
from pressiometry.clocks.line import ClockLine, fit_line
from pressiometry.clocks.turn_times import TurnTimes, Window, locate_turns
from pressiometry.clocks.turns import Programme, Turns, find_programme

if TYPE_CHECKING:
    from pressiometry.clocks.contradictions import Gains, Trial
    from pressiometry.clocks.expected import Expected
    from pressiometry.clocks.traces import CyclerTrace, LogTrace

REACH_DEVIATIONS = 5.0
LEAST_GAP_HALF_CYCLES = 0.003
CLOSEST_SECOND = 3.0
"""Accuracy that one sample and this many seconds stand for: what is asked of an accepted clock."""


@dataclass(frozen=True)
class Scene:
    """Both records and what is known of them before."""

    cycler: "CyclerTrace"
    log: "LogTrace"
    programme: Programme
    chunks: Chunks
    told: "Expected"

    @property
    def wanted_second(self) -> float:
        """Largest error of an accepted clock: one sample and 3 s."""
        return self.log.interval + CLOSEST_SECOND

    def fit(self, times: TurnTimes, start: ClockLine, gains: "Gains | None" = None) -> ClockLine:
        """Fit the line through the turns that are as strong as they should be."""
        used = find_used(times, gains or measure_gains(times))
        gap_u = max(self.log.interval / 2, LEAST_GAP_HALF_CYCLES * self.programme.half_cycle_second)
        return fit_line(times, used, start, self.told, gap_u)

    def locate(self, turns: Turns, line: ClockLine, share: float, reach: float | None = None) -> TurnTimes:
        """Times of the turns near a line."""
        return locate_turns(self.cycler, self.log, turns, line, Window(share, reach))

    def reach(self, trial: "Trial") -> float:
        """How far turns may lie from a fitted line, s: five robust deviations."""
        left = np.abs(trial.residual[trial.used])
        spread = MAD_TO_SD * float(np.median(left)) if left.size else 0.0
        slack = REACH_DEVIATIONS * float(np.median(trial.times.u[trial.used])) if left.size else 0.0
        return max(REACH_DEVIATIONS * spread, slack, 2 * self.log.interval, 10.0)


def open_scene(cycler: "CyclerTrace", log: "LogTrace", told: "Expected") -> Scene:
    """Both records with the cycler's programme."""
    programme = find_programme(cycler, log.interval)
    return Scene(cycler, log, programme, Chunks.of(programme), told)
