"""The indicator in its units: paper (per Ah/g), per A h, areal, relative and stiffness-normalised (SCIENCE 1.1)."""

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from pressiometry.averages import median
from pressiometry.columns import PRESSURE, MechanicalSignal
from pressiometry.past import NO_PAST, Past

if TYPE_CHECKING:
    import pandas as pd

    from pressiometry.facts import CellFacts

REFERENCE_CYCLES = (2, 6)
"""The cell's own reference: the median of these cycles, both included."""
REFERENCE_COUNT = 3
"""Fewer valid cycles among them than this make no reference."""

NO_MASS = "The active mass is not known: enter it, or the loading, on the cell's page."
NO_STIFFNESS = "The stiffness of the fixture is not known: enter it on the cell's page."
NO_REFERENCE = "Fewer than three valid cycles lie among cycles 2-6, so there is no reference yet."

NOT_POSITIVE = "The median of cycles 2-6 is not above zero, so nothing can be said relative to it."


def find_reference(cycles: "pd.DataFrame", column: str, past: Past = NO_PAST, told: str = "") -> float:
    """Median of a column over the valid cycles 2-6, NaN where fewer than three are valid.

    A cycle is valid when it is not masked and has a value.  `told` is what the past calls the column, if otherwise.
    """
    number, masked, values = (
        np.concatenate((past.column(before), cycles[name].to_numpy(dtype=np.float64)))
        for before, name in (("cycle_count", "cycle_count"), ("masked", "masked"), (told or column, column))
    )
    low, high = REFERENCE_CYCLES
    chosen = values[(number >= low) & (number <= high) & (masked == 0) & np.isfinite(values)]
    return median(chosen) if chosen.size >= REFERENCE_COUNT else float("nan")


def systematic_percent(facts: "CellFacts", signal: MechanicalSignal) -> float:
    """Uncertainty of mass, area and force gain together, in percent; cancels in the relative indicator.

    The force area and the gain concern the pressure only.

    >>> from pressiometry.facts import CellFacts
    >>> facts = CellFacts(mass_uncertainty_percent=0.3, area_uncertainty_percent=0.4)
    >>> round(systematic_percent(facts, PRESSURE), 3)
    0.5
    """
    parts = [facts.mass_uncertainty_percent]
    if signal is PRESSURE:
        parts += [facts.area_uncertainty_percent, facts.force_gain_uncertainty_percent]
    return sqrt(sum(part**2 for part in parts))


def add_units(cycles: "pd.DataFrame", signal: MechanicalSignal, facts: "CellFacts", past: Past = NO_PAST) -> float:
    """Reference of the relative indicator; columns of the indicator in every unit, with u, made in place.

    They are made of the columns per A h of all estimators; needs these, cycle_count, masked and not_computed (a dict a
    row), to which it adds why a unit is missing.  Source: SCIENCE sections 1.1 and 3.
    """
    per_ah, per_g = signal.named("delta_delta_{}_q", per="per_ah"), signal.named("delta_delta_{}_q", per="g_per_ah")
    areal = signal.named("delta_delta_{}_q", per="cm2_per_mah")
    mass = facts.active_mass_g
    for ending in ("", "_e1", "_e2", "_e3"):
        _scale(cycles, per_ah + ending, per_g + ending, mass, NO_MASS)
    _scale(cycles, per_ah, areal, facts.electrode_area_cm2 / 1000, "")
    if signal is PRESSURE:
        stiffness = facts.fixture_stiffness_mpa_per_um
        thickness = "delta_delta_p_q_micrometre_cm2_per_mah"
        _scale(cycles, areal, thickness, 1 / stiffness if stiffness else None, NO_STIFFNESS)
    reference = find_reference(cycles, per_ah, past, "per_ah")
    past.check_same("indicator_reference", reference)
    factor = 100 / reference if reference > 0 else None
    reason = NO_REFERENCE if np.isnan(reference) else NOT_POSITIVE
    _scale(cycles, per_ah, f"delta_delta_{signal.short}_q_percent", factor, reason)
    return reference


def _scale(cycles: "pd.DataFrame", source: str, target: str, factor: float | None, reason: str) -> None:
    """Target = factor x source with its u, or NaN with the source's reason, else with the given one."""
    for ending in ("", "_u"):
        cycles[target + ending] = cycles[source + ending] * (np.nan if factor is None else factor)
    for value, reasons in zip(cycles[source], cycles["not_computed"], strict=True):
        if source in reasons:
            reasons[target] = reasons[source]
        elif factor is None and np.isfinite(value):
            reasons[target] = reason
