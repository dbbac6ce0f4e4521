"""A cell with a logger of its own clock: both records and the true offset and drift (CLOCKS section 7)."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from demo.disturbances import OVEN_CELSIUS, UNDISTURBED, Disturbances, FloatArray, fixture_slips, oven_temperature

KGF_MPA = 0.0738829
"""1 kgf on a disc of 13 mm."""
COUNT_MPA = 0.1 * KGF_MPA
MPA_PER_AH = 850.0
CREEP_SECOND = 1800.0


@dataclass(frozen=True, slots=True)
class Cycling:
    """What is done to the cell.  Durations in s, current in A."""

    cycles: int = 20
    half_cycle_second: float = 6600.0
    rest_second: float = 300.0
    ampere: float = 1.6e-3
    fade_per_cycle: float = 0.0
    scatter: float = 0.0  # of each half-cycle's duration
    efficiency: float = 1.0
    formation_factor: float = 1.0  # length of the first cycle, at a current as many times smaller
    short_in_cycle: int | None = None  # its discharge is nearly nothing
    flat_around_second: float = 0.0
    interval_second: float = 30.0
    edge_rows: bool = True


@dataclass(frozen=True, slots=True)
class Logging:
    """How the pressure is recorded.  Its clock: t_cycler = offset + (1 + drift) t_logger."""

    offset_second: float = 137.0
    drift_ppm: float = 0.0
    interval_second: float = 10.0
    late_second: float = 0.0  # the logger starts so long after the cycler
    until_second: float | None = None
    truncated_to_second: float = 0.0
    holes: int = 0
    lost_second: float = 0.0  # of its clock, half-way, unseen
    restart_second: float | None = None  # on the cycler's clock: the clock begins at zero again
    restart_pause_second: float = 0.0


@dataclass(frozen=True, slots=True)
class Mechanics:
    """How the pressure follows the charge."""

    swing_factor: float = 1.0
    creep: float = 0.0  # share of the answer that comes late
    bow: float = 0.0  # share of the swing
    hysteresis: float = 0.0
    count_mpa: float = COUNT_MPA
    cell: Literal["full", "none"] = "full"
    disturbances: Disturbances = UNDISTURBED


@dataclass(frozen=True, slots=True)
class TwoClocks:
    """Both records; the truth is in `logging`."""

    cycler_second: FloatArray
    cycler_ampere: FloatArray
    log_second: FloatArray
    log_mpa: FloatArray
    logging: Logging
    steps: list[tuple[float, float, float]] = field(default_factory=list)

    def true_cycler_time(self, log_second: FloatArray) -> FloatArray:
        """Times of the logger on the cycler's clock, s; of the first part where it was restarted."""
        return self.logging.offset_second + (1 + self.logging.drift_ppm * 1e-6) * log_second


def simulate_two_clocks(
    cycling: Cycling, logging: Logging, mechanics: Mechanics | None = None, seed: int = 1
) -> TwoClocks:
    """Return what a cycler and a pressure logger beside it would have recorded of one cell; synthetic.

    >>> pair = simulate_two_clocks(Cycling(cycles=2), Logging(offset_second=137.0))
    >>> round(float(pair.true_cycler_time(pair.log_second)[0]), 6)
    0.0
    """
    rng = np.random.default_rng(seed)
    mechanics = mechanics or Mechanics()
    steps = _programme(cycling, rng)
    second, ampere = _cycler_rows(steps, cycling)
    on_cycler, own = _log_times(steps, logging)
    answer = pressure_of(steps, on_cycler, mechanics, rng)
    kept = np.ones(own.size, dtype=bool)
    for _ in range(logging.holes):
        start = rng.uniform(0.05, 0.9) * on_cycler[-1]
        kept &= (on_cycler < start) | (on_cycler > start + rng.uniform(1, 3) * cycling.half_cycle_second)
    return TwoClocks(second, ampere, own[kept], answer[kept], logging, steps)


