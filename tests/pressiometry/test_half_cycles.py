"""How half-cycles and cycles are found: SCIENCE section 2."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import suggest_formation, summarise_cycles
from pressiometry.facts import CellFacts
from pressiometry.half_cycles import find_cc_end, find_half_cycles, find_turning_points

Maker = Callable[..., pd.DataFrame]


def table_of(*steps: tuple[float, float], interval: float = 10.0) -> pd.DataFrame:
    """Records of steps (seconds, ampere), one every interval after the step's start."""
    times, currents = [0.0], [0.0]
    for seconds, ampere in steps:
        own = np.arange(interval, seconds + 1e-9, interval) + times[-1]
        times += own.tolist()
        currents += [ampere] * own.size
    charge = np.cumsum(np.diff(times, prepend=0.0) * currents) / 3600
    return pd.DataFrame(
        {
            "test_time_second": times,
            "current_ampere": currents,
            "voltage_volt": 3.0 + charge * 100,
            "surface_pressure_mpa": 70 + 850 * charge,
        }
    )


def test_steps_shorter_than_a_minute_are_none() -> None:
    """A pulse of 50 s does not end a charge, a discharge of 60 s is one."""
    records = table_of((600, 1e-3), (50, -1e-3), (600, 1e-3), (60, -1e-3), (600, 1e-3), (600, -1e-3))
    assert find_half_cycles(records)["half"].tolist() == ["charge", "discharge", "charge", "discharge"]


def test_a_rest_is_a_current_below_one_percent() -> None:
    """Below 1 % of the test's largest current, or 5 uA, the cell rests."""
    records = table_of((600, 1e-3), (600, 9e-6), (600, 11e-6), (600, -1e-3))
    halves = find_half_cycles(records)
    assert halves["half"].tolist() == ["charge", "discharge"]
    assert halves["end_second"].iloc[0] == 1800
    assert find_half_cycles(table_of((600, 4e-6), (600, -4e-6))).empty


def test_charges_with_rests_between_are_one_half_cycle() -> None:
    """Pulsed charging (GITT) is one charge, whose rests carry no charge and give no samples."""
    pulses = [(600.0, 1e-3), (600.0, 0.0)] * 5
    records = table_of(*pulses, (3000, -1e-3), (600, 0.0))
    halves = find_half_cycles(records)
    assert halves["half"].tolist() == ["charge", "discharge"]
    assert halves["charge_ah"].tolist() == pytest.approx([3e-3 / 3.6, 3e-3 / 3.6])
    assert halves["end_second"].iloc[0] == 5400
    cycles = summarise_cycles(records, CellFacts())
    assert cycles["delta_delta_p_q_mpa_per_ah"].iloc[0] == pytest.approx(850)


def test_no_records_make_no_half_cycles() -> None:
    """An empty table, and one at rest, give tables without rows but with their columns."""
    empty = table_of((600, 0.0)).iloc[:0]
    assert find_half_cycles(empty).empty
    assert find_half_cycles(table_of((600, 0.0))).empty
    cycles = summarise_cycles(empty, CellFacts())
    assert len(cycles) == 0
    assert "delta_delta_p_q_mpa_g_per_ah" in cycles.columns
    assert cycles.attrs["estimator"] is None
    assert suggest_formation(cycles) == 0


def test_repeated_charges_of_one_instrument_cycle_each_stay_apart() -> None:
    """A cell that no longer discharges: the instrument's numbers keep its charges apart."""
    records = table_of((1200, 1e-3), (600, 0.0), (1200, 1e-3), (600, 0.0), (1200, -1e-3), (60, 0.0))
    number = np.where(records["test_time_second"] <= 1500, 1.0, 2.0)
    cycles = summarise_cycles(records.assign(instrument_cycle_count=number), CellFacts())
    assert cycles["quality"].tolist() == [["no_discharge"], []]
    assert find_half_cycles(records)["half"].tolist() == ["charge", "discharge"]


