"""The simulated full cell does what SCIENCE section 5 says, and returns what was true."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from demo.disturbances import TYPICAL, UNDISTURBED, Disturbances
from demo.parameters import CellParameters, cell_parameters, scatter_parameters
from demo.simulator import SimulatedCell, simulate_cell
from pressiometry.columns import CYCLE_COLUMNS, RECORD_COLUMNS
from pressiometry.errors import InvalidInputError


@pytest.fixture(scope="module")
def healthy() -> SimulatedCell:
    """A 5 min cell without any disturbance."""
    return simulate_cell(cell_parameters(5), disturbances=UNDISTURBED)


@pytest.fixture(scope="module")
def failing() -> SimulatedCell:
    """An uncoated cell without any disturbance; it shorts in cycle 20."""
    return simulate_cell(cell_parameters(0), disturbances=UNDISTURBED)


def at(cell: SimulatedCell, second: float) -> pd.Series:
    """Give the record at a time of the truth, which must exist: a step ends with a record."""
    records = cell.records
    found = records[(records["test_time_second"] - second).abs() < 2e-3]
    assert len(found) == 1
    return found.iloc[0]


def test_records_have_the_names_of_the_project(healthy: SimulatedCell) -> None:
    """Every record column is one of RECORD_COLUMNS; what the truth shares with cycles has their names."""
    assert set(healthy.records.columns) <= set(RECORD_COLUMNS)
    own = {"indicator_trend_mpa_g_per_ah", "bulk_share", "leak_ohm_cm2", "after_break", "isc", "outlier"}
    assert set(healthy.truth.columns) - own <= set(CYCLE_COLUMNS)


def test_cycle_23_is_at_75_hours(healthy: SimulatedCell) -> None:
    """Cycle 23 of the 5 min cell at 0.5C spans about 74-77 h (the paper: about 75 h)."""
    row = healthy.truth.iloc[22]
    assert row["start_second"] / 3600 == pytest.approx(74, abs=0.5)
    assert row["end_second"] / 3600 == pytest.approx(77, abs=0.5)


@pytest.mark.parametrize(
    ("plating", "c_rate", "loading", "mah_per_g"),
    [(5, 0.5, 12.6, 165), (0, 0.5, 12.6, 158), (5, 1.0, 7.2, 166), (0, 1.0, 7.2, 150)],
)
def test_first_discharge_capacity(plating: int, c_rate: float, loading: float, mah_per_g: float) -> None:
    """The first discharge gives the paper's capacities: 165 and 158 mAh/g at 0.5C, about 166 and 150 at 1C."""
    parameters = replace(cell_parameters(plating, c_rate=c_rate), loading_mg_per_cm2=loading)
    cell = simulate_cell(parameters, cycles=1, disturbances=UNDISTURBED)
    tolerance = 0.5 if c_rate == 0.5 else 2.5
    assert cell.truth["discharging_capacity_mah_per_g"].iloc[0] == pytest.approx(mah_per_g, abs=tolerance)


def test_cut_offs_are_met_exactly(healthy: SimulatedCell) -> None:
    """A charge ends at 4.3 V and a discharge at 3.0 V, on a record, whatever the record interval."""
    for _, row in healthy.truth.iterrows():
        assert at(healthy, row["charge_end_second"])["voltage_volt"] == pytest.approx(4.3, abs=1e-4)
        assert at(healthy, row["discharge_end_second"])["voltage_volt"] == pytest.approx(3.0, abs=1e-4)


def test_record_interval_changes_no_capacity() -> None:
    """Capacities and step ends are those of the cell and not of the sampling."""
    often, rarely = (simulate_cell(cell_parameters(0), record_interval_second=every) for every in (10.0, 300.0))
    pd.testing.assert_frame_equal(often.truth, rarely.truth)
    assert len(often.records) > 20 * len(rarely.records)


def test_one_record_a_minute(healthy: SimulatedCell) -> None:
    """Within a step records are 60 s apart, but for one 1 s into it and one at its end; times always increase."""
    records = healthy.records
    steps = records["test_time_second"].diff()[1:]
    assert steps.gt(0).all()
    assert steps.max() == pytest.approx(60, abs=2e-3)
    assert steps.sub(60).abs().lt(2e-3).mean() > 0.95


