"""What is found wrong with a cycle, and what then is not computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts
from pressiometry.quality import QUALITY_CODES, find_changed_currents, find_stuck, find_temperature_excursions

Maker = Callable[..., pd.DataFrame]
PER_G = "delta_delta_p_q_mpa_g_per_ah"


@dataclass(frozen=True)
class Event:
    """A logged event."""

    start_second: float | None
    end_second: float | None = None


def rows_of(records: pd.DataFrame, cycle: int, step: int) -> pd.Index:
    """Rows of one step of one cycle; step 2 is the charge, 5 the discharge."""
    return records.index[(records["instrument_cycle_count"] == cycle) & (records["step_count"] == step)]


def test_a_sound_cell_has_no_codes(linear: Maker, facts: CellFacts) -> None:
    """Without faults nothing is flagged, masked or left out but what the facts do not allow."""
    cycles = summarise_cycles(linear(cycles=6, noise=0.004), facts)
    assert cycles["quality"].tolist() == [[]] * 6
    assert not cycles["masked"].any()
    assert set(cycles["not_computed"].iloc[3]) == {"delta_delta_p_q_micrometre_cm2_per_mah"}


def test_single_missing_samples_are_no_matter_but_a_stretch_is(linear: Maker, facts: CellFacts) -> None:
    """A value needs 98 % of the step: single lost samples pass, eight in a row do not."""
    records = linear(noise=0.004)
    records.loc[rows_of(records, 1, 2)[[20, 50, 80]], "surface_pressure_mpa"] = np.nan
    records.loc[rows_of(records, 2, 5)[40:48], "surface_pressure_mpa"] = np.nan
    cycles = summarise_cycles(records, facts)
    assert cycles["quality"].tolist() == [[], ["low_coverage"], []]
    assert cycles["masked"].tolist() == [0, 1, 0]
    assert cycles[PER_G].isna().tolist() == [False, True, False]
    assert "2 %" in cycles["not_computed"].iloc[1][PER_G]
    assert cycles["coverage_discharging_percent"].iloc[1] == pytest.approx(100 - 100 * 8 / 119, abs=1)


def test_a_step_without_samples_gives_no_value(linear: Maker, facts: CellFacts) -> None:
    """No pressure in a whole charge: coverage 0, no indicator."""
    records = linear()
    records.loc[rows_of(records, 2, 2), "surface_pressure_mpa"] = np.nan
    records.loc[rows_of(records, 2, 1), "surface_pressure_mpa"] = np.nan
    cycles = summarise_cycles(records, facts)
    assert cycles["coverage_charging_percent"].iloc[1] == 0
    assert np.isnan(cycles[PER_G].iloc[1])


def test_few_samples_are_used_and_flagged(linear: Maker, facts: CellFacts, true_indicator: float) -> None:
    """A step of fewer than 20 samples gives its first and last one."""
    cycles = summarise_cycles(linear(interval=600.0, resolution=0.007388), facts)
    assert all(codes == ["few_samples"] for codes in cycles["quality"])
    assert not cycles["masked"].any()
    assert cycles[PER_G].to_numpy() == pytest.approx(true_indicator, rel=0.05)
    assert (cycles["p_eoc_mpa_u"] >= 0.007388 / np.sqrt(12)).all()


def test_a_saturated_sensor_is_told_from_a_stuck_one(linear: Maker, facts: CellFacts) -> None:
    """A flat top at the test's extreme is saturation, a stand-still elsewhere a stuck sensor; neither gives a value."""
    records = linear(cycles=4, noise=0.004)
    top = float(records["surface_pressure_mpa"].quantile(0.7))
    clipped = records.assign(surface_pressure_mpa=records["surface_pressure_mpa"].clip(upper=top))
    codes = summarise_cycles(clipped, facts)["quality"]
    assert all(found == ["saturated"] for found in codes)
    rows = rows_of(records, 2, 2)[30:70]
    records.loc[rows, "surface_pressure_mpa"] = records["surface_pressure_mpa"].loc[rows[0]]
    cycles = summarise_cycles(records, facts)
    assert cycles["quality"].tolist() == [[], ["stuck_sensor"], [], []]
    assert np.isnan(cycles[PER_G].iloc[1])


def test_a_coarse_sensor_is_not_stuck() -> None:
    """Where a count usually lasts five samples, 19 equal ones are no stand-still but 21 are."""
    assert find_stuck(np.repeat([1.0, 2.0, 3.0], 19), 5.0, (1.0, 3.0)) is None
    assert find_stuck(np.repeat([1.0, 2.0, 3.0], [5, 21, 5]), 5.0, (1.0, 3.0)) == "stuck_sensor"
    assert find_stuck(np.array([]), 0.0, (0.0, 0.0)) is None


