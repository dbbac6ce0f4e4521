"""Units and the numbers of the paper that hang on them: SCIENCE sections 1 and 2, IMPORT section 2.5."""

import numpy as np
import pytest

from pressiometry.columns import PRESSURE, RECORD_COLUMNS, STRAIN
from pressiometry.errors import InvalidInputError
from pressiometry.facts import CellFacts
from pressiometry.normalise import systematic_percent
from pressiometry.units import UNITS, convert, force_to_pressure

THIRTEEN, TWELVE = CellFacts(), CellFacts(force_diameter_mm=12.0)


def test_a_kilogram_force_on_13_mm() -> None:
    """1 kgf is 0.0738829 MPa on 13 mm, 0.1 kgf 7.388 kPa, 1 MPa 13.535 kgf."""
    newton = convert(1.0, "kgf", "N")
    assert force_to_pressure(newton, THIRTEEN) == pytest.approx(0.0738829, abs=5e-8)
    assert THIRTEEN.pressure_resolution_mpa == pytest.approx(7.388e-3, abs=5e-7)
    assert 1 / force_to_pressure(newton, THIRTEEN) == pytest.approx(13.535, abs=5e-4)
    assert 70 / force_to_pressure(newton, THIRTEEN) == pytest.approx(947.4, abs=0.1)
    assert 30 / force_to_pressure(newton, THIRTEEN) == pytest.approx(406.0, abs=0.1)


def test_the_area_is_ambiguous_by_17_percent() -> None:
    """13 mm is 132.732 mm2 (1.3273 cm2), 12 mm 113.097 mm2: 17.4 % apart."""
    assert THIRTEEN.force_area_mm2 == pytest.approx(132.732, abs=5e-4)
    assert TWELVE.force_area_mm2 == pytest.approx(113.097, abs=5e-4)
    ratio = force_to_pressure(1.0, TWELVE) / force_to_pressure(1.0, THIRTEEN)
    assert 100 * (ratio - 1) == pytest.approx(17.4, abs=0.05)


def test_a_cycle_of_the_paper_swings_over_292_counts() -> None:
    """2.16 MPa is 292 counts; rounding is sd 2.13 kPa a reading, 0.14 % of the swing for a difference."""
    count = THIRTEEN.pressure_resolution_mpa
    assert 2.16 / count == pytest.approx(292, abs=0.5)
    assert 1000 * count / np.sqrt(12) == pytest.approx(2.13, abs=5e-3)
    assert 100 * np.sqrt(2) * count / np.sqrt(12) / 2.16 == pytest.approx(0.14, abs=5e-3)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1, "kgf/cm2", 0.0980665), (1, "psi", 0.006894757), (10, "bar", 1.0), (1000, "mbar", 0.1),
        (1e6, "Pa", 1.0), (1000, "kPa", 1.0), (1, "N/mm²", 1.0),
    ],
)  # fmt: skip
def test_pressures(value: float, unit: str, expected: float) -> None:
    """Pressures of IMPORT section 2.5 in MPa."""
    assert convert(value, unit, "MPa") == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1, "lbf", "N", 4.4482216), (1, "kg", "N", 9.80665), (2, "kN", "N", 2000), (1, "mA", "A", 1e-3),
        (1, "μA", "A", 1e-6), (1, "uA", "A", 1e-6), (3600, "mA s", "mAh", 1.0), (1, "h", "sec", 3600),
        (25, "degC", "K", 298.15), (212, "°F", "°C", 100), (1, "mm", "um", 1000), (2, "%", "", 0.02),
        (1, "MPA", "Pa", 1e6),
    ],
)  # fmt: skip
def test_spellings(value: float, source: str, target: str, expected: float) -> None:
    """Usual spellings, both micro signs, and units with a zero of their own."""
    assert convert(value, source, target) == pytest.approx(expected)


def test_there_and_back_is_the_same_and_nan_stays_nan() -> None:
    """Every unit of every column, out and in again."""
    values = np.array([-1.5, 0.0, 2.25, np.nan])
    for units in UNITS.values():
        names = list(units)
        for name in names:
            assert convert(convert(values, names[0], name), name, names[0]) == pytest.approx(values, nan_ok=True)


def test_the_first_unit_of_a_column_is_its_own() -> None:
    """Every entry begins with the column's unit, at factor 1."""
    for column, units in UNITS.items():
        assert next(iter(units)) == (RECORD_COLUMNS[column].unit or "1")
        assert next(iter(units.values())) == 1


def test_unlike_or_unknown_units_are_refused() -> None:
    """No quantity knows both: the text names them."""
    for source, target in (("N", "MPa"), ("furlong", "m")):
        with pytest.raises(InvalidInputError, match=source):
            convert(1.0, source, target)


def test_systematic_parts_add_in_squares() -> None:
    """Mass counts for every signal; area and force gain for pressure only."""
    facts = CellFacts(mass_uncertainty_percent=2.0, area_uncertainty_percent=1.0, force_gain_uncertainty_percent=2.0)
    assert systematic_percent(facts, PRESSURE) == pytest.approx(3.0)
    assert systematic_percent(facts, STRAIN) == pytest.approx(2.0)
