"""Rows of cycles: units of the indicator, estimator of the cell, trends, symmetric cells, absent facts."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pressiometry.columns import CYCLE_COLUMNS, MECHANICAL_SIGNALS, indicator_names
from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts

Maker = Callable[..., pd.DataFrame]
PER_G = "delta_delta_p_q_mpa_g_per_ah"


def test_columns_are_those_of_the_table_in_their_order(linear: Maker, facts: CellFacts) -> None:
    """Every column of CYCLE_COLUMNS but those of the other signals, in its order."""
    cycles = summarise_cycles(linear(), facts)
    others = {name for signal in MECHANICAL_SIGNALS[1:] for name in indicator_names(signal)}
    assert list(cycles.columns) == [name for name in CYCLE_COLUMNS if name not in others]


def test_the_four_units_of_the_indicator() -> None:
    """13.5 MPa g/(A h) at 12.6 mg/cm2 is 1.07 MPa/(mAh/cm2), 4.25 um per mAh/cm2 at 0.252 MPa/um."""
    facts = CellFacts(loading_mg_per_cm2=12.6, fixture_stiffness_mpa_per_um=0.252)
    mass = facts.active_mass_g
    assert mass is not None
    from_slope = LINEAR_SLOPE * mass
    cycles = summarise_cycles(six_cycles(), facts)
    assert cycles[PER_G].to_numpy() == pytest.approx(from_slope)
    scaled = 13.5 / from_slope
    assert scaled * cycles["delta_delta_p_q_mpa_cm2_per_mah"].iloc[0] == pytest.approx(1.0714, abs=1e-4)
    assert scaled * cycles["delta_delta_p_q_micrometre_cm2_per_mah"].iloc[0] == pytest.approx(4.2517, abs=1e-3)
    assert cycles["delta_delta_p_q_percent"].to_numpy() == pytest.approx(100)


LINEAR_SLOPE = 850.0


def six_cycles() -> pd.DataFrame:
    """Six plain cycles of an hour each way."""
    current = np.tile(np.repeat([0, 1e-3, 0, -1e-3], [10, 60, 10, 60]), 6)
    charge = np.cumsum(current) * 60 / 3600
    time = 60.0 * np.arange(1, current.size + 1)
    records = pd.DataFrame({"test_time_second": time, "current_ampere": current, "voltage_volt": 3 + 100 * charge})
    records["surface_pressure_mpa"] = 70 + LINEAR_SLOPE * charge
    return pd.concat([records, records.iloc[-1:].assign(test_time_second=time[-1] + 60, current_ampere=0.0)])


def test_a_known_stiffness_of_the_paper() -> None:
    """1.07 MPa/(mAh/cm2) is 0.22 MPa/um where NCM does not move, 0.25 where it takes back 0.60 um (SCIENCE 1.1)."""
    areal = 13.5 / 12.6
    assert areal / 4.852 == pytest.approx(0.22, abs=0.005)
    assert areal / (4.852 - 0.60) == pytest.approx(0.252, abs=0.0005)


def test_without_mass_the_rest_is_there_and_the_sentence_says_what_is_missing(linear: Maker) -> None:
    """No mass: swing in MPa and the areal value, no MPa g/(A h); no stiffness: no um."""
    cycles = summarise_cycles(linear(cycles=6), CellFacts())
    assert cycles[PER_G].isna().all()
    assert cycles["delta_delta_p_q_mpa_cm2_per_mah"].notna().all()
    assert cycles["delta_delta_p_mpa"].notna().all()
    reasons = cycles["not_computed"].iloc[0]
    assert "mass" in reasons[PER_G]
    assert "mass" in reasons[f"{PER_G}_e3"]
    assert "stiffness" in reasons["delta_delta_p_q_micrometre_cm2_per_mah"]
    assert "delta_delta_p_q_mpa_cm2_per_mah" not in reasons


def test_mass_and_loading_together_are_told(linear: Maker) -> None:
    """Both given: the mass counts, and the assumption says so."""
    cycles = summarise_cycles(linear(), CellFacts(active_mass_mg=16.0, loading_mg_per_cm2=12.6))
    assert cycles[PER_G].to_numpy() == pytest.approx(13.6)
    assert any("Mass and loading" in text for text in cycles.attrs["assumptions"])


def test_fewer_than_three_valid_cycles_make_no_reference(linear: Maker, facts: CellFacts) -> None:
    """Relative indicator and retention need three of cycles 2-6; the sentence says so."""
    short, long = summarise_cycles(linear(cycles=3), facts), summarise_cycles(linear(cycles=4), facts)
    assert short["delta_delta_p_q_percent"].isna().all()
    assert "cycles 2-6" in short["not_computed"].iloc[0]["delta_delta_p_q_percent"]
    assert "cycles 2-6" in short["not_computed"].iloc[0]["capacity_retention_percent"]
    assert long["delta_delta_p_q_percent"].notna().all()


def test_a_reference_that_is_not_above_zero_has_a_sentence_of_its_own(linear: Maker, facts: CellFacts) -> None:
    """A pressure that falls on charge: the cycles are valid, their median is negative (SCIENCE section 4)."""
    records = linear(cycles=7)
    records["surface_pressure_mpa"] = 150.0 - records["surface_pressure_mpa"]
    cycles = summarise_cycles(records, facts)
    assert (cycles["delta_delta_p_q_mpa_per_ah"] < 0).all()
    assert cycles["delta_delta_p_q_percent"].isna().all()
    reasons = {row["delta_delta_p_q_percent"] for row in cycles["not_computed"]}
    assert reasons == {"The median of cycles 2-6 is not above zero, so nothing can be said relative to it."}
    assert "Fewer" not in cycles["not_computed"].iloc[0].get("capacity_retention_percent", "")


@pytest.mark.parametrize("estimator", ["e1", "e2", "e3"])
def test_a_chosen_estimator_is_the_cells(linear: Maker, facts: CellFacts, estimator: str) -> None:
    """A person's choice wins; swing, indicator and their u are that estimator's in every cycle."""
    cycles = summarise_cycles(linear(noise=0.004, drift=0.02), replace(facts, estimator=estimator))  # type: ignore[arg-type]
    assert set(cycles["estimator"]) == {estimator} == {cycles.attrs["estimator"]}
    for ending in ("", "_u"):
        column = f"{PER_G}_{estimator}{ending}"
        assert cycles[f"{PER_G}{ending}"].to_numpy() == pytest.approx(cycles[column].to_numpy())


def test_e2_is_the_default_and_its_swing_is_a_n(linear: Maker, facts: CellFacts) -> None:
    """A_n = P_EOC - (1 - w) P_SOC - w P_EOD, and I_n divides by (1 - w) Q_c + w Q_dis."""
    cycles = summarise_cycles(linear(noise=0.004, drift=0.02), facts)
    assert cycles.attrs["estimator"] == "e2"
    w = (cycles["charge_end_second"] - cycles["charge_start_second"]) / (
        cycles["discharge_end_second"] - cycles["charge_start_second"]
    )
    swing = cycles["p_eoc_mpa"] - (1 - w) * cycles["p_soc_mpa"] - w * cycles["p_eod_mpa"]
    q = (1 - w) * cycles["cycle_charging_capacity_ah"] + w * cycles["cycle_discharging_capacity_ah"]
    assert cycles["delta_delta_p_mpa"].to_numpy() == pytest.approx(swing.to_numpy())
    assert cycles["delta_delta_p_q_mpa_per_ah"].to_numpy() == pytest.approx((swing / q).to_numpy())


def test_drift_and_baseline_slope(linear: Maker, facts: CellFacts) -> None:
    """d_n holds the drift and the Li that stayed; Theil-Sen over ten cycles, from the fifth on; gaps break d_n."""
    records = linear(cycles=12, drift=0.01)
    cycles = summarise_cycles(records, facts)
    hours = cycles["discharge_end_second"].diff() / 3600
    expected = 0.01 * hours + 850 * 0.025e-3
    assert cycles["p_drift_mpa"].iloc[1:].to_numpy() == pytest.approx(expected.iloc[1:].to_numpy())
    assert np.isnan(cycles["p_drift_mpa"].iloc[0])
    slope = cycles["p_baseline_slope_mpa"]
    assert slope.isna().tolist() == [True] * 4 + [False] * 8
    assert slope.iloc[-1] == pytest.approx(expected.iloc[-1])
    holes = records["surface_pressure_mpa"].mask(records["instrument_cycle_count"] == 6)
    broken = summarise_cycles(records.assign(surface_pressure_mpa=holes), facts)
    assert broken["p_drift_mpa"].isna().tolist() == [row in {0, 5, 6} for row in range(12)]


def test_no_drift_over_missing_hours(linear: Maker, facts: CellFacts) -> None:
    """What the pressure did in four days without records is no drift of one cycle, and this is said."""
    records = linear(cycles=4, drift=0.01)
    later = records["test_time_second"] + 4 * 86_400 * (records["instrument_cycle_count"] > 2)
    cycles = summarise_cycles(records.assign(test_time_second=later), facts)
    assert cycles["p_drift_mpa"].isna().tolist() == [True, False, True, False]
    assert cycles["not_computed"].iloc[2]["p_drift_mpa"] == "No records for 96 h since the discharge before"


def test_voltages_energies_and_polarisation(linear: Maker, facts: CellFacts) -> None:
    """Charge-weighted means, their difference, and the energies that belong to them."""
    cycles = summarise_cycles(linear(efficiency=1.0), facts)
    middle = 3.6 + 200 * 1.25e-3
    assert cycles["charging_voltage_volt"].iloc[0] == pytest.approx(middle + 50 * 1.25e-3, abs=1e-3)
    assert cycles["polarisation_volt"].iloc[0] == pytest.approx(2 * 50 * 1.25e-3, abs=3e-3)
    energy = cycles["discharging_voltage_volt"] * cycles["cycle_discharging_capacity_ah"]
    assert cycles["discharging_energy_wh"].to_numpy() == pytest.approx(energy.to_numpy())


def test_a_missing_voltage_costs_only_the_voltage(linear: Maker, facts: CellFacts) -> None:
    """Without any voltage reading the indicator is there and the voltages are not."""
    cycles = summarise_cycles(linear().assign(voltage_volt=np.nan), facts)
    assert cycles[PER_G].notna().all()
    assert cycles["charging_voltage_volt"].isna().all()


def test_a_cell_without_a_mechanical_signal(linear: Maker, facts: CellFacts) -> None:
    """Capacities and voltages as ever; the indicator's columns are empty and say why."""
    for records in (linear().drop(columns="surface_pressure_mpa"), linear().assign(surface_pressure_mpa=np.nan)):
        cycles = summarise_cycles(records, facts)
        assert cycles.attrs["mechanical_signal"] is None
        assert cycles["coulombic_efficiency_percent"].notna().all()
        assert cycles[PER_G].isna().all()
        assert "No pressure" in cycles["not_computed"].iloc[0][PER_G]


