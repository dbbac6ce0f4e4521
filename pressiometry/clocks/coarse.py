"""Rough candidates: every clock difference at which charge and pressure look alike (CLOCKS 4.3)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.clocks.expected import Expected, StartRange
    from pressiometry.clocks.traces import CyclerTrace, LogTrace
    from pressiometry.clocks.turns import Programme

    Floats = NDArray[np.float64]

GRID_OF_HALF_CYCLE = 100
SMEAR_OF_PERIOD = 0.03
"""The drift grid is so fine that the ends of the log are off by less than this share of a period."""
LEAST_LIKENESS, LEAST_OF_BEST = 0.15, 0.5
WITNESSES = 6
MOST_CANDIDATES = 160


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clock difference to be looked at: that at the middle of the log, s, its drift, and how alike the traces are."""

    difference: float
    drift: float
    likeness: float
    sign: int
    is_witness: bool = False


@dataclass(frozen=True)
class _Signal:
    """A trace on an even grid without its moving mean, and weights that are 0 in gaps."""

    value: "Floats"
    weight: "Floats"
    start: float


@dataclass(frozen=True)
class _Likeness:
    """Correlation at each clock difference at the middle of the log, and the drift at which it is best."""

    lags: "Floats"
    alike: "Floats"
    drifts: "Floats"
    step: float


def find_candidates(
    cycler: "CyclerTrace", log: "LogTrace", programme: "Programme", told: "Expected"
) -> list[Candidate]:
    """Candidates inside the stated start, best first, then witnesses outside it.

    Source: CLOCKS section 4 step 3.
    """
    step = max(log.interval, programme.half_cycle_second / GRID_OF_HALF_CYCLE)
    longest = max(2 * log.half_length, float(cycler.second[-1] - cycler.second[0]))
    step = max(step, longest / 400_000)
    charge = _charge_signal(cycler, programme, step)
    lags, alike, drifts = np.empty(0), np.empty(0), np.empty(0)
    for drift in _drift_grid(log, programme, told):
        own_lags, own = _correlate(charge, _pressure_signal(log, programme, step, drift), step, told.least_overlap)
        if not lags.size:
            lags, alike, drifts = own_lags, own, np.full(own.size, drift)
            continue
        own = np.interp(lags, own_lags, own)
        better = np.abs(own) > np.abs(alike)
        alike, drifts = np.where(better, own, alike), np.where(better, drift, drifts)
    return _choose(_Likeness(lags, alike, drifts, step), programme, log, told)


def _drift_grid(log: "LogTrace", programme: "Programme", told: "Expected") -> list[float]:
    reach = told.drift_bound
    if log.half_length <= 0:
        return [0.0]
    apart = 2 * SMEAR_OF_PERIOD * programme.period_second / log.half_length
    count = int(np.ceil(max(2 * reach / apart - 1, 0)))
    low, high = told.drift - reach, told.drift + reach
    return [told.drift] if count == 0 else [float(d) for d in np.linspace(low, high, min(count + 2, 161))]


def _charge_signal(cycler: "CyclerTrace", programme: "Programme", step: float) -> _Signal:
    grid = np.arange(cycler.second[0], cycler.second[-1] + step, step)
    value = cycler.charge_at(grid)
    return _without_mean(value, np.ones(grid.size), programme, step, float(grid[0]))


def _pressure_signal(log: "LogTrace", programme: "Programme", step: float, drift: float) -> _Signal:
    """Mean pressure in each cell of a grid whose zero is the middle of the log, on the cycler's pace."""
    second = (1 + drift) * (log.second - log.middle)
    start = float(second[0])
    cell = ((second - start) / step).astype(np.int64)
    count = np.bincount(cell).astype(np.float64)
    centred = log.pressure - log.pressure.mean()
    total = np.bincount(cell, weights=centred)
    weight = (count > 0).astype(np.float64)
    value = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    # the mean of a cell stands for its middle
    return _without_mean(value, weight, programme, step, start + step / 2)