def test_a_short_discharge_counts_where_the_instrument_numbers_its_cycle() -> None:
    """Of a short-circuited cell a discharge of 20 s is all there is: the cycle is complete and has no indicator."""
    good = [(1200.0, 1e-3), (600.0, 0.0), (1200.0, -1e-3), (600.0, 0.0)]
    records = table_of(*good, *good, (1200, 1e-3), (600, 0.0), (20, -1e-3), (600, 0.0))
    number = 1 + np.searchsorted([3600, 7200], records["test_time_second"], side="left")
    cycles = summarise_cycles(records.assign(instrument_cycle_count=number), CellFacts())
    assert len(cycles) == 3
    assert cycles["state"].tolist() == ["complete"] * 3
    assert cycles["quality"].iloc[2] == ["no_discharge"]
    assert np.isnan(cycles["delta_delta_p_mpa"].iloc[2])


def test_a_discharge_first_is_a_cycle_with_e1_only() -> None:
    """A cell that comes charged begins with a discharge: E1 from its start, and the sentence for the others."""
    records = table_of((1200, -1e-3), (600, 0.0), (1200, 1e-3), (600, 0.0), (1200, -1e-3), (600, 0.0))
    cycles = summarise_cycles(records, CellFacts())
    assert cycles["quality"].tolist() == [["no_charge"], []]
    assert cycles["delta_delta_p_q_mpa_per_ah_e1"].tolist() == pytest.approx([850, 850])
    assert cycles["delta_delta_p_q_mpa_per_ah_e2"].isna().tolist() == [True, False]
    assert "only E1" in cycles["not_computed"].iloc[0]["delta_delta_p_q_mpa_per_ah_e2"]
    assert cycles["cumulative_capacity_difference_ah"].isna().all()


def test_cycle_numbers_that_disagree_with_the_pairs_are_kept_and_called_derived() -> None:
    """Where the instrument counts from discharge to charge, our cycle is still a charge and its discharge."""
    records = table_of((1200, -1e-3), (1200, 1e-3), (1200, -1e-3), (1200, 1e-3), (1200, -1e-3), (100, 0.0))
    number = 1 + np.searchsorted([2400, 4800], records["test_time_second"], side="left")
    cycles = summarise_cycles(records.assign(instrument_cycle_count=number), CellFacts())
    assert cycles["segmentation"].tolist() == ["derived"] * 3
    assert cycles["instrument_cycle_count"].tolist() == [1, 1, 2]
    assert "do not match" in cycles.attrs["assumptions"][0]


def test_a_dynamic_profile_is_cut_at_turning_points() -> None:
    """A drive cycle with recuperation, charged again: one charge, one discharge, E2 computed, E3 says why not."""
    drive = [(30.0, -3e-3), (20.0, 2e-3)] * 60
    charge = [(30.0, 3e-3), (20.0, -2e-3)] * 60
    records = table_of(*charge, *drive, *charge, *drive)
    cycles = summarise_cycles(records, CellFacts())
    assert cycles["segmentation"].tolist() == ["turning_points"] * 2
    assert cycles["state"].tolist() == ["complete"] * 2
    assert cycles["delta_delta_p_q_mpa_per_ah_e2"].tolist() == pytest.approx([850, 850], rel=0.02)
    assert cycles["delta_delta_p_q_mpa_per_ah_e3"].isna().all()
    assert "constant current" in cycles["not_computed"].iloc[0]["delta_delta_p_q_mpa_per_ah_e3"]
    assert "dynamic" in cycles.attrs["assumptions"][0]