def test_a_symmetric_cell_has_no_indicator_and_no_ce(linear: Maker) -> None:
    """Plating and stripping: not applicable, polarisation is half the difference, cycles pair in either order."""
    records = linear(cycles=3, efficiency=1.0).drop(columns=["instrument_cycle_count", "step_count"])
    records["voltage_volt"] = 40 * records["current_ampere"]
    facts = CellFacts(cell_type="symmetric", electrode_diameter_mm=12.0)
    for sign, first in ((1, "charge"), (-1, "discharge")):
        cycles = summarise_cycles(records.assign(current_ampere=sign * records["current_ampere"],
                                                 voltage_volt=sign * records["voltage_volt"]), facts)  # fmt: skip
        assert len(cycles) == 3
        assert (cycles[f"{first}_start_second"] == cycles["start_second"]).all()
        assert cycles["polarisation_volt"].to_numpy() == pytest.approx(40 * 1.25e-3)
        assert cycles["charging_capacity_mah_per_cm2"].to_numpy() == pytest.approx(2.5 / 1.13097, rel=1e-4)
        assert cycles["coulombic_efficiency_percent"].isna().all()
        assert "Time ends" in cycles["not_computed"].iloc[0]["coulombic_efficiency_percent"]
        assert cycles["delta_delta_p_mpa"].isna().all()
        assert "Not applicable" in cycles["not_computed"].iloc[0]["delta_delta_p_mpa"]
        assert cycles["quality"].tolist() == [[]] * 3
    alone = summarise_cycles(records[records["current_ampere"] >= 0].iloc[:140], facts)
    assert alone["state"].tolist() == ["in_progress"]


def test_systematic_uncertainty_is_shown_apart(linear: Maker, facts: CellFacts) -> None:
    """Mass, area and gain together; u of the indicator does not hold them."""
    told = replace(facts, mass_uncertainty_percent=3.0, area_uncertainty_percent=4.0)
    records = linear(noise=0.004)
    plain, cycles = summarise_cycles(records, facts), summarise_cycles(records, told)
    assert set(cycles["systematic_u_percent"]) == {5.0}
    assert cycles[f"{PER_G}_u"].to_numpy() == pytest.approx(plain[f"{PER_G}_u"].to_numpy())


def test_a_million_records_take_seconds(linear: Maker, facts: CellFacts) -> None:
    """Time grows with the records: a few seconds for 1e6 (here 3e5 within a generous bound)."""
    records = linear(cycles=40, interval=2.0, noise=0.004)
    assert len(records) > 290_000
    start = time.process_time()
    assert len(summarise_cycles(records, facts)) == 40
    assert time.process_time() - start < 5
