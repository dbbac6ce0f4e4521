"""The electrochemistry of one stage (rest, charge or discharge) of a simulated full cell, per cm2 of electrode."""

from dataclasses import dataclass
from math import exp
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

FLOOR = 0.0005
"""Delithiation x at which a cell is built and below which nothing moves."""
SHORTEST_SECOND = 1.0
"""An instrument needs this long to notice that a cut-off is already passed."""
INTEGRATION_SECOND = 5.0
SECONDS_AN_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage at constant current: what the cycler was told, and the cell as it is then."""

    kind: Literal["rest", "charge", "discharge"]
    current: float  # A/cm2, positive charges
    longest_second: float
    cutoff_volt: float | None
    resistance: float  # ohm cm2
    leak: float  # 1/Rs, S/cm2
    capacity: float  # A h/cm2 between x = 0 and 1
    efficiency: float  # share of the charging electrons that leave the NCM

    def voltage(self, x: FloatArray) -> FloatArray:
        """Cell voltage at delithiation x, V: (U + R I)/(1 + R/Rs)."""
        return (open_circuit_voltage(x) + self.resistance * self.current) / (1 + self.resistance * self.leak)


def open_circuit_voltage(x: FloatArray) -> FloatArray:
    """Equilibrium voltage of NCM against Li at delithiation x, V (SCIENCE section 5).

    >>> open_circuit_voltage(np.array([0.5])).round(3)
    array([3.99])
    """
    return 3.68 + 0.62 * x - 0.66 * np.exp(-28 * x) + 0.05 * x**8


def run_stage(stage: Stage, x: float) -> tuple[FloatArray, FloatArray]:
    """Path of a stage that starts at x: seconds since its start and x, linear in between.

    Without a leak x is linear in time and the cut-off is a root of the equilibrium voltage: exact.  With one it is
    integrated in steps of 5 s and the cut-off interpolated.
    """
    if stage.leak == 0 and stage.current == 0:
        return np.array([0.0, stage.longest_second]), np.array([x, x])
    end = _cutoff_x(stage)
    if stage.leak > 0 or end is None:
        return _integrate(stage, x)
    rate = _x_per_second(stage, x)
    seconds = min(max((end - x) / rate, SHORTEST_SECOND), stage.longest_second)
    return np.array([0.0, seconds]), np.array([x, x + rate * seconds])


def _cutoff_x(stage: Stage) -> float | None:
    """Return the x at which a stage without a leak meets its cut-off, or None if it never does."""
    from scipy.optimize import brentq  # noqa: PLC0415 - half a second that every process at start would pay

    if stage.cutoff_volt is None:
        return None
    target = stage.cutoff_volt - stage.resistance * stage.current

    def excess(x: float) -> float:
        return _equilibrium(x) - target

    low, high = FLOOR, 1.5
    return float(brentq(excess, low, high, xtol=1e-12)) if excess(low) < 0 < excess(high) else None


def _equilibrium(x: float) -> float:
    """`open_circuit_voltage` of one number, many times faster."""
    return 3.68 + 0.62 * x - 0.66 * exp(-28 * x) + 0.05 * x**8


def _volt(stage: Stage, x: float) -> float:
    return (_equilibrium(x) + stage.resistance * stage.current) / (1 + stage.resistance * stage.leak)


def _x_per_second(stage: Stage, x: float) -> float:
    """dx/dt: the Faradaic current over the capacity, while charging times the efficiency."""
    faradaic = stage.current - _volt(stage, x) * stage.leak
    share = stage.efficiency if faradaic > 0 else 1.0
    return faradaic * share / (stage.capacity * SECONDS_AN_HOUR)


def _integrate(stage: Stage, x: float) -> tuple[FloatArray, FloatArray]:
    """Midpoint steps until the cut-off or the longest time; x never falls below the floor."""
    cutoff, direction = stage.cutoff_volt, 1 if stage.current > 0 else -1
    second, volt = 0.0, _volt(stage, x)
    seconds, xs = [second], [x]
    if cutoff is not None and direction * (volt - cutoff) >= 0:
        return np.array([0.0, SHORTEST_SECOND]), np.array([x, x])
    while second < stage.longest_second:
        step = min(INTEGRATION_SECOND, stage.longest_second - second)
        middle = max(x + step / 2 * _x_per_second(stage, x), FLOOR)
        following = max(x + step * _x_per_second(stage, middle), FLOOR)
        following_volt = _volt(stage, following)
        share = 1.0
        if cutoff is not None and direction * (following_volt - cutoff) >= 0:
            share = (cutoff - volt) / (following_volt - volt)
        second, x = second + share * step, x + share * (following - x)
        seconds.append(second)
        xs.append(x)
        if share < 1:
            break
        volt = following_volt
    return np.array(seconds), np.array(xs)