def _without_mean(value: "Floats", weight: "Floats", programme: "Programme", step: float, start: float) -> _Signal:
    """A signal without its mean over one period around each point."""
    reach = max(round(programme.period_second / step / 2), 1)
    sums = np.concatenate([[0.0], np.cumsum(value * weight)])
    counts = np.concatenate([[0.0], np.cumsum(weight)])
    low = np.maximum(np.arange(value.size) - reach, 0)
    high = np.minimum(np.arange(value.size) + reach + 1, value.size)
    inside = counts[high] - counts[low]
    mean = np.divide(sums[high] - sums[low], inside, out=np.zeros_like(inside), where=inside > 0)
    return _Signal((value - mean) * weight, weight, start)


def _correlate(charge: _Signal, pressure: _Signal, step: float, least_overlap: float) -> tuple["Floats", "Floats"]:
    """Normalised correlation at every lag with enough overlap: (difference at the middle of the log, r)."""
    n, m = charge.value.size, pressure.value.size
    size = 1 << (n + m).bit_length()

    def transformed(values: "Floats") -> "NDArray[np.complex128]":
        return np.fft.rfft(values, size)

    def against(first: "Floats", second: "Floats") -> "Floats":
        product = np.fft.irfft(transformed(first) * np.conj(transformed(second)), size)
        return np.concatenate([product[size - m + 1 :], product[:n]])

    q, p, wq, wp = charge.value, pressure.value, charge.weight, pressure.weight
    count = against(wq, wp)
    valid = count > max(least_overlap * min(wq.sum(), wp.sum()), 3.0)
    count = np.where(valid, count, 1.0)
    mean_q, mean_p = against(q, wp) / count, against(wq, p) / count
    spread_q = against(q * q, wp) / count - mean_q**2
    spread_p = against(wq, p * p) / count - mean_p**2
    shared = against(q, p) / count - mean_q * mean_p
    # nothing moves in a flat stretch: what is left there is rounding
    floor = 1e-6 * np.sqrt(max(float(q @ q) / n, 1e-300) * max(float(p @ p) / m, 1e-300))
    spread = np.sqrt(np.maximum(spread_q, 0) * np.maximum(spread_p, 0))
    alike: Floats = np.where(valid & (spread > floor), shared / np.where(spread > floor, spread, 1.0), 0.0)
    lags: Floats = np.arange(-(m - 1), n, dtype=np.float64) * step + charge.start - pressure.start
    return lags, alike


def _choose(seen: _Likeness, programme: "Programme", log: "LogTrace", told: "Expected") -> list[Candidate]:
    """Local maxima that are alike enough; outside the stated start only the nearest and the best."""
    found: list[Candidate] = []
    for sign in (1, -1) if told.sign is None else (told.sign,):
        r = seen.alike * sign
        inner = (r[1:-1] >= r[:-2]) & (r[1:-1] > r[2:]) & (r[1:-1] >= LEAST_LIKENESS)
        found += [
            Candidate(float(seen.lags[k] - log.middle), float(seen.drifts[k]), float(r[k]), sign)
            for k in np.flatnonzero(inner) + 1
        ]
    found = _apart(sorted(found, key=lambda one: -one.likeness), programme.period_second / 4)
    start = told.start
    inside = [one for one in found if _is_inside(one, log, start, seen.step)]
    outside = [one for one in found if one not in inside]
    if inside:
        inside = [one for one in inside if one.likeness >= LEAST_OF_BEST * inside[0].likeness]
    if start is None:
        return inside[:MOST_CANDIDATES]
    centre = start.middle
    nearest = sorted(outside, key=lambda one: abs(_at_start(one, log) - centre))[: WITNESSES // 2]
    best = [one for one in outside if one not in nearest][: WITNESSES - len(nearest)]
    witnesses = [replace(one, is_witness=True) for one in nearest + best]
    return inside[:MOST_CANDIDATES] + witnesses


def _at_start(one: Candidate, log: "LogTrace") -> float:
    """The clock difference at the log's first sample, s."""
    return one.difference - one.drift * log.half_length


def _is_inside(one: Candidate, log: "LogTrace", start: "StartRange | None", slack: float) -> bool:
    return start is None or start.low - slack <= _at_start(one, log) <= start.high + slack


def _apart(candidates: list[Candidate], least: float) -> list[Candidate]:
    """Candidates in their order, without those too near to an earlier one."""
    kept: list[Candidate] = []
    for one in candidates:
        if all(abs(one.difference - other.difference) > least for other in kept):
            kept.append(one)
    return kept