def test_reported_capacity_is_the_integral_of_the_current(healthy: SimulatedCell) -> None:
    """What the instrument reports at a step's end is current times time; the other direction stays as it was."""
    row = healthy.truth.iloc[3]
    charged, discharged = at(healthy, row["charge_end_second"]), at(healthy, row["discharge_end_second"])
    hours = (row["charge_end_second"] - row["charge_start_second"]) / 3600
    assert charged["cycle_charging_capacity_ah"] == pytest.approx(charged["current_ampere"] * hours, rel=1e-5)
    assert charged["cycle_discharging_capacity_ah"] == 0
    assert discharged["cycle_charging_capacity_ah"] == charged["cycle_charging_capacity_ah"]
    assert discharged["cycle_discharging_capacity_ah"] == pytest.approx(row["cycle_discharging_capacity_ah"], abs=1e-9)


def test_coulombic_efficiency_is_the_given_one(healthy: SimulatedCell) -> None:
    """From the second cycle on Q_dis = CE Q_c; the first also fills the floor from which a cell is built."""
    truth = healthy.truth
    efficiency = truth["cycle_discharging_capacity_ah"] / truth["cycle_charging_capacity_ah"]
    assert np.allclose(efficiency[1:], 0.9892, atol=1e-9)
    assert efficiency[0] < 0.9892


def test_paper_indicator_reads_high_while_pores_fill(healthy: SimulatedCell) -> None:
    """E1 from the true step ends is up to 1.2 % high in the first cycles and within 0.1 % after cycle 22."""
    truth = healthy.truth
    mass = healthy.facts.active_mass_g
    assert mass is not None
    e1 = (truth["p_eoc_mpa"] - truth["p_eod_mpa"]) / (truth["cycle_discharging_capacity_ah"] / mass)
    error = 100 * (e1 / truth["delta_delta_p_q_mpa_g_per_ah"] - 1)
    assert 1.0 < error.iloc[0] <= 1.25
    assert error.iloc[1:22].between(0.4, 1.0).all()
    assert error.iloc[22:].abs().max() < 0.1


def test_drift_corrected_indicator_is_exact(healthy: SimulatedCell) -> None:
    """E2 from the true step ends is y(n) within 0.1 % from cycle 1 on (SCIENCE section 3)."""
    truth = healthy.truth
    mass = healthy.facts.active_mass_g
    assert mass is not None
    length = truth["discharge_end_second"] - truth["charge_start_second"]
    w = (truth["charge_end_second"] - truth["charge_start_second"]) / length
    swing = truth["p_eoc_mpa"] - (1 - w) * truth["p_soc_mpa"] - w * truth["p_eod_mpa"]
    charge = (1 - w) * truth["cycle_charging_capacity_ah"] + w * truth["cycle_discharging_capacity_ah"]
    e2 = swing / (charge / mass)
    assert np.allclose(e2, truth["delta_delta_p_q_mpa_g_per_ah"], rtol=1e-3)


def test_baseline_rises_once_the_pores_are_full(healthy: SimulatedCell) -> None:
    """The baseline creeps down to cycle 22, then rises by 0.015-0.025 MPa per cycle with the Li kept at the anode."""
    drift = healthy.truth["p_eod_mpa"].diff()
    assert drift.iloc[1:22].lt(0).all()
    assert drift.iloc[24:].between(0.015, 0.025).all()


def test_true_indicator_of_the_healthy_cell(healthy: SimulatedCell) -> None:
    """16.0 falls to 13.5 over 30 cycles and rises by 0.03 per cycle after; undisturbed, the truth is the trend."""
    y = healthy.truth["delta_delta_p_q_mpa_g_per_ah"]
    assert y.iloc[[0, 29, 59]].tolist() == pytest.approx([16.0, 13.5, 14.4])
    assert y.diff().iloc[1:30].lt(0).all()
    pd.testing.assert_series_equal(y, healthy.truth["indicator_trend_mpa_g_per_ah"], check_names=False)