def _programme(cycling: Cycling, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Return (start, seconds, current) of every step; scatter and fade make half-cycles differ."""
    rows: list[tuple[float, float, float]] = []
    now = 0.0

    def add(seconds: float, current: float) -> None:
        nonlocal now
        rows.append((now, seconds, current))
        now += seconds

    add(cycling.flat_around_second + cycling.rest_second, 0.0)
    for cycle in range(cycling.cycles):
        slow = cycling.formation_factor if cycle == 0 else 1.0
        whole = cycling.half_cycle_second * (1 - cycling.fade_per_cycle * cycle) * slow
        whole *= 1 + cycling.scatter * rng.normal()
        add(whole, cycling.ampere / slow)
        add(cycling.rest_second, 0.0)
        dead = cycling.short_in_cycle is not None and cycle + 1 >= cycling.short_in_cycle
        add(120.0 if dead else whole * cycling.efficiency, -cycling.ampere / slow)
        add(cycling.rest_second, 0.0)
    add(cycling.flat_around_second + cycling.rest_second, 0.0)
    return rows


def _cycler_rows(steps: list[tuple[float, float, float]], cycling: Cycling) -> tuple[FloatArray, FloatArray]:
    """Rows at every interval of a step; with edge rows also 1 s into it and at its end."""
    if not cycling.edge_rows:
        end = steps[-1][0] + steps[-1][1]
        second = np.arange(0.0, end, cycling.interval_second)
        starts = np.array([row[0] for row in steps])
        flowing = np.array([row[2] for row in steps])
        return second, flowing[np.searchsorted(starts, second, "right") - 1]
    times: list[FloatArray] = []
    currents: list[FloatArray] = []
    for start, seconds, current in steps:
        every = np.arange(cycling.interval_second, seconds - 1e-3, cycling.interval_second)
        own = np.unique(np.array([min(1.0, seconds / 2), *every, seconds]))
        times.append(start + own)
        currents.append(np.full(own.size, current))
    return np.concatenate(times), np.concatenate(currents)


def _log_times(steps: list[tuple[float, float, float]], logging: Logging) -> tuple[FloatArray, FloatArray]:
    """Times of the samples on the cycler's clock, and as the logger writes them."""
    end = logging.until_second or steps[-1][0] + steps[-1][1]
    pace = 1 + logging.drift_ppm * 1e-6
    count = int((end - logging.late_second) / (logging.interval_second * pace))
    first = (logging.late_second - logging.offset_second) / pace
    own: FloatArray = first + logging.interval_second * np.arange(count, dtype=np.float64)
    on_cycler: FloatArray = logging.offset_second + pace * own
    if logging.lost_second:
        present = (on_cycler < end / 2) | (on_cycler > end / 2 + logging.lost_second)
        on_cycler, own = on_cycler[present], own[present]
        own = np.where(on_cycler > end / 2, own - logging.lost_second, own)
    if logging.restart_second is not None:
        back = logging.restart_second + logging.restart_pause_second
        kept = (on_cycler < logging.restart_second) | (on_cycler >= back)
        on_cycler, own = on_cycler[kept], own[kept]
        later = on_cycler >= back
        own = np.where(later, (on_cycler - back) / pace, own)
    if logging.truncated_to_second:
        own = np.asarray(np.floor(own / logging.truncated_to_second) * logging.truncated_to_second, dtype=np.float64)
    return on_cycler, own


def pressure_of(
    steps: list[tuple[float, float, float]], second: FloatArray, mechanics: Mechanics, rng: np.random.Generator
) -> FloatArray:
    """Return the pressure at times on the cycler's clock, MPa: answer to the charge, disturbances and counts."""
    end = steps[-1][0] + steps[-1][1]
    fine = np.arange(0.0, end + 60.0, 5.0)
    edges = np.array([row[0] for row in steps] + [end])
    charge = np.concatenate([[0.0], np.cumsum([row[1] * row[2] / 3600 for row in steps])]).astype(np.float64)
    passed = np.interp(fine, edges, charge)
    gain = MPA_PER_AH * mechanics.swing_factor
    answer = (1 - mechanics.creep) * passed + mechanics.creep * _late(passed, 5.0 / CREEP_SECOND)
    if mechanics.bow:
        swing = float(np.ptp(charge))
        share = np.clip((passed - charge.min()) / swing, 0, 1) if swing > 0 else np.zeros_like(passed)
        answer = answer + mechanics.bow * swing * np.sin(np.pi * share)
    if mechanics.hysteresis:
        current = np.interp(fine, edges[:-1], [np.sign(row[2]) for row in steps])
        answer = answer + mechanics.hysteresis * float(np.ptp(charge)) * _late(current, 5.0 / CREEP_SECOND) / 2
    if mechanics.cell == "none":
        answer = np.zeros_like(answer)
    sizes = mechanics.disturbances
    pressure: FloatArray = 70 + gain * np.interp(second, fine, answer)
    if sizes.kappa_mpa_per_kelvin:
        pressure = pressure + sizes.kappa_mpa_per_kelvin * (oven_temperature(second, sizes, rng) - OVEN_CELSIUS)
    pressure = pressure + fixture_slips(second, sizes, rng) + rng.normal(0, max(sizes.sensor_mpa, 1e-9), second.size)
    if mechanics.count_mpa:
        pressure = np.round(pressure / mechanics.count_mpa) * mechanics.count_mpa
    return pressure


def _late(values: FloatArray, keep: float) -> FloatArray:
    """Values after a relaxation of the first order."""
    from scipy.signal import lfilter  # noqa: PLC0415 - half a second that every process at start would pay

    share = 1 - np.exp(-keep)
    late: FloatArray = lfilter([share], [1.0, -(1 - share)], values - values[0]) + values[0]
    return late


def with_spikes(pair: TwoClocks, share: float, seed: int = 1) -> TwoClocks:
    """Return the same with single samples far off."""
    rng = np.random.default_rng(seed)
    hit = rng.random(pair.log_mpa.size) < share
    return replace(pair, log_mpa=pair.log_mpa + hit * rng.choice([-1.0, 1.0], hit.size) * rng.uniform(1, 5, hit.size))
