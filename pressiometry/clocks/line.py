"""The straight line of clock differences through the turns: offset, drift, and what parts tops from bottoms (4.6)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.coarse import Candidate
    from pressiometry.clocks.expected import Expected
    from pressiometry.clocks.traces import LogTrace
    from pressiometry.clocks.turn_times import TurnTimes

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

CLIPPED_Z2 = 16.0
"""A turn further off than four standard errors says no more than one at four."""
DRIFTS = 41
REWEIGHTINGS = 8
FITTED = 3
"""Numbers of a line: few turns scatter less about their own line than about the true one."""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """Clock difference = difference + drift (t_logger - middle), s; tops lie `gap` later than it, bottoms earlier.

    `covariance` is that of (difference, drift, gap); `scale` says by how much the turns scatter more than their errors.
    """

    difference: float
    drift: float
    gap: float
    middle: float
    half_length: float
    covariance: "Floats"
    scale: float = 1.0
    sign: int = 1

    def cycler_time(self, log_second: "Floats") -> "Floats":
        """Times of the logger on the cycler's clock, s."""
        return log_second + self.difference + self.drift * (log_second - self.middle)

    def log_time(self, cycler_second: "Floats") -> "Floats":
        """Times of the cycler on the logger's clock, s."""
        return self.middle + (cycler_second - self.middle - self.difference) / (1 + self.drift)

    def difference_at(self, log_second: "Floats") -> "Floats":
        """Clock difference at times of the logger, s."""
        return self.difference + self.drift * (log_second - self.middle)

    @property
    def offset(self) -> float:
        """Cycler's time at the logger's zero, s."""
        return self.difference - self.drift * self.middle

    @property
    def end_u(self) -> float:
        """Standard error of the difference at the worse end of the log, s."""
        a, d, both = self.covariance[0, 0], self.covariance[1, 1], abs(self.covariance[0, 1])
        return float(np.sqrt(a + self.half_length**2 * d + 2 * self.half_length * both))

    @property
    def drift_u(self) -> float:
        """Standard error of the drift, a share."""
        return float(np.sqrt(self.covariance[1, 1]))


def line_of_candidate(candidate: "Candidate", log: "LogTrace") -> ClockLine:
    """The line that a candidate proposes, without errors."""
    return ClockLine(
        candidate.difference, candidate.drift, 0.0, log.middle, log.half_length, np.zeros((3, 3)), sign=candidate.sign
    )


def fit_line(times: "TurnTimes", used: "Flags", start: ClockLine, told: "Expected", gap_u: float) -> ClockLine:
    """The robust line through the turns that are used; `start` again without any.  `gap_u`: prior of the gap, s.

    Minimises sum min(z^2, 16) + priors of drift and gap; the drift stays within its bound.  Source: CLOCKS 4.6.
    """
    if not used.any():
        return start
    where = times.log_second[used] - start.middle
    what, u, side = times.difference[used], times.u[used], times.side[used].astype(np.float64)
    if np.unique(side).size < 2:  # noqa: PLR2004 - tops and bottoms
        side = np.zeros_like(side)
    drift = _rough_drift(where, what, u, told)
    level = _weighted_median(what - drift * where, 1 / u**2)
    values = np.array([level, drift, 0.0])
    design = np.stack([np.ones_like(where), where, side], axis=1)
    prior = np.array([0.0, 1 / told.drift_u**2, 1 / gap_u**2])
    centre = np.array([0.0, told.drift, 0.0])
    scale, normal = 1.0, np.diag(prior)
    few = np.sqrt(what.size / max(what.size - FITTED, 1))
    for _ in range(REWEIGHTINGS):
        z = (what - design @ values) / u
        scale = max(few * MAD_TO_SD * float(np.median(np.abs(z))), 1.0)
        weight = (z * z <= CLIPPED_Z2 * scale**2) / (u * scale) ** 2
        normal = design.T @ (design * weight[:, None]) + np.diag(prior)
        values = _solve(normal, design.T @ (weight * what) + prior * centre, told)
    covariance = np.linalg.inv(normal)
    return replace(
        start, difference=float(values[0]), drift=float(values[1]), gap=float(values[2]), covariance=covariance,
        scale=scale,
    )  # fmt: skip


def _solve(normal: "Floats", right: "Floats", told: "Expected") -> "Floats":
    """Solve the normal equations; with a drift beyond its bound again with the drift held there."""
    values: Floats = np.linalg.solve(normal, right).astype(np.float64)
    low, high = told.drift - told.drift_bound, told.drift + told.drift_bound
    if low <= values[1] <= high:
        return values
    held = float(np.clip(values[1], low, high))
    free = [0, 2]
    rest = np.linalg.solve(normal[np.ix_(free, free)], right[free] - normal[free, 1] * held)
    return np.array([rest[0], held, rest[1]], dtype=np.float64)


def _rough_drift(where: "Floats", what: "Floats", u: "Floats", told: "Expected") -> float:
    """The drift of least clipped squares, with the level a weighted median."""
    best, least = told.drift, np.inf
    low, high = told.drift - told.drift_bound, told.drift + told.drift_bound
    for drift in sorted([told.drift, *np.linspace(low, high, DRIFTS)], key=lambda one: abs(one - told.drift)):
        left = what - drift * where
        z = (left - _weighted_median(left, 1 / u**2)) / u
        cost = float(np.minimum(z * z, CLIPPED_Z2).sum()) + ((drift - told.drift) / told.drift_u) ** 2
        if cost < least - 1e-9:
            best, least = float(drift), cost
    return best


def _weighted_median(values: "Floats", weight: "Floats") -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