def test_a_temperature_excursion_masks_its_cycle(linear: Maker, facts: CellFacts) -> None:
    """A step of 1 K within a cycle is an excursion, the usual swing of an oven is not; the value is kept."""
    records = linear(cycles=4)
    rng = np.random.default_rng(1)
    records["surface_temperature_celsius"] = 60 + rng.normal(0, 0.1, len(records))
    records.loc[rows_of(records, 3, 5), "surface_temperature_celsius"] += 1.2
    cycles = summarise_cycles(records, facts)
    assert cycles["quality"].tolist() == [[], [], ["temperature_excursion"], []]
    assert cycles["masked"].tolist() == [0, 0, 1, 0]
    assert cycles[PER_G].notna().all()
    assert cycles["temperature_mean_celsius"].iloc[0] == pytest.approx(60, abs=0.05)
    assert not find_temperature_excursions(np.array([np.nan, np.nan])).any()


def test_a_changed_current_masks_the_cycle_where_it_changes(linear: Maker, facts: CellFacts) -> None:
    """A capacity check at another current is masked, the cycles after it are not."""
    first, check, after = linear(cycles=3), linear(cycles=1, discharge_ampere=2.5e-4), linear(cycles=2)
    parts, start, number = [], 0.0, 0
    for part in (first, check, after):
        part["test_time_second"] += start
        part["instrument_cycle_count"] += number
        start, number = part["test_time_second"].iloc[-1], part["instrument_cycle_count"].iloc[-1]
        parts.append(part)
    cycles = summarise_cycles(pd.concat(parts, ignore_index=True), facts)
    assert cycles["quality"].tolist() == [[], [], [], ["changed_c_rate"], [], []]
    assert find_changed_currents(np.array([np.nan, 1.0, np.nan, 2.0])).tolist() == [False, False, False, True]


def test_a_logged_event_masks_the_cycles_it_touches(linear: Maker, facts: CellFacts) -> None:
    """A moment masks one cycle, a span all that it touches; an event without a time none."""
    records = linear(cycles=4)
    second = float(records["test_time_second"].loc[rows_of(records, 2, 2)[3]])
    third = float(records["test_time_second"].loc[rows_of(records, 3, 5)[3]])
    codes = summarise_cycles(records, facts, events=[Event(second), Event(None)])["quality"]
    assert codes.tolist() == [[], ["logged_event"], [], []]
    codes = summarise_cycles(records, facts, events=[Event(second, third)])["quality"]
    assert codes.tolist() == [[], ["logged_event"], ["logged_event"], []]


def test_nothing_is_integrated_across_a_gap(linear: Maker, facts: CellFacts) -> None:
    """Records lost within a step: without a reported capacity there is none, and the sentence says so."""
    records = linear()
    rows = rows_of(records, 2, 5)[40:60]
    cycles = summarise_cycles(records.drop(index=rows), facts)
    assert cycles["quality"].iloc[1][0] == "record_gap"
    assert cycles["cycle_discharging_capacity_ah"].isna().tolist() == [False, True, False]
    assert cycles["cumulative_capacity_difference_ah"].isna().tolist() == [False, True, True]
    assert np.isnan(cycles[PER_G].iloc[1])
    assert "charge passed is not known" in cycles["not_computed"].iloc[1][PER_G]


def test_a_gap_with_a_reported_capacity_keeps_it(linear: Maker, facts: CellFacts, true_indicator: float) -> None:
    """The instrument counts on while records are lost: Q is known, and a short gap spoils nothing."""
    records = linear(reported=True, interval=10.0)
    lost = records.drop(index=rows_of(records, 2, 5)[300:310])
    cycles = summarise_cycles(lost, facts)
    assert cycles["quality"].tolist() == [[], ["record_gap"], []]
    assert not cycles["masked"].any()
    assert cycles["cycle_discharging_capacity_ah"].to_numpy() == pytest.approx(2.475e-3)
    assert cycles[PER_G].to_numpy() == pytest.approx(true_indicator, rel=1e-3)


@pytest.mark.parametrize("reported", [True, False])
def test_a_step_whose_end_was_lost_is_not_judged(linear: Maker, facts: CellFacts, *, reported: bool) -> None:
    """Records lost across the end of a charge would cut its swing: no value."""
    records = linear(reported=reported)
    rows = rows_of(records, 2, 2)[-15:].append(rows_of(records, 2, 4)[:8])
    cycles = summarise_cycles(records.drop(index=rows), facts)
    assert "end_not_recorded" in cycles["quality"].iloc[1]
    assert cycles["masked"].tolist() == [0, 1, 0]
    assert "begins or ends" in cycles["not_computed"].iloc[1][PER_G]


def test_days_lost_after_an_end_that_was_recorded_cost_nothing(linear: Maker, facts: CellFacts) -> None:
    """Five days are missing after a discharge: Q_dis stands where it had reached its cut-off, and only there."""
    records = linear(cycles=5)
    last = rows_of(records, 3, 5)[-1]
    for kept, codes in ((last, []), (last - 20, ["end_not_recorded"])):
        lost = records.drop(index=range(kept + 1, rows_of(records, 4, 1)[3])).reset_index(drop=True)
        lost.loc[kept + 1 :, "test_time_second"] += 5 * 86400
        cycles = summarise_cycles(lost, facts)
        assert cycles["quality"].tolist() == [[], [], codes, [], []]
        assert cycles["cycle_discharging_capacity_ah"].isna().tolist() == [False, False, bool(codes), False, False]


