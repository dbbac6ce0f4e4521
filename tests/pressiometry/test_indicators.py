"""The estimators on a linear cell are exact where SCIENCE section 3 says so, and off by what it says elsewhere."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts

Maker = Callable[..., pd.DataFrame]
PER_G = "delta_delta_p_q_mpa_g_per_ah"


@pytest.mark.parametrize("estimator", ["e1", "e2", "e3"])
def test_all_estimators_are_exact_without_drift(
    linear: Maker, facts: CellFacts, true_indicator: float, estimator: str
) -> None:
    """Without drift, leak and noise every estimator returns the slope times the mass."""
    cycles = summarise_cycles(linear(), facts)
    assert cycles[f"{PER_G}_{estimator}"].to_numpy() == pytest.approx(true_indicator, rel=1e-9)


@pytest.mark.parametrize("estimator", ["e2", "e3"])
@pytest.mark.parametrize("efficiency", [1.0, 0.99, 0.86])
def test_e2_and_e3_are_exact_under_linear_drift(
    linear: Maker, facts: CellFacts, true_indicator: float, estimator: str, efficiency: float
) -> None:
    """Linear drift cancels for any CE: E2 without rests between the legs matters not; E3 with equal currents."""
    cycles = summarise_cycles(linear(drift=0.05, efficiency=efficiency), facts)
    assert cycles[f"{PER_G}_{estimator}"].to_numpy() == pytest.approx(true_indicator, rel=1e-9)


def test_e2_and_e3_are_exact_with_unequal_currents(linear: Maker, facts: CellFacts, true_indicator: float) -> None:
    """Charge at a fifth of the discharge current: the weights keep linear drift out of both."""
    cycles = summarise_cycles(linear(drift=0.05, charge_ampere=2.5e-4), facts)
    assert cycles[f"{PER_G}_e2"].to_numpy() == pytest.approx(true_indicator, rel=1e-9)
    assert cycles[f"{PER_G}_e3"].to_numpy() == pytest.approx(true_indicator, rel=1e-9)


def test_e1_is_off_by_the_drift_of_the_discharge(linear: Maker, facts: CellFacts) -> None:
    """E1 reads lower by the drift from the end of charge to the end of discharge, over Q_dis."""
    cycles = summarise_cycles(linear(drift=0.05), facts)
    hours = (cycles["discharge_end_second"] - cycles["charge_end_second"]) / 3600
    expected = -0.05 * hours / cycles["cycle_discharging_capacity_ah"]
    per_ah = cycles["delta_delta_p_q_mpa_per_ah_e1"] - 850.0
    assert per_ah.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-6)


def test_a_leak_lifts_e1_and_leaves_e2_and_e3(linear: Maker, facts: CellFacts, true_indicator: float) -> None:
    """At i_leak/I = 0.10 E1 reads 10 % high while E2 and E3 stay (SCIENCE section 1.6)."""
    cycles = summarise_cycles(linear(leak_share=0.10, efficiency=1.0), facts)
    assert cycles[f"{PER_G}_e1"].to_numpy() == pytest.approx(1.10 * true_indicator, rel=1e-9)
    assert cycles[f"{PER_G}_e2"].to_numpy() == pytest.approx(true_indicator, rel=0.005)
    assert cycles[f"{PER_G}_e3"].to_numpy() == pytest.approx(true_indicator, rel=1e-9)


def test_the_asymmetry_of_the_slopes_reads_the_leak(linear: Maker, facts: CellFacts) -> None:
    """Without drift a = i_leak/I (SCIENCE section 1.5)."""
    cycles = summarise_cycles(linear(leak_share=0.004), facts)
    assert cycles["slope_asymmetry_percent"].to_numpy() == pytest.approx(0.4, rel=1e-6)


def test_drift_enters_the_asymmetry_as_minus_drift_over_slope(linear: Maker, facts: CellFacts) -> None:
    """A = -(D/k)/I; a drift of 0.02 MPa a cycle is worth about -0.4 % (SCIENCE section 1.5)."""
    records = linear(drift=0.02 / 4.0, efficiency=1.0, rest=120.0)
    cycles = summarise_cycles(records, facts)
    assert cycles["slope_asymmetry_percent"].to_numpy() == pytest.approx(-100 * 0.005 / 850 / 1.25e-3, rel=1e-6)
    assert cycles["slope_asymmetry_percent"].iloc[0] == pytest.approx(-0.4, abs=0.1)


def test_lost_charge_makes_e1_minus_e2_half_of_what_is_lost(linear: Maker, facts: CellFacts) -> None:
    """Where the missing charge never swelled the layer, E2 lies (1 - CE)/2 below E1."""
    records = linear(efficiency=0.99, rest=120.0)
    charging = records["current_ampere"] > 0
    # the layer takes up 99 % of the charge: the pressure of each charge is shrunk about its start
    for _, rows in records[charging].groupby("instrument_cycle_count"):
        start = 70 + 850 * 2.5e-3 * 0.01 * (rows["instrument_cycle_count"].iloc[0] - 1)
        records.loc[rows.index, "surface_pressure_mpa"] = start + 0.99 * (rows["surface_pressure_mpa"] - start)
        after = records.index > rows.index[-1]
        records.loc[after, "surface_pressure_mpa"] -= 850 * 2.5e-3 * 0.01
    cycles = summarise_cycles(records, facts)
    assert cycles["e1_minus_e2_percent"].iloc[0] == pytest.approx(100 * 0.005, rel=0.02)


def test_the_line_to_the_step_end_has_no_bias_where_the_last_minutes_have(linear: Maker, facts: CellFacts) -> None:
    """The median of the last 5 min at 0.5C is 4 % low; the line evaluated at the step's end is exact."""
    records = linear(rest=120.0)
    cycles = summarise_cycles(records, facts)
    first = records[records["instrument_cycle_count"] == 1]
    charge, discharge = first[first["current_ampere"] > 0], first[first["current_ampere"] < 0]
    medians = [
        leg["surface_pressure_mpa"][leg["test_time_second"] >= leg["test_time_second"].iloc[-1] - 300].median()
        for leg in (charge, discharge)
    ]
    swing = 850 * cycles["cycle_discharging_capacity_ah"].iloc[0]
    assert 100 * ((medians[0] - medians[1]) / swing - 1) == pytest.approx(-4.2, abs=0.3)
    assert cycles["p_eoc_mpa"].iloc[0] - cycles["p_eod_mpa"].iloc[0] == pytest.approx(swing, rel=1e-9)


