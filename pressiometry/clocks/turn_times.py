"""The time of each turn on the logger's clock, with its error, from the kink of the pressure (CLOCKS 2 and 4.4).

In a window around a turn P(t) = c0 + c1 t + c2 t^2 + k q(t + delta): drift, creep and temperature go into the c, the
gain into k, and only the kink carries delta.  All turns are worked on at once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import MAD_TO_SD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.line import ClockLine
    from pressiometry.clocks.traces import CyclerTrace, LogTrace
    from pressiometry.clocks.turns import Turns

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

MOST_POINTS = 80
FEWEST_A_WINDOW, FEWEST_A_SIDE = 6, 4
LARGEST_SHARE = 0.95
"""A window ends before the neighbouring turns."""
HOLE_SAMPLES, HOLE_SHARE = 3.5, 0.2
SHIFTS = 21
REFINEMENTS = 4
OUTLIER_DEVIATIONS = 4.0
SYSTEMATIC_SECOND = 0.3
LEAST_OF_USUAL = 0.5
"""A turn may be more precise than the others by luck; it counts as twice as precise at most."""
LONGEST_MEMORY = 20
"""Autocorrelation of what is left over is summed to this lag at most."""


@dataclass(frozen=True, slots=True)
class TurnTimes:
    """One entry a turn that could be located, in the order of the turns; times in s, k in pressure per A h."""

    turn: "Integers"
    """Which of the programme's turns."""
    log_second: "Floats"
    """Where the turn was expected on the logger's clock."""
    difference: "Floats"
    """Cycler's time less logger's, from the kink."""
    u: "Floats"
    """Standard error of the difference."""
    k: "Floats"
    k_u: "Floats"
    is_inside: "Flags"
    """The best shift was not at the end of those looked at."""
    side: "Integers"
    kind: "Integers"

    def __len__(self) -> int:
        """Count the turns located."""
        return self.turn.size


@dataclass(frozen=True, slots=True)
class Window:
    """How far around a turn is looked.

    `share`: its length on each side, as a share of the neighbouring steps; `reach`: largest shift, s, else half of
    that side.
    """

    share: float
    reach: float | None = None


@dataclass(slots=True)
class _Windows:
    """Block means of the samples around each turn, one row a turn, padded to MOST_POINTS."""

    turn: "Integers"
    second: "Floats"  # on the cycler's clock, as expected
    pressure: "Floats"
    weight: "Floats"  # 0 where padded or an outlier
    rounded: "Floats"  # variance of each point for the counts of the instrument
    reach: "Floats"  # largest shift of each, s
    basis: "Floats"  # orthonormal 1, t, t^2 of each window: turn, which, point
    shift: "Floats"  # found, s
    inside: "Flags"  # within the reach


def locate_turns(
    cycler: "CyclerTrace", log: "LogTrace", turns: "Turns", line: "ClockLine", window: Window
) -> TurnTimes:
    """Times of the turns near where a line expects them.  Source: CLOCKS section 4 step 4."""
    windows = _cut_windows(log, turns, line, window)
    if not windows.turn.size:
        return _collect(windows, turns, line, np.empty(0), np.empty((2, 0)))
    k = _best_shift(cycler, windows, line.sign)
    for _ in range(REFINEMENTS):
        k = _refine(cycler, windows, k)
    if _drop_outliers(cycler, windows):
        for _ in range(2):
            k = _refine(cycler, windows, k)
    windows.inside &= np.abs(windows.shift) < windows.reach
    windows.shift = np.where(windows.inside, windows.shift, 0.0)
    return _collect(windows, turns, line, *_errors(cycler, windows))