def test_a_charge_in_constant_voltage_has_not_ended(linear: Maker, facts: CellFacts) -> None:
    """At the upper voltage with current still flowing the end of a charge is not known."""
    records = linear(cycles=4, cv_seconds=1800.0)
    voltage = records["voltage_volt"]
    records["voltage_volt"] = voltage.clip(upper=float(voltage.loc[rows_of(records, 1, 2)[-1]]))
    middle = rows_of(records, 3, 3)[5]
    lost = records.drop(index=range(middle + 1, rows_of(records, 3, 4)[5])).reset_index(drop=True)
    assert "end_not_recorded" in summarise_cycles(lost, facts)["quality"].iloc[2]


def test_what_never_came_back_is_a_capacity_of_zero(linear: Maker, facts: CellFacts) -> None:
    """Charge after charge: Q_dis is 0 and CE 0 %; unfinished, or with a file's border between, nobody knows."""
    records = linear(cycles=4)
    records = records.drop(index=rows_of(records, 2, 5)).reset_index(drop=True)
    late = records["instrument_cycle_count"] > 2
    records.loc[late, "test_time_second"] -= 3600 * 1.95
    cycles = summarise_cycles(records, facts)
    assert cycles["cycle_discharging_capacity_ah"].iloc[1] == 0
    assert cycles["coulombic_efficiency_percent"].iloc[1] == 0
    assert "no_discharge" in cycles["quality"].iloc[1]
    unfinished = summarise_cycles(records[records["instrument_cycle_count"] <= 2], facts)
    assert np.isnan(unfinished["cycle_discharging_capacity_ah"].iloc[1])
    border = int(rows_of(records, 3, 1)[2])
    two_files = records.assign(record_index=[*range(border), *range(len(records) - border)])
    assert np.isnan(summarise_cycles(two_files, facts)["cycle_discharging_capacity_ah"].iloc[1])


def test_a_symmetric_cell_has_no_asymmetry(linear: Maker) -> None:
    """Slopes of a charge against a discharge are not applicable to it, and the reason is given."""
    cycles = summarise_cycles(linear(noise=0.004), CellFacts(cell_type="symmetric"))
    for name in ("slope_asymmetry_percent", "slope_asymmetry_percent_u", "hysteresis_percent"):
        assert cycles[name].isna().all()
    assert "symmetric" in cycles["not_computed"].iloc[0]["slope_asymmetry_percent"]
    assert "symmetric" in cycles["not_computed"].iloc[0]["hysteresis_percent"]


def test_a_pause_after_a_recorded_end_is_no_loss(linear: Maker, facts: CellFacts) -> None:
    """Another technique between a discharge and the next charge: the counter stands still, the end was recorded."""
    records = linear(reported=True)
    rests = records.index[records["step_count"] == 1]
    cycles = summarise_cycles(records.drop(index=rests), facts)
    assert cycles["quality"].tolist() == [[], [], []]


def test_a_discharge_below_ten_percent_has_no_indicator(linear: Maker, facts: CellFacts) -> None:
    """Judged by cycles 2-6 of the cell, before that by the nominal capacity: a gap, never infinity."""
    healthy, dead = linear(cycles=3), linear(cycles=1, efficiency=0.09)
    dead["test_time_second"] += healthy["test_time_second"].iloc[-1]
    dead["instrument_cycle_count"] += 3
    cycles = summarise_cycles(pd.concat([healthy, dead], ignore_index=True), facts)
    assert cycles["quality"].iloc[3] == ["no_discharge"]
    assert cycles[PER_G].isna().tolist() == [False, False, False, True]
    alone = linear(cycles=1, efficiency=0.09)
    nominal = CellFacts(active_mass_mg=16.0, nominal_capacity_mah=2.5)
    assert summarise_cycles(alone, nominal)["quality"].tolist() == [["no_discharge"]]
    assert summarise_cycles(alone, facts)["quality"].tolist() == [["few_samples"]]


def test_scatter_beyond_u_is_flagged_and_not_masked(linear: Maker, facts: CellFacts) -> None:
    """Cycles that scatter by 3 % while u says 0.1 % are flagged once five triples show it."""
    records = linear(cycles=14, noise=0.001)
    rng = np.random.default_rng(3)
    for cycle in range(1, 15):
        own = records["instrument_cycle_count"] == cycle
        level = records.loc[own, "surface_pressure_mpa"]
        records.loc[own, "surface_pressure_mpa"] = level.iloc[0] + (1 + rng.normal(0, 0.03)) * (level - level.iloc[0])
    cycles = summarise_cycles(records, facts)
    assert ["scatter" in codes for codes in cycles["quality"]] == [False] * 7 + [True] * 7
    assert not cycles["masked"].any()
    assert cycles["scatter_percent"].iloc[-1] == pytest.approx(3, rel=0.8)


def test_every_code_has_a_meaning() -> None:
    """The table's keys are the codes themselves, each with a sentence."""
    assert all(name == code.code and code.meaning for name, code in QUALITY_CODES.items())
