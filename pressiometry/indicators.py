"""The indicator of a cycle, Delta(DeltaP)_Q, by three estimators with their uncertainties (SCIENCE section 3).

Everything here is in the unit of the mechanical signal, A h and s; `normalise.py` makes the other units of it.
"""

from dataclasses import dataclass
from math import hypot, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from pressiometry.lines import SMALLEST_FOR_ERROR, Line, fit_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pressiometry.mechanical import Samples

    Floats = NDArray[np.float64]

END_SHARE = 0.05
"""Share of the step's charge at its end, or start, that the local line is fitted to."""
END_SAMPLES = 10
FEW_SAMPLES = 20
"""A step with fewer samples gives its last, or first, sample."""
SLOPE_RANGE = (0.10, 0.90)
SMALLEST_SPAN = 3
"""A line over fewer counts than this is not dithered: the resolution adds to its error."""
COMMON_POINTS = 200


@dataclass(frozen=True)
class StepEnd:
    """The mechanical signal at one end of a step, with one standard uncertainty, and when that was."""

    value: float
    u: float
    time_second: float


@dataclass(frozen=True)
class Indicator:
    """Swing (signal unit) and swing per discharge capacity (signal unit per A h), each with its u."""

    swing: float
    swing_u: float
    per_ah: float
    per_ah_u: float


@dataclass(frozen=True)
class Leg:
    """What an estimator needs of one half-cycle: its ends, its slope line, its charge, its current."""

    start: StepEnd
    end: StepEnd
    capacity_ah: float
    capacity_u_ah: float
    line: Line | None = None
    current_ampere: float = np.nan


def find_step_end(samples: "Samples", which: Literal["start", "end"], *, total_ah: float, resolution: float,
                  time_second: float) -> StepEnd | None:  # fmt: skip
    """Signal at the start or end of a step: a straight line on the charge through the nearest 5 % of it.

    At least ten samples enter the line; a step of fewer than 20 samples gives its first or last sample.  None
    without samples.  u(P_end) = 2 s_res/sqrt(w), and a count/sqrt(12) where the line spans fewer than three
    counts.  Source: SCIENCE section 3.
    """
    if samples.count == 0:
        return None
    at_end = which == "end"
    if samples.count < FEW_SAMPLES:
        spread = fit_line(samples.charge_ah, samples.value, with_error=False).residual_rms
        u = hypot(np.nan_to_num(spread), resolution / sqrt(12))
        return StepEnd(float(samples.value[-1 if at_end else 0]), u, time_second)
    charge = samples.charge_ah
    near = charge >= (1 - END_SHARE) * total_ah if at_end else charge <= END_SHARE * total_ah
    if near.sum() < END_SAMPLES:
        near = np.zeros(samples.count, dtype=bool)
        near[slice(-END_SAMPLES, None) if at_end else slice(END_SAMPLES)] = True
    line = fit_line(charge[near], samples.value[near], with_error=False)
    x = total_ah if at_end else 0.0
    if not np.isfinite(line.slope):
        return StepEnd(float(samples.value[near].mean()), resolution / sqrt(12), time_second)
    undithered = abs(line.slope) * float(np.ptp(charge[near])) < SMALLEST_SPAN * resolution
    u = hypot(2 * line.residual_rms / sqrt(line.count), resolution / sqrt(12) if undithered else 0.0)
    return StepEnd(line.at(x), u, time_second)


def fit_slope(samples: "Samples", constant_current_ah: float) -> Line | None:
    """Line of the signal on charge over 10-90 % of the constant-current part of a step.

    `constant_current_ah` is the charge passed at its end.  None where fewer than five samples lie there.
    """
    low, high = (share * constant_current_ah for share in SLOPE_RANGE)
    inside = (samples.charge_ah >= low) & (samples.charge_ah <= high)
    if inside.sum() < SMALLEST_FOR_ERROR:
        return None
    return fit_line(samples.charge_ah[inside], samples.value[inside])


def estimate_e1(charge_end: StepEnd, discharge: Leg) -> Indicator:
    """E1 "paper": (P_EOC - P_EOD)/Q_dis; u^2(A) = u^2(P_EOC) + u^2(P_EOD)."""
    swing = charge_end.value - discharge.end.value
    swing_u = hypot(charge_end.u, discharge.end.u)
    return _divide(swing, swing_u, discharge.capacity_ah, discharge.capacity_u_ah)