def _cut_windows(log: "LogTrace", turns: "Turns", line: "ClockLine", window: Window) -> _Windows:
    second = line.cycler_time(log.second)
    sample = log.interval
    side = np.minimum(np.maximum(window.share * turns.room, FEWEST_A_WINDOW * sample), LARGEST_SHARE * turns.room)
    low = np.searchsorted(second, turns.first_edge - side)
    high = np.searchsorted(second, turns.last_edge + side, "right")
    before = np.searchsorted(second, turns.first_edge) - low
    after = high - np.searchsorted(second, turns.last_edge)
    longest = np.maximum(HOLE_SAMPLES * sample, HOLE_SHARE * (turns.last_edge - turns.first_edge + 2 * side))
    whole = (before >= FEWEST_A_SIDE) & (after >= FEWEST_A_SIDE) & (high - low >= FEWEST_A_WINDOW)
    holes = np.diff(second)
    for k in np.flatnonzero(whole):
        whole[k] = holes[low[k] : high[k] - 1].max() <= longest[k]
    chosen = np.flatnonzero(whole)
    low, high, side = low[chosen], high[chosen], side[chosen]
    points = np.minimum(high - low, MOST_POINTS)
    place = np.arange(MOST_POINTS + 1)
    index = low[:, None] + np.minimum(place * (high - low)[:, None] // points[:, None], (high - low)[:, None])
    count = np.maximum(np.diff(index, axis=1), 1)
    centre = log.pressure.mean()
    sums = np.concatenate([[0.0], np.cumsum(log.pressure - centre)])
    times = np.concatenate([[0.0], np.cumsum(second - second[0])])
    weight = (place[:-1] < points[:, None]).astype(np.float64)
    mean_second = np.diff(times[index], axis=1) / count + second[0]
    mean_pressure = np.diff(sums[index], axis=1) / count * weight
    middle = turns.second[chosen]
    mean_second = np.where(weight > 0, mean_second, middle[:, None])
    reach = np.full(chosen.size, window.reach) if window.reach is not None else side / 2
    basis = _basis((mean_second - middle[:, None]) / (side[:, None] + 1.0), weight)
    found = np.zeros(chosen.size), np.ones(chosen.size, dtype=bool)
    rounded = log.count**2 / 12 * points / (high - low)
    return _Windows(chosen, mean_second, mean_pressure, weight, rounded, reach, basis, *found)


def _basis(u: "Floats", weight: "Floats") -> "Floats":
    """Orthonormal 1, t, t^2 over the points of each window."""
    found: list[Floats] = []
    for power in range(3):
        vector = u**power * weight
        for other in found:
            vector = vector - (vector * other).sum(axis=1, keepdims=True) * other
        norm = np.sqrt((vector * vector).sum(axis=1, keepdims=True))
        found.append(vector / np.maximum(norm, 1e-12))
    return np.stack(found, axis=1)


def _freed(windows: _Windows, values: "Floats") -> "Floats":
    """Values without what the baseline of their window explains."""
    weighted: Floats = values * windows.weight
    level = weighted.sum(axis=1, keepdims=True) / np.maximum(windows.weight.sum(axis=1, keepdims=True), 1.0)
    weighted = (weighted - level) * windows.weight
    for which in range(3):
        base = windows.basis[:, which]
        weighted = weighted - (weighted * base).sum(axis=1, keepdims=True) * base
    return weighted


def _best_shift(cycler: "CyclerTrace", windows: _Windows, sign: int) -> "Floats":
    """Find the shift of least squares on a grid and whether it lies inside the grid; the slopes there."""
    pressure = _freed(windows, windows.pressure)
    explained, slopes = [], []
    steps = np.linspace(-1, 1, SHIFTS)
    for step in steps:
        charge = _freed(windows, cycler.charge_at(windows.second + step * windows.reach[:, None]))
        size = np.maximum((charge * charge).sum(axis=1), 1e-300)
        slope = (charge * pressure).sum(axis=1) / size
        slopes.append(slope)
        explained.append(np.where(slope * sign > 0, slope * slope * size, 0.0))
    best = np.argmax(explained, axis=0)
    windows.inside = (best > 0) & (best < SHIFTS - 1)
    windows.shift = steps[best] * windows.reach
    found: Floats = np.asarray(slopes, dtype=np.float64)[best, np.arange(best.size)]
    return found


def _parts(cycler: "CyclerTrace", windows: _Windows) -> tuple["Floats", "Floats", "Floats"]:
    """Pressure, charge and the charge's rate at the shift, freed of the baseline; the rate in A h/s."""
    at = windows.second + windows.shift[:, None]
    width = np.maximum(np.diff(windows.second, axis=1).max(axis=1, keepdims=True), 1e-6) / 2
    rate = (cycler.charge_at(at + width) - cycler.charge_at(at - width)) / (2 * width)
    return _freed(windows, windows.pressure), _freed(windows, cycler.charge_at(at)), _freed(windows, rate)


def _refine(cycler: "CyclerTrace", windows: _Windows, k: "Floats") -> "Floats":
    """One step of Gauss-Newton on the slope and the shift of each turn; the new slopes."""
    pressure, charge, rate = _parts(cycler, windows)
    qq, qr, rr = (charge * charge).sum(axis=1), (charge * rate).sum(axis=1), (rate * rate).sum(axis=1)
    qp, rp = (charge * pressure).sum(axis=1), (rate * pressure).sum(axis=1)
    whole = qq * rr - qr * qr
    sure = whole > 1e-9 * np.maximum(qq * rr, 1e-300)
    new = np.where(sure, (rr * qp - qr * rp) / np.where(sure, whole, 1.0), k)
    move = np.where(sure, (qq * rp - qr * qp) / np.where(sure, whole, 1.0), 0.0)
    step = np.divide(move, new, out=np.zeros_like(move), where=np.abs(new) > 0)
    limit = windows.reach / (SHIFTS // 2)
    windows.shift = np.clip(windows.shift + np.clip(step, -limit, limit), -windows.reach, windows.reach)
    return new


def _drop_outliers(cycler: "CyclerTrace", windows: _Windows) -> bool:
    """Give no weight to points far off; whether there were any."""
    pressure, charge, _ = _parts(cycler, windows)
    size = np.maximum((charge * charge).sum(axis=1, keepdims=True), 1e-300)
    left = pressure - (charge * pressure).sum(axis=1, keepdims=True) / size * charge
    spread = np.array([np.median(np.abs(row[w > 0])) for row, w in zip(left, windows.weight, strict=True)])
    outlying = (np.abs(left) > OUTLIER_DEVIATIONS * MAD_TO_SD * spread[:, None]) & (windows.weight > 0)
    few = outlying.sum(axis=1) <= HOLE_SHARE * windows.weight.sum(axis=1)
    outlying &= few[:, None] & (spread[:, None] > 0)
    if not outlying.any():
        return False
    windows.weight = np.where(outlying, 0.0, windows.weight)
    centre = windows.second.mean(axis=1, keepdims=True)
    width = np.maximum(np.abs(windows.second - centre).max(axis=1, keepdims=True), 1.0)
    windows.basis = _basis((windows.second - centre) / width, windows.weight)
    return True


def _errors(cycler: "CyclerTrace", windows: _Windows) -> tuple["Floats", "Floats"]:
    """Slope of each turn, and the standard errors of the shift and of the slope as two rows.

    From the curvature of the sum of squares, with what is left over allowed to remember itself.
    """
    pressure, charge, rate = _parts(cycler, windows)
    qq, qr, rr = (charge * charge).sum(axis=1), (charge * rate).sum(axis=1), (rate * rate).sum(axis=1)
    k = (charge * pressure).sum(axis=1) / np.maximum(qq, 1e-300)
    left = pressure - k[:, None] * charge
    free = np.maximum(windows.weight.sum(axis=1) - 5, 1.0)
    variance = np.maximum((left * left).sum(axis=1) / free, windows.rounded) * _memory(left)
    whole = np.maximum(qq * rr - qr * qr, 1e-12 * np.maximum(qq * rr, 1e-300))
    slope = np.where(np.abs(k) > 0, np.abs(k), 1e-300)
    shift_u = np.sqrt(variance * qq / whole) / slope
    k_u = np.sqrt(variance * rr / whole)
    return k, np.stack([np.minimum(shift_u, 1e6), k_u])


def _memory(left: "Floats") -> "Floats":
    """Factor 1 + 2 sum rho of the variance, over the lags until the first that is not positive."""
    power = np.maximum((left * left).sum(axis=1), 1e-300)
    factor: Floats = np.ones(len(left))
    going = np.ones(len(left), dtype=bool)
    for lag in range(1, LONGEST_MEMORY + 1):
        rho = (left[:, lag:] * left[:, :-lag]).sum(axis=1) / power
        going &= rho > 0
        factor += np.where(going, 2 * rho, 0.0)
    return factor


def _collect(windows: _Windows, turns: "Turns", line: "ClockLine", k: "Floats", errors: "Floats") -> TurnTimes:
    chosen = turns.some(windows.turn)
    at = line.log_time(chosen.second)
    u = np.sqrt(errors[0] ** 2 + SYSTEMATIC_SECOND**2 + chosen.edge_u**2)
    u = np.maximum(u, LEAST_OF_USUAL * np.median(u)) if u.size else u
    return TurnTimes(
        windows.turn,
        at,
        chosen.second - at + windows.shift,
        u,
        k * line.sign,
        errors[1],
        windows.inside,
        chosen.side,
        chosen.kind,
    )
