"""Units that the values contradict: a force that cannot be the cell's, a capacity that is not the current's."""

from dataclasses import dataclass
from math import log

import numpy as np

from ingest.reading.cells import Floats
from ingest.reading.findings import Question
from ingest.reading.findings_log import CELL, Findings
from pressiometry.units import UNITS, find_unit

_FAR, _NEAR = log(2), log(1.5)
"""A pressure twice or half the applied one makes a unit doubtful; another unit that comes within 1.5 x explains it."""

_CAPACITY_RATIOS = (1e-6, 1e-3, 1e3, 1e6, 1 / 3600, 3600.0, 1 / 60, 60.0)
_AGREES = 0.1
_MOST = 0.8
_AS_NAMED = "as_named"


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A column of the file, the unit that its header names, and that unit's factor to ours."""

    source: str
    unit: str
    factor: float


def force_unit(raw: Floats, named: NamedUnit, findings: Findings) -> str | None:
    """Unit of a force that replaces the header's; None where it fits the cell, or nothing is known to judge it by.

    Force over the cell's area should be near the pressure that the cell was put under; a header "N" over kilograms is
    off by 9.8 (IMPORT section 2.7, 57).
    """
    unit = find_unit(named.unit, "force")
    cell = findings.answers.get(CELL)
    known = np.abs(raw[np.isfinite(raw)])
    if (
        unit is None
        or not cell
        or named.factor != UNITS["force_newton"][unit]
        or findings.is_asked("unit:force_newton")
    ):
        return None
    level = float(np.median(known)) if len(known) else 0.0
    if level <= 0:
        return None
    applied = cell["applied_pressure_mpa"]
    pressures = {word: level * factor / cell["force_area_mm2"] for word, factor in UNITS["force_newton"].items()}
    away = {word: abs(log(pressure / applied)) for word, pressure in pressures.items()}
    best = min(away, key=lambda word: away[word])
    if away[unit] < _FAR or away[best] > _NEAR:
        return None
    text = (
        f"{named.source} is named {named.unit}, which over the cell's area gives {pressures[unit]:.3g} MPa; the cell's "
        f"applied pressure is {applied:g} MPa. In which unit is the force?"
    )
    choices = tuple((word, f"{word}: {pressure:.3g} MPa") for word, pressure in pressures.items())
    doubtful = [word for word, distance in away.items() if distance > _NEAR]
    return findings.ask(Question("force_unit", text, choices, named.source), suggested=best, against=doubtful)


def capacity_unit(ratios: Floats, named: NamedUnit, findings: Findings) -> float | None:
    """Factor for a reported capacity, where the current's integral is the same unit's factor times it in most cycles.

    `ratios` are integral / reported of each cycle that says something.  None where no unit explains them.
    """
    known = ratios[np.isfinite(ratios) & (ratios > 0)]
    ratio = next((r for r in _CAPACITY_RATIOS if len(known) and np.mean(np.abs(known / r - 1) < _AGREES) > _MOST), None)
    if ratio is None:
        return None
    word = _capacity_word(named.factor * ratio)
    header = named.unit or "Ah"
    text = (
        f"The integrated current gives {ratio:.3g} x the capacity in {named.source}, in nearly every cycle: a "
        "difference of units. Which is right?"
    )
    choices = (
        (word, f"the current; the capacity is in {word}, not in {header}"),
        (_AS_NAMED, f"the capacity in {header}; the current or the time is in another unit than its column says"),
    )
    question = Question("capacity_unit", text, choices, named.source)
    return ratio if findings.ask(question, suggested=word, against=(_AS_NAMED,)) == word else None


def _capacity_word(factor: float) -> str:
    """The unit of capacity with this factor to Ah, or the factor in words."""
    for unit, known in UNITS["cycle_discharging_capacity_ah"].items():
        if abs(factor / known - 1) < 1e-6:  # noqa: PLR2004 - rounding only
            return unit.replace(" ", "")
    return f"{factor:.3g} Ah"