def test_the_open_cycle_of_an_instrument_that_never_rests_is_in_progress() -> None:
    """As rows come, the last cycle is complete only when its discharge has reached where others ended, or a rest."""
    second = np.arange(0.0, 260.0, 0.2)
    level = 1 - np.abs(second % 40.0 / 20.0 - 1)
    charges = second % 40.0 < 20.0
    records = pd.DataFrame({"test_time_second": second, "current_ampere": np.where(charges, 0.002, -0.002)})
    records["voltage_volt"] = 3.0 + 1.2 * level**0.6 + np.where(charges, 0.05, -0.05)
    said = {}
    for end in (205.0, 217.5, 222.0, 236.0, 239.9, 241.0, 245.0):
        cycles = summarise_cycles(records[records["test_time_second"] <= end], CellFacts())
        assert set(cycles["segmentation"]) == {"turning_points"}
        assert set(cycles["state"].iloc[:-1]) == {"complete"}
        said[end] = (len(cycles), cycles["state"].iloc[-1])
    expected = dict.fromkeys((205.0, 217.5, 222.0, 236.0), (6, "in_progress"))
    assert said == expected | {239.9: (6, "complete"), 241.0: (6, "complete"), 245.0: (7, "in_progress")}
    rest = pd.DataFrame({"test_time_second": np.arange(237.0, 240.0, 0.2), "current_ampere": 0.0, "voltage_volt": 3.1})
    ended = pd.concat([records[records["test_time_second"] <= 236.8], rest], ignore_index=True)
    assert summarise_cycles(ended, CellFacts())["state"].tolist() == ["complete"] * 6


def test_a_gap_ends_the_half_cycle_of_a_dynamic_profile() -> None:
    """What passed in a gap is not known, so no half-cycle reaches across it."""
    drive = [(30.0, -3e-3), (20.0, 2e-3)] * 60
    records = table_of(*drive)
    half = len(records) // 2
    records.loc[half:, "test_time_second"] += 5000
    assert len(find_half_cycles(records)) == 2


def test_turning_points_need_a_move_beyond_the_threshold() -> None:
    """Small swings are no turning points, and values that never move have none."""
    values = np.array([0.0, -5.0, -4.5, -9.0, 3.0, 2.5, 4.0])
    assert find_turning_points(values, 1.0) == [0, 3, 6]
    assert find_turning_points(np.zeros(4), 1.0) == []
    assert find_turning_points(np.array([2.0]), 1.0) == []


def test_constant_current_ends_where_constant_voltage_begins() -> None:
    """The last position at the step's own current; none for a changing current or for no charge."""
    current = np.array([1.0, 1, 1, 1, 1, 1, 0.8, 0.5, 0.2])
    assert find_cc_end(current, np.cumsum(current)) == 5
    ramp = np.linspace(0.1, 2, 50)
    assert find_cc_end(ramp, np.cumsum(ramp)) is None
    assert find_cc_end(np.zeros(3), np.zeros(3)) is None


def test_the_last_cycle_is_in_progress_until_its_discharge_has_ended(linear: Maker, facts: CellFacts) -> None:
    """Charging, resting and discharging it is in progress; at the usual end voltage or in the rest it is complete."""
    records = linear(cycles=3, efficiency=1.0)
    last = records[records["instrument_cycle_count"] == 3]
    ends = {step: last.index[last["step_count"] == step][-1] + 1 for step in (2, 4, 5, 6)}
    for end, state in ((ends[2] - 5, "in_progress"), (ends[2], "in_progress"), (ends[4], "in_progress")):
        cycles = summarise_cycles(records.iloc[:end], facts)
        assert cycles["state"].tolist() == ["complete", "complete", state]
        assert cycles["masked"].tolist() == [0, 0, 1]
        assert cycles["quality"].iloc[2][0] == "in_progress"
        assert "not finished" in cycles["not_computed"].iloc[2]["delta_delta_p_mpa"]
        assert np.isnan(cycles["p_eod_mpa"].iloc[2])
    assert summarise_cycles(records.iloc[: ends[5] - 20], facts)["state"].iloc[2] == "in_progress"
    assert summarise_cycles(records.iloc[: ends[5]], facts)["state"].iloc[2] == "complete"
    assert summarise_cycles(records.iloc[: ends[6]], facts)["state"].iloc[2] == "complete"


