"""The estimators applied to the cycles, the one chosen for the cell, and the reason where there is no value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pressiometry.indicators import Indicator, estimate_e1, estimate_e2, estimate_e3
from pressiometry.normalise import REFERENCE_CYCLES
from pressiometry.past import NO_PAST, Past

if TYPE_CHECKING:
    import pandas as pd

    from pressiometry.columns import MechanicalSignal
    from pressiometry.facts import CellFacts
    from pressiometry.pairing import Cycle

SMALL_SWING_COUNTS = 100
"""Below this median swing of cycles 2-6 the slope is taken instead of the step ends."""

REASONS = {
    "in_progress": "The cycle is not finished: the records end before a rest, a charge or the usual end voltage.",
    "no_discharge": "The discharge is missing or below 10 % of the cell's own, so a swing per discharge is undefined.",
    "end_not_recorded": "Records are missing where a step of this cycle begins or ends.",
    "low_coverage": "More than 2 % of a step lacks samples of the mechanical signal.",
    "saturated": "The mechanical signal stays at the limit of its range.",
    "stuck_sensor": "The mechanical signal does not move while current flows.",
}
SYMMETRIC = (
    "Not applicable to a symmetric cell: lithium leaves one electrode as it reaches the other, "
    "so the swing is near zero and says nothing."
)
NO_SIGNAL = "No pressure, thickness or strain was recorded."
NO_SAMPLES = "The mechanical signal has no samples in a step of this cycle."
NO_CAPACITY = "The charge passed is not known: records are missing and the instrument reports no capacity."
NO_CHARGE = "There is no charge before this discharge: only E1 can be computed."
NO_CONSTANT_CURRENT = "A step of this cycle has no constant current with enough samples to fit a slope to."

Estimates = dict[str, Indicator | str]
"""For each of e1, e2, e3 the indicator, or the sentence why there is none."""


class Choice(NamedTuple):
    """The estimator of a cell and why it is this one."""

    estimator: str
    reason: str


def estimate_all(cycle: "Cycle", codes: Sequence[str], jump: str = "") -> Estimates:
    """E1, E2 and E3 of a cycle, or why not; `codes` are its quality codes, `jump` what jumped in it, if anything."""
    blocked = next((REASONS[code] for code in codes if code in REASONS), jump)
    if blocked:
        return dict.fromkeys(("e1", "e2", "e3"), blocked)
    charge, discharge = cycle.charge, cycle.discharge
    legs = [part for part in (charge, discharge) if part is not None]
    if any(part.leg is None for part in legs):
        known = all(np.isfinite(part.capacity.total_ah) for part in legs)
        return dict.fromkeys(("e1", "e2", "e3"), NO_SAMPLES if known else NO_CAPACITY)
    down = discharge.leg if discharge else None
    up = charge.leg if charge else None
    if down is None:
        return dict.fromkeys(("e1", "e2", "e3"), REASONS["no_discharge"])
    if up is None:
        return {"e1": estimate_e1(down.start, down), "e2": NO_CHARGE, "e3": NO_CHARGE}
    return {
        "e1": estimate_e1(up.end, down),
        "e2": estimate_e2(up, down),
        "e3": estimate_e3(up, down) or NO_CONSTANT_CURRENT,
    }


def choose_estimator(cycles: "pd.DataFrame", estimates: Sequence[Estimates], facts: "CellFacts",
                     resolution: float, past: Past = NO_PAST) -> Choice:  # fmt: skip
    """Estimator of the cell, the same for all its cycles (SCIENCE section 3).

    As stated in the facts; else E2, E3 where the median swing of cycles 2-6 is below 100 counts, E1 where no
    cycle allows either.
    """
    if facts.estimator != "automatic":
        return Choice(facts.estimator, "chosen on the cell's page")
    earlier = past.column("e2_swing")
    if not np.isfinite(earlier).any() and not any(isinstance(each["e2"], Indicator) for each in estimates):
        return Choice("e1", "no cycle has a charge and the following discharge, which E2 and E3 need")
    inside = cycles["cycle_count"].between(*REFERENCE_CYCLES)
    low, high = REFERENCE_CYCLES
    number = past.column("cycle_count")
    swings = np.abs(earlier[np.isfinite(earlier) & (number >= low) & (number <= high)]).tolist()
    swings += [
        abs(each["e2"].swing)
        for each, is_inside in zip(estimates, inside, strict=True)
        if is_inside and isinstance(each["e2"], Indicator)
    ]
    has_slopes = past.flag("has_e3").any() or any(isinstance(each["e3"], Indicator) for each in estimates)
    if swings and has_slopes and resolution > 0 and np.median(swings) < SMALL_SWING_COUNTS * resolution:
        counts = float(np.median(swings)) / resolution
        return Choice("e3", f"the swing of cycles 2-6 is only {counts:.0f} counts of the sensor, below 100")
    return Choice("e2", "default: free of linear drift")


def add_estimates(cycles: "pd.DataFrame", estimates: Sequence[Estimates], signal: "MechanicalSignal",
                  estimator: str) -> None:  # fmt: skip
    """Columns of the swing and of the indicator per A h, all estimators and the cell's own, made in place."""
    per_ah = signal.named("delta_delta_{}_q", per="per_ah")
    swing = signal.named("delta_delta_{}")
    for code in ("e1", "e2", "e3"):
        _add_columns(cycles, f"{per_ah}_{code}", [_per_ah(each[code]) for each in estimates])
    _add_columns(cycles, per_ah, [_per_ah(each[estimator]) for each in estimates])
    _add_columns(cycles, swing, [_swing(each[estimator]) for each in estimates])
    cycles["e1_minus_e2_percent"] = 100 * (cycles[f"{per_ah}_e1"] / cycles[f"{per_ah}_e2"] - 1)
    for each, reasons in zip(estimates, cycles["not_computed"], strict=True):
        for code in ("e1", "e2", "e3"):
            if isinstance(each[code], str):
                reasons[f"{per_ah}_{code}"] = each[code]
        if isinstance(each[estimator], str):
            reasons[per_ah] = reasons[swing] = each[estimator]


def _per_ah(estimate: Indicator | str) -> tuple[float, float]:
    return (np.nan, np.nan) if isinstance(estimate, str) else (estimate.per_ah, estimate.per_ah_u)


def _swing(estimate: Indicator | str) -> tuple[float, float]:
    return (np.nan, np.nan) if isinstance(estimate, str) else (estimate.swing, estimate.swing_u)


def _add_columns(cycles: "pd.DataFrame", name: str, pairs: list[tuple[float, float]]) -> None:
    values: Any = np.array(pairs, dtype=float).reshape(-1, 2)
    cycles[name], cycles[f"{name}_u"] = values[:, 0], values[:, 1]