def test_failing_cell_breaks_and_shorts(failing: SimulatedCell) -> None:
    """The uncoated cell leaves the healthy path after cycle 13 and ends with its short circuit in cycle 20."""
    truth, healthy = failing.truth, replace(cell_parameters(0), break_cycle=None, short_cycle=None)
    gap = truth["indicator_trend_mpa_g_per_ah"] - [healthy.indicator(cycle) for cycle in truth["cycle_count"]]
    assert gap.iloc[:13].tolist() == [0.0] * 13
    assert gap.iloc[13:16].tolist() == pytest.approx([-0.306, -0.624, -0.954])
    assert truth["isc"].tolist() == [False] * 19 + [True]
    assert truth["after_break"].sum() == 7


def test_short_circuit_looks_like_one(failing: SimulatedCell) -> None:
    """In its last charge the voltage collapses after 0.6 h, never reaches 4.3 V, and almost nothing comes back."""
    last = failing.records[failing.records["instrument_cycle_count"] == 20]
    charge = last[last["step_count"] == 2]
    hours = (charge["test_time_second"] - charge["test_time_second"].iloc[0]) / 3600
    assert charge["voltage_volt"].max() < 4.3
    assert charge.loc[hours < 0.59, "voltage_volt"].min() > 3.0
    assert charge.loc[hours > 0.61, "voltage_volt"].max() < 1.0
    assert hours.iloc[-1] == pytest.approx(2.8, abs=0.01)
    assert last["cycle_discharging_capacity_ah"].max() < 1e-6
    assert np.isnan(failing.truth["delta_delta_p_q_mpa_g_per_ah"].iloc[-1])


def test_dead_cell_keeps_its_pressure(failing: SimulatedCell) -> None:
    """At the floor of x no Li moves: the stack does not lose its pressure although the short drains current."""
    assert failing.records["surface_pressure_mpa"].min() > 69.7


def test_leak_lowers_the_efficiency_before_the_short(failing: SimulatedCell) -> None:
    """1e6 and 4e5 ohm cm2 two and one cycles before cost about 0.6 and 1.5 % of CE; before them nothing leaks."""
    truth = failing.truth
    efficiency = 100 * truth["cycle_discharging_capacity_ah"] / truth["cycle_charging_capacity_ah"]
    assert efficiency.iloc[1:17].to_list() == pytest.approx([99.3] * 16, abs=0.01)
    assert efficiency.iloc[17] == pytest.approx(99.3 - 0.6, abs=0.15)
    assert efficiency.iloc[18] == pytest.approx(99.3 - 1.5, abs=0.25)
    assert truth["leak_ohm_cm2"].iloc[16:].tolist() == pytest.approx([np.nan, 1e6, 4e5, 5e3], nan_ok=True)