def estimate_e2(charge: Leg, discharge: Leg) -> Indicator:
    """E2 "drift-corrected": A_n/((1 - w) Q_c + w Q_dis), A_n = P_EOC - (1 - w) P_SOC - w P_EOD.

    w = (t_EOC - t_SOC)/(t_EOD - t_SOC).  Exact for linear drift, any CE, unequal currents and durations.
    """
    w = weight_of_discharge(charge, discharge)
    swing = charge.end.value - (1 - w) * charge.start.value - w * discharge.end.value
    swing_u = sqrt(charge.end.u**2 + ((1 - w) * charge.start.u) ** 2 + (w * discharge.end.u) ** 2)
    capacity = (1 - w) * charge.capacity_ah + w * discharge.capacity_ah
    capacity_u = hypot((1 - w) * charge.capacity_u_ah, w * discharge.capacity_u_ah)
    return _divide(swing, swing_u, capacity, capacity_u)


def weight_of_discharge(charge: Leg, discharge: Leg) -> float:
    """Share w that the discharge's end has in the drift line: 1/2 for equal legs."""
    t_soc, t_eoc, t_eod = charge.start.time_second, charge.end.time_second, discharge.end.time_second
    return (t_eoc - t_soc) / (t_eod - t_soc)


def estimate_e3(charge: Leg, discharge: Leg) -> Indicator | None:
    """E3 "slope": k = (1 - w) k_c + w k_d with w = |I_d|/(|I_c| + |I_d|); the swing is k x Q_dis.

    None where a step has no slope line.
    """
    if charge.line is None or discharge.line is None:
        return None
    w = discharge.current_ampere / (charge.current_ampere + discharge.current_ampere)
    k = (1 - w) * charge.line.slope - w * discharge.line.slope
    k_u = hypot((1 - w) * charge.line.slope_u, w * discharge.line.slope_u)
    return Indicator(k * discharge.capacity_ah, k_u * discharge.capacity_ah, k, k_u)


def measure_asymmetry(charge: Leg, discharge: Leg) -> tuple[float, float]:
    """Slope asymmetry a = (k_d - k_c)/(k_d + k_c) in percent, and its u; NaN without both slopes.

    Reads i_leak/I where there is no drift (SCIENCE section 1.5).
    """
    if charge.line is None or discharge.line is None:
        return np.nan, np.nan
    k_c, k_d = charge.line.slope, -discharge.line.slope
    total = k_c + k_d
    if total == 0:
        return np.nan, np.nan
    u = 2 * hypot(k_c * discharge.line.slope_u, k_d * charge.line.slope_u) / total**2
    return 100 * (k_d - k_c) / total, 100 * u


def measure_hysteresis(charge: Leg, discharge: Leg, on_charge: "Samples", on_discharge: "Samples") -> float:
    """Mean |P_c(x) - P_d(x)| over the charge x still in the anode, in percent of the swing A_n of E2.

    200 points common to both legs; the drift line between P_SOC and P_EOD is taken off.
    """
    common = min(charge.capacity_ah, discharge.capacity_ah)
    swing = estimate_e2(charge, discharge).swing
    if not (common > 0 and swing != 0):
        return np.nan
    start, end = charge.start, discharge.end
    drift = (end.value - start.value) / (end.time_second - start.time_second)
    x = np.linspace(0, common, COMMON_POINTS)

    def along(samples: "Samples", position: "Floats") -> "Floats":
        order = np.argsort(position, kind="stable")
        level = samples.value - drift * (samples.time_second - start.time_second)
        return np.interp(x, position[order], level[order])

    up = along(on_charge, on_charge.charge_ah)
    down = along(on_discharge, discharge.capacity_ah - on_discharge.charge_ah)
    return 100 * float(np.abs(up - down).mean() / abs(swing))


def _divide(swing: float, swing_u: float, capacity: float, capacity_u: float) -> Indicator:
    """Swing per capacity: u^2(I)/I^2 = u^2(A)/A^2 + u^2(Q)/Q^2."""
    per_ah = swing / capacity
    return Indicator(swing, swing_u, per_ah, hypot(swing_u / capacity, per_ah * capacity_u / capacity))
