"""Capacity: reported before integrated, whatever the instrument's counter does; never across a gap."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts

Maker = Callable[..., pd.DataFrame]
BOTH = ["cycle_charging_capacity_ah", "cycle_discharging_capacity_ah"]


@pytest.mark.parametrize("kind", ["per cycle", "per step", "per file", "negative"])
def test_the_counter_may_reset_per_cycle_per_step_or_never(linear: Maker, facts: CellFacts, kind: str) -> None:
    """What counts is how far the counter went in the half-cycle."""
    records = linear(reported=True)
    for column in BOTH:
        rise = records.groupby("instrument_cycle_count")[column].diff().fillna(records[column])
        if kind == "per file":
            records[column] = rise.cumsum()
        elif kind == "per step":
            step = (records["step_count"].diff() != 0).cumsum()
            records[column] = rise.groupby(step).cumsum()
        elif kind == "negative":
            records[column] = -records[column]
    cycles = summarise_cycles(records, facts)
    assert set(cycles["capacity_source"]) == {"reported"}
    assert cycles[BOTH[0]].to_numpy() == pytest.approx(2.5e-3)
    assert cycles[BOTH[1]].to_numpy() == pytest.approx(2.475e-3)


def test_a_disagreement_beyond_five_percent_is_said(linear: Maker, facts: CellFacts) -> None:
    """Reported wins; 6 % apart is flagged, 4 % is not."""
    records = linear(reported=True)
    for factor, codes in ((1.06, ["capacity_disagrees"]), (1.04, [])):
        scaled = records.assign(cycle_charging_capacity_ah=records["cycle_charging_capacity_ah"] * factor)
        cycles = summarise_cycles(scaled, facts)
        assert cycles["quality"].tolist() == [codes] * 3
        assert cycles["cycle_charging_capacity_ah"].to_numpy() == pytest.approx(2.5e-3 * factor)
        assert not cycles["masked"].any()


def test_an_empty_or_dead_counter_is_not_believed(linear: Maker, facts: CellFacts) -> None:
    """All zero or ending in nothing: integrated instead."""
    records = linear(reported=True)
    for values in (0.0, np.nan):
        cycles = summarise_cycles(records.assign(**dict.fromkeys(BOTH, values)), facts)
        assert set(cycles["capacity_source"]) == {"integrated"}
        assert cycles[BOTH[1]].to_numpy() == pytest.approx(2.475e-3)


def test_missing_readings_of_the_counter_are_bridged(linear: Maker, facts: CellFacts) -> None:
    """The counter needs its last reading only."""
    records = linear(reported=True)
    holes = records["step_count"].isin([2, 5]) & (records.index % 3 == 1)
    ends = records["step_count"].diff(-1) != 0
    records.loc[holes & ~ends, BOTH] = np.nan
    assert summarise_cycles(records, facts)[BOTH[1]].to_numpy() == pytest.approx(2.475e-3)


def test_records_that_begin_with_current_count_from_the_first(linear: Maker, facts: CellFacts) -> None:
    """Without a rest before it the counter's first reading is charge too."""
    records = linear(reported=True, rest=600.0)
    charged = records[records["step_count"] != 1]
    assert summarise_cycles(charged, facts)[BOTH[0]].to_numpy() == pytest.approx(2.5e-3)


def test_capacities_in_all_units_and_retention(linear: Maker, facts: CellFacts) -> None:
    """mAh/g by mass, mAh/cm2 by the electrode's area, retention by cycles 2-6, sum of differences."""
    cycles = summarise_cycles(linear(cycles=6), facts)
    assert cycles["discharging_capacity_mah_per_g"].to_numpy() == pytest.approx(2.475 / 0.016)
    assert cycles["charging_capacity_mah_per_cm2"].to_numpy() == pytest.approx(2.5 / 1.32732, rel=1e-5)
    assert cycles["capacity_retention_percent"].to_numpy() == pytest.approx(100)
    assert cycles["coulombic_efficiency_percent"].to_numpy() == pytest.approx(99)
    assert cycles["cumulative_capacity_difference_ah"].iloc[-1] == pytest.approx(6 * 0.025e-3)


def test_step_ends_on_a_regular_beat_cost_certainty(linear: Maker, facts: CellFacts) -> None:
    """Sampled every 60 s whatever the step does, Q is uncertain by I x 60 s/sqrt(6): u says so."""
    current = np.concatenate([np.repeat([0, 1.25e-3, 0, -1.25e-3], [10, 120, 10, 119 - fade]) for fade in range(8)])
    charge = np.cumsum(current) * 60 / 3600
    sampled = pd.DataFrame({"test_time_second": 60.0 * np.arange(current.size), "current_ampere": current})
    cycles = summarise_cycles(sampled.assign(voltage_volt=3.0, surface_pressure_mpa=70 + 850 * charge), facts)
    name = "delta_delta_p_q_mpa_per_ah_e1"
    share = (cycles[f"{name}_u"] / cycles[name]).iloc[0]
    assert share == pytest.approx(1.25e-3 * 60 / 3600 / np.sqrt(6) / cycles[BOTH[1]].iloc[0])
    by_step = summarise_cycles(linear(cycles=8, charge_ampere=1.27e-3), facts)
    assert (by_step[f"{name}_u"] < 1e-6).all()