def test_same_seed_same_cell() -> None:
    """The same arguments give the same cell, another seed another one."""
    one, same, other = (simulate_cell(cell_parameters(40), cycles=3, seed=seed) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(one.records, same.records)
    assert not one.records.equals(other.records)


def test_pressure_comes_in_counts_of_the_indicator() -> None:
    """A recorded pressure is a whole number of 0.1 kgf on 13 mm, 7.388 kPa."""
    cell = simulate_cell(cell_parameters(5), cycles=2)
    counts = cell.records["surface_pressure_mpa"] / cell.facts.pressure_resolution_mpa
    assert (counts - counts.round()).abs().max() < 1e-3


def test_unknown_cell_is_refused() -> None:
    """A plating time or rate that SCIENCE has no numbers for is refused with a remedy."""
    with pytest.raises(InvalidInputError, match="0, 5, 15 or 40 min"):
        cell_parameters(7)
    with pytest.raises(InvalidInputError):
        cell_parameters(5, c_rate=2.0)


def test_truth_table_of_the_failures() -> None:
    """Breaks, slopes and short circuits at 0.5C are those of the table; at 1C none is known, so none is made."""
    found = {p: cell_parameters(p) for p in (0, 5, 15, 40)}
    assert {p: (c.break_cycle, c.break_slope, c.short_cycle) for p, c in found.items()} == {
        0: (13, -0.30, 20),
        5: (None, 0.0, None),
        15: (22, -0.30, 31),
        40: (12, -0.40, 18),
    }
    assert cell_parameters(0, c_rate=1.0).break_cycle is None


def test_late_fade_of_the_coated_cell() -> None:
    """The 5 min cell loses 0.105 % a cycle to the 90th and 0.4 % after it."""
    capacity = [cell_parameters(5).capacity_ah_per_cm2(n) / 0.00252 for n in (1, 90, 91, 92)]
    assert capacity == pytest.approx([1.0, 1 - 0.00105 * 89, 1 - 0.00105 * 89 - 0.004, 1 - 0.00105 * 89 - 0.008])


def test_replicates_scatter_as_stated() -> None:
    """Fixture 5 %, amplitude 25 %, Q 2 %, break 1.5 cycles, at least cycle 9 and four cycles before the short."""
    rng = np.random.default_rng(0)
    many: list[CellParameters] = [scatter_parameters(cell_parameters(0), rng) for _ in range(2000)]
    assert np.std([np.log(c.fixture_factor) for c in many]) == pytest.approx(0.05, rel=0.1)
    amplitude = [np.log((c.first_indicator - c.settled_indicator) / 2.5) for c in many]
    assert np.std(amplitude) == pytest.approx(0.25, rel=0.1)
    assert np.std([c.capacity_ah_per_g / 0.2 for c in many]) == pytest.approx(0.02, rel=0.1)
    breaks = np.array([c.break_cycle or 0 for c in many])
    assert breaks.mean() == pytest.approx(13, abs=0.15)
    assert np.std(breaks) == pytest.approx(1.5, rel=0.1)
    assert breaks.min() >= 9
    assert min((c.short_cycle or 0) - (c.break_cycle or 0) for c in many) >= 4


def test_a_temperature_step_moves_the_pressure_by_kappa() -> None:
    """+1 K half-way shows in the temperature, and as kappa_T in the pressure, and not in the truth."""
    kappa = Disturbances(kappa_mpa_per_kelvin=0.06)
    plain = simulate_cell(cell_parameters(5), cycles=4, disturbances=kappa)
    stepped = simulate_cell(cell_parameters(5), cycles=4, disturbances=replace(kappa, temperature_step_kelvin=1.0))
    late = plain.records["test_time_second"] > plain.records["test_time_second"].iloc[-1] / 2
    change = stepped.records["surface_pressure_mpa"] - plain.records["surface_pressure_mpa"]
    assert np.allclose(change, np.where(late, 0.06, 0.0), atol=2e-6)
    assert stepped.records["surface_temperature_celsius"].max() == 61
    pd.testing.assert_frame_equal(plain.truth, stepped.truth)


def test_missing_samples_are_missing_and_nothing_else() -> None:
    """A cell with missing samples keeps every other record as it was: pressures absent, stretches without a record."""
    whole = simulate_cell(cell_parameters(5), cycles=10)
    holed = simulate_cell(cell_parameters(5), cycles=10, disturbances=replace(TYPICAL, missing_percent=3.0))
    assert holed.records["test_time_second"].diff().max() >= 1200
    assert 0.005 < holed.records["surface_pressure_mpa"].isna().mean() < 0.03
    kept = whole.records.set_index("record_index").loc[holed.records["record_index"]]
    present = holed.records.set_index("record_index").dropna()
    pd.testing.assert_frame_equal(present, kept.loc[present.index])
    assert 0.97 < len(holed.records) / len(whole.records) < 1


def test_outlier_cycles_are_flagged_and_five_percent_off() -> None:
    """3 % of the cycles, never the reference cycles, have a swing 5 % off that the truth does not follow."""
    cell = simulate_cell(cell_parameters(5), disturbances=Disturbances(outlier_percent=3.0))
    truth = cell.truth
    assert truth["outlier"].sum() == 2
    assert not truth["outlier"].iloc[:6].any()
    assert cell.facts.active_mass_g is not None
    swing = (truth["p_eoc_mpa"] - truth["p_eod_mpa"]) / truth["cycle_discharging_capacity_ah"]
    ratio = swing * cell.facts.active_mass_g / truth["delta_delta_p_q_mpa_g_per_ah"]
    assert (ratio - 1).abs().gt(0.04).tolist() == truth["outlier"].tolist()
    assert truth["delta_delta_p_q_mpa_g_per_ah"].equals(truth["indicator_trend_mpa_g_per_ah"])