def test_constant_voltage_is_part_of_the_swing_and_not_of_the_slope(
    linear: Maker, facts: CellFacts, true_indicator: float
) -> None:
    """The step end is the end of CV; the slope is fitted on CC only, whose current is the charge current."""
    cycles = summarise_cycles(linear(cv_seconds=3000.0), facts)
    assert cycles["charging_current_ampere"].to_numpy() == pytest.approx(1.25e-3)
    assert (cycles["cycle_charging_capacity_ah"] > 2.7e-3).all()
    for estimator in ("e2", "e3"):
        assert cycles[f"{PER_G}_{estimator}"].to_numpy() == pytest.approx(true_indicator, rel=1e-3)


def test_hysteresis_of_a_reversible_cell_is_nothing_and_a_shift_is_found(linear: Maker, facts: CellFacts) -> None:
    """H is 0 for a linear cell with drift, and the size of a shift between the legs over the swing."""
    records = linear(drift=0.05, efficiency=1.0)
    assert summarise_cycles(records, facts)["hysteresis_percent"].to_numpy() == pytest.approx(0, abs=0.2)
    x = np.linspace(0, 1, 200)
    bow = 0.05 * 850 * 2.5e-3
    charging = records["current_ampere"] > 0
    for _, rows in records[charging].groupby("instrument_cycle_count"):
        place = np.linspace(0, 1, len(rows))
        records.loc[rows.index, "surface_pressure_mpa"] += bow * np.sin(np.pi * place)
    expected = 100 * 0.05 * np.sin(np.pi * x).mean()
    found = summarise_cycles(records, facts)["hysteresis_percent"].to_numpy()
    assert found == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("estimator", ["e1", "e2", "e3"])
def test_u_is_the_scatter_of_repeated_measurements(linear: Maker, facts: CellFacts, estimator: str) -> None:
    """With white noise u of E3 is the sd of 300 cycles; that of E1 and E2, whose line ends at the step, within 25 %."""
    cycles = summarise_cycles(linear(cycles=300, noise=0.01, seed=5, efficiency=1.0), facts)
    column = f"{PER_G}_{estimator}"
    ratio = cycles[f"{column}_u"].median() / cycles[column].std()
    assert ratio == pytest.approx(1, abs=0.15 if estimator == "e3" else 0.25)


def test_a_dithered_resolution_is_in_the_residuals_already(linear: Maker, facts: CellFacts) -> None:
    """Rounded to 0.1 kgf on a ramp, u holds the rounding once: it is neither 0 nor 1.6 times the scatter."""
    cycles = summarise_cycles(linear(cycles=60, noise=0.002, resolution=0.007388, efficiency=1.0), facts)
    ratio = cycles[f"{PER_G}_e2_u"].median() / cycles[f"{PER_G}_e2"].std()
    assert 0.7 < ratio < 1.4


def test_a_spring_rig_gets_the_count_added(linear: Maker, facts: CellFacts) -> None:
    """Where the end line spans fewer than three counts u(P_end) holds at least a count over sqrt(12)."""
    cycles = summarise_cycles(linear(slope=850 / 12.6, resolution=0.007388), facts)
    assert (cycles["p_eoc_mpa_u"] >= 0.007388 / np.sqrt(12)).all()


def test_the_slope_is_chosen_in_a_spring_rig(linear: Maker, facts: CellFacts) -> None:
    """Below 100 counts of median swing in cycles 2-6 the cell's estimator is E3, and says why."""
    cycles = summarise_cycles(linear(cycles=6, slope=850 / 12.6, resolution=0.007388, noise=0.004), facts)
    assert cycles.attrs["estimator"] == "e3"
    assert "counts" in cycles.attrs["estimator_reason"]
    assert cycles["delta_delta_p_mpa"].to_numpy() == pytest.approx(
        (cycles["delta_delta_p_q_mpa_per_ah_e3"] * cycles["cycle_discharging_capacity_ah"]).to_numpy()
    )