def test_a_single_discharge_at_the_end_of_the_records_is_in_progress(linear: Maker, facts: CellFacts) -> None:
    """Without an earlier cycle nobody knows where the discharge will end."""
    records = linear(cycles=1)
    end = records.index[records["step_count"] == 5][-1] + 1
    assert summarise_cycles(records.iloc[:end], facts)["state"].tolist() == ["in_progress"]
    assert summarise_cycles(records, facts)["state"].tolist() == ["complete"]


def test_formation_is_suggested_and_counted_apart(linear: Maker, facts: CellFacts) -> None:
    """Leading cycles at another current are suggested; once confirmed they have their own numbers."""
    slow, fast = linear(cycles=2, charge_ampere=2.5e-4, discharge_ampere=2.5e-4), linear(cycles=4)
    fast["test_time_second"] += slow["test_time_second"].iloc[-1]
    fast["instrument_cycle_count"] += 2
    records = pd.concat([slow, fast], ignore_index=True)
    cycles = summarise_cycles(records, facts)
    assert suggest_formation(cycles) == 2
    assert suggest_formation(cycles.iloc[2:]) == 0
    assert cycles.attrs["suggested_formation"] == 2
    assert cycles.attrs["assumptions"] == [
        "Cycles 1–2 ran at another current than the later ones and are counted, as nobody marked them as formation."
    ]
    confirmed = summarise_cycles(records, CellFacts(active_mass_mg=16.0, formation_cycles=2))
    assert confirmed.attrs["suggested_formation"] == 0
    assert confirmed.attrs["assumptions"] == []
    assert confirmed["formation_count"].tolist()[:2] == [1, 2]
    assert confirmed["cycle_count"].dropna().tolist() == [1, 2, 3, 4]
    assert confirmed["capacity_retention_percent"].isna().tolist() == [True, True, False, False, False, False]


def test_short_steps_that_the_instrument_numbers_are_steps() -> None:
    """Ten-second charges and discharges with cycle numbers are cycles, not a dynamic profile."""
    records = table_of(*[(20.0, 0.0), (10.0, 1e-3), (20.0, 0.0), (10.0, -1e-3)] * 6, (60.0, 0.0), interval=1.0)
    number = 1 + np.minimum(np.searchsorted(60.0 * np.arange(1, 7), records["test_time_second"]), 5)
    cycles = summarise_cycles(records.assign(instrument_cycle_count=number), CellFacts())
    assert cycles["segmentation"].tolist() == ["instrument"] * 6


def test_a_half_cycle_that_a_gap_cuts_in_a_dynamic_profile_gives_no_value() -> None:
    """Seconds-long cycles without rests: records lost amid a discharge leave no capacity and no indicator of it."""
    rows = np.arange(60 * 14)
    level = 1 - np.abs(rows % 60 / 30 - 1)
    records = pd.DataFrame(
        {
            "test_time_second": rows.astype(float),
            "voltage_volt": 3 + 1.2 * np.sqrt(level),
            "current_ampere": np.where(rows % 60 < 30, 0.005, -0.005),
            "surface_pressure_mpa": 70 + 1.5 * level,
        }
    )
    amid = 60 * 7 + 42
    lost = records.drop(index=range(amid, amid + 100)).reset_index(drop=True)
    cycles = summarise_cycles(lost, CellFacts(active_mass_mg=20))
    assert set(cycles["segmentation"]) == {"turning_points"}
    cut = cycles["quality"].map(lambda codes: "end_not_recorded" in codes)
    assert cycles.index[cut].tolist() == [7, 8]
    assert cycles["cycle_discharging_capacity_ah"].isna().tolist()[7]
    assert cycles["delta_delta_p_q_mpa_g_per_ah"].isna().tolist()[7:9] == [True, True]
