"""What figures take from tables."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from figures.tables import (
    Quantity,
    Unit,
    available_units,
    capacity,
    choose_unit,
    complete_cycles,
    estimator_of,
    evenly_chosen,
    flags,
    has_values,
    indicator,
    numbers,
    signal_of,
)
from pressiometry.columns import CYCLE_COLUMNS, MECHANICAL_SIGNALS, PRESSURE, THICKNESS, MechanicalSignal


def test_gaps_and_infinities_are_none() -> None:
    """A gap is a gap: NaN and infinity are never drawn."""
    table = pd.DataFrame({"x": [1.0, np.nan, np.inf]})
    assert numbers(table, "x", 2.0) == [2.0, None, None]
    assert numbers(table, "absent") == [None, None, None]
    assert not has_values(table, "absent")
    assert flags(pd.DataFrame({"masked": [1.0, 0.0, np.nan]}), "masked") == [True, False, False]


@pytest.mark.parametrize("signal", MECHANICAL_SIGNALS)
def test_every_unit_of_the_indicator_is_a_known_column(signal: MechanicalSignal) -> None:
    """The indicator's columns are those of columns.py for every signal (stiffness: pressure only)."""
    for unit in get_args(Unit):
        if unit == "stiffness":
            continue
        assert indicator(signal, unit).column in CYCLE_COLUMNS
    assert indicator(PRESSURE, "stiffness").column in CYCLE_COLUMNS
    assert indicator(PRESSURE, "per_ah", "e1").column in CYCLE_COLUMNS
    assert indicator(PRESSURE, "areal", "e1").column == indicator(PRESSURE, "areal").column


def test_the_unit_falls_back_to_one_the_cell_has() -> None:
    """Without a mass the swing in MPa is shown in place of the paper's unit."""
    swing = pd.DataFrame({"delta_delta_p_mpa": [2.1]})
    assert choose_unit(swing, "paper") == "swing"
    assert available_units(swing) == ["swing"]
    both = swing.assign(delta_delta_p_q_percent=[100.0])
    assert choose_unit(both, "paper") == "swing"
    assert choose_unit(both, "relative") == "relative"
    assert choose_unit(both[["delta_delta_p_q_percent"]], "paper") == "relative"
    assert choose_unit(pd.DataFrame({"x": [1]}), "paper") == "swing"


def test_without_a_mass_thickness_is_per_charge_and_nothing_is_per_a_default_area() -> None:
    """A cell that is no pellet has no electrode area unless somebody gave one: um/(A h), capacity in mAh."""
    cells = pd.DataFrame(
        {
            "mechanical_signal": ["thickness_micrometre"],
            "delta_delta_thickness_micrometre": [40.0],
            "delta_delta_thickness_q_micrometre_per_ah": [16.0],
            "delta_delta_thickness_q_micrometre_cm2_per_mah": [0.02],
            "cycle_discharging_capacity_ah": [2.4755],
            "discharging_capacity_mah_per_cm2": [1865.0],
        }
    )
    assert choose_unit(cells, "paper") == "per_ah"
    assert "areal" not in available_units(cells)
    assert capacity(cells).text(2475.5) == "2475.5 mAh"
    pellet = cells.assign(mechanical_signal="surface_pressure_mpa")
    assert capacity(pellet).unit == "mAh/cm²"
    assert "areal" in available_units(pellet.assign(delta_delta_p_q_mpa_cm2_per_mah=[1.0]))


def test_the_signal_is_what_the_cycles_say() -> None:
    """Thickness cells show thickness; cells that say nothing are pressure cells."""
    assert signal_of(pd.DataFrame({"mechanical_signal": ["thickness_micrometre"]})) is THICKNESS
    assert signal_of(pd.DataFrame({"mechanical_signal": [None]})) is PRESSURE
    assert signal_of(pd.DataFrame({"x": [1]})) is PRESSURE
    assert estimator_of(pd.DataFrame({"x": [1]})) == ""
    assert estimator_of(pd.DataFrame({"estimator": [None]})) == ""


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("discharging_capacity_mah_per_g", "mAh/g"),
        ("discharging_capacity_mah_per_cm2", "mAh/cm²"),
        ("cycle_discharging_capacity_ah", "mAh"),
    ],
)
def test_capacity_is_in_the_best_unit(column: str, unit: str) -> None:
    """Per mass; per area where CE is not defined, as for symmetric cells; else as it is."""
    assert capacity(pd.DataFrame({column: [1.0]})).unit == unit
    full = pd.DataFrame({column: [1.0], "coulombic_efficiency_percent": [99.0]})
    assert capacity(full).unit == unit.replace("/cm²", "")
    assert capacity(pd.DataFrame({"x": [1.0]}), "charging").symbol == "Q<sub>ch</sub>"


def test_formation_stands_before_cycle_one_and_unfinished_cycles_nowhere() -> None:
    """Formation cycles are shown but not counted; a cycle in progress enters no trend (SCIENCE section 2)."""
    table = pd.DataFrame(
        {
            "cycle_count": [np.nan, np.nan, 1, 2, 3],
            "formation_count": [1, 2, np.nan, np.nan, np.nan],
            "state": ["complete"] * 4 + ["in_progress"],
        }
    )
    assert complete_cycles(table)["position"].tolist() == [-1, 0, 1, 2]
    unnumbered = pd.DataFrame({"cycle_count": [np.nan, 1.0]})
    assert complete_cycles(unnumbered)["position"].tolist() == [1.0]


def test_evenly_chosen_cycles_hold_first_last_and_the_chosen_one() -> None:
    """A thousand cycles cannot all be drawn: the chosen one always is."""
    chosen = evenly_chosen(range(1, 1001), 10, always=437)
    assert len(chosen) == 11
    assert {1, 437, 1000} <= set(chosen)
    assert evenly_chosen([3, 1], 5, always=9) == [1, 3]


def test_numbers_are_written_with_a_true_minus_and_gaps_with_a_dash() -> None:
    """A value is read as it is printed: minus U+2212, no value an en dash."""
    quantity = Quantity("x", "x", "MPa", 2)
    assert quantity.text(-1.234) == "\N{MINUS SIGN}1.23 MPa"
    assert quantity.text(None) == "\N{EN DASH} MPa"
    assert Quantity("x", "CE", "", 2).strip_title == "<b>CE</b>"
    assert Quantity("x", "CE", "", 2).axis_title == "CE"
