"""What must hold for every cell: invariances of the whole way from records to cycles."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressiometry.columns import RECORD_COLUMNS
from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts
from pressiometry.units import convert

Maker = Callable[..., pd.DataFrame]
PER_G = "delta_delta_p_q_mpa_g_per_ah"
VALUES = [PER_G, f"{PER_G}_e1", f"{PER_G}_e2", f"{PER_G}_e3", f"{PER_G}_u", "slope_asymmetry_percent"]


def numbers_of(cycles: pd.DataFrame, names: list[str]) -> np.ndarray:
    """The named columns as one array."""
    return cycles[names].to_numpy(dtype=float)


@given(cut=st.integers(min_value=1, max_value=600), reported=st.booleans())
def test_finished_cycles_do_not_change_when_more_records_come(
    linear: Maker, facts: CellFacts, *, cut: int, reported: bool
) -> None:
    """Whatever batch the records end in, the cycles finished by then are as they will be, and nothing else is."""
    records = linear(cycles=3, noise=0.004, drift=0.01, reported=reported)
    whole = summarise_cycles(records, facts)
    part = summarise_cycles(records.iloc[:cut], facts)
    finished = part[part["state"] == "complete"]
    names = ["cycle_count", "cycle_charging_capacity_ah", "cycle_discharging_capacity_ah", "p_eoc_mpa", "p_eod_mpa"]
    later = whole.iloc[: len(finished)]
    assert numbers_of(finished, names) == pytest.approx(numbers_of(later, names), rel=1e-9)
    assert numbers_of(finished, VALUES) == pytest.approx(numbers_of(later, VALUES), rel=1e-6, nan_ok=True)
    assert len(part) - len(finished) <= 1


@given(factor=st.floats(min_value=0.1, max_value=10))
def test_the_paper_unit_scales_with_the_mass_and_the_others_do_not(
    linear: Maker, facts: CellFacts, factor: float
) -> None:
    """Twice the mass is twice MPa g/(A h); MPa/(A h), the areal and the relative indicator stay."""
    records = linear(cycles=6, noise=0.004)
    cycles = summarise_cycles(records, facts)
    heavier = summarise_cycles(records, replace(facts, active_mass_mg=16.0 * factor))
    assert numbers_of(heavier, [PER_G]) == pytest.approx(factor * numbers_of(cycles, [PER_G]))
    same = [
        "delta_delta_p_q_mpa_per_ah",
        "delta_delta_p_q_mpa_cm2_per_mah",
        "delta_delta_p_q_percent",
        "delta_delta_p_mpa",
    ]
    assert numbers_of(heavier, same) == pytest.approx(numbers_of(cycles, same))


@given(offset=st.floats(min_value=-60, max_value=400))
def test_a_tare_changes_nothing_but_the_levels(linear: Maker, facts: CellFacts, offset: float) -> None:
    """An offset of the pressure leaves swings, indicators, slopes and drift as they are."""
    records = linear(noise=0.004, drift=0.01)
    moved = records.assign(surface_pressure_mpa=records["surface_pressure_mpa"] + offset)
    names = [*VALUES, "delta_delta_p_mpa", "p_drift_mpa", "hysteresis_percent", "p_residual_mpa"]
    before, after = summarise_cycles(records, facts), summarise_cycles(moved, facts)
    assert numbers_of(after, names) == pytest.approx(numbers_of(before, names), rel=1e-6, abs=1e-9, nan_ok=True)
    assert after["p_eod_mpa"].to_numpy() == pytest.approx(before["p_eod_mpa"].to_numpy() + offset)


def test_a_mirrored_pressure_gives_a_mirrored_indicator(linear: Maker, facts: CellFacts) -> None:
    """Pressure turned about its start gives the negative of every indicator, flagged and not masked."""
    records = linear(drift=0.01, noise=0.004)
    mirrored = records.assign(surface_pressure_mpa=140 - records["surface_pressure_mpa"])
    names = [PER_G, f"{PER_G}_e1", f"{PER_G}_e2", f"{PER_G}_e3", "delta_delta_p_mpa"]
    before, after = summarise_cycles(records, facts), summarise_cycles(mirrored, facts)
    assert numbers_of(after, names) == pytest.approx(-numbers_of(before, names))
    assert all(codes == ["negative_indicator"] for codes in after["quality"])
    assert not after["masked"].any()


def test_charge_and_discharge_mirrored_in_time_give_the_same_indicator(linear: Maker, facts: CellFacts) -> None:
    """A cycle run backwards (time and current reversed) has the same E2 and E3, and the opposite asymmetry."""
    records = linear(cycles=1, efficiency=1.0, drift=0.05, leak_share=0.01, rest=600.0)
    backwards = records.iloc[::-1].reset_index(drop=True)
    last = records["test_time_second"].iloc[-1]
    backwards["test_time_second"] = last - backwards["test_time_second"]
    backwards["current_ampere"] = -backwards["current_ampere"].shift(1, fill_value=0.0)
    before, after = summarise_cycles(records, facts), summarise_cycles(backwards, facts)
    for name in (f"{PER_G}_e2", f"{PER_G}_e3"):
        assert after[name].to_numpy() == pytest.approx(before[name].to_numpy(), rel=2e-3)
    assert after["slope_asymmetry_percent"].iloc[0] == pytest.approx(
        -before["slope_asymmetry_percent"].iloc[0], rel=0.02
    )


@pytest.mark.parametrize(("unit", "column"), [("psi", "surface_pressure_mpa"), ("mA", "current_ampere")])
def test_a_file_in_other_units_gives_the_same(linear: Maker, facts: CellFacts, unit: str, column: str) -> None:
    """Converted out and in again, a column changes no result."""
    ours = RECORD_COLUMNS[column].unit
    records = linear()
    there = convert(records[column], ours, unit)
    back = records.assign(**{column: convert(there, unit, ours)})
    assert numbers_of(summarise_cycles(back, facts), VALUES[:4]) == pytest.approx(
        numbers_of(summarise_cycles(records, facts), VALUES[:4])
    )


def test_seconds_since_another_start_change_only_the_times(linear: Maker, facts: CellFacts) -> None:
    """A test that starts a million seconds later has the same results."""
    records = linear(noise=0.004)
    later = records.assign(test_time_second=records["test_time_second"] + 1e6)
    before, after = summarise_cycles(records, facts), summarise_cycles(later, facts)
    assert numbers_of(after, VALUES) == pytest.approx(numbers_of(before, VALUES), rel=1e-6)
    assert (after["start_second"] - before["start_second"]).to_numpy() == pytest.approx(1e6)


@pytest.mark.parametrize("signal", ["thickness_micrometre", "strain"])
def test_one_mechanical_signal_runs_through_all_of_it(linear: Maker, facts: CellFacts, signal: str) -> None:
    """Thickness and strain give what pressure gives, under their own names and units."""
    records = linear(noise=0.004, drift=0.01)
    pressure = summarise_cycles(records, facts)
    renamed = summarise_cycles(records.rename(columns={"surface_pressure_mpa": signal}), facts)
    assert renamed.attrs["mechanical_signal"] == signal
    assert not [name for name in renamed.columns if "mpa" in name]
    names = {
        "thickness_micrometre": "delta_delta_thickness_q_micrometre_g_per_ah",
        "strain": "delta_delta_strain_q_g_per_ah",
    }
    assert renamed[names[signal]].to_numpy() == pytest.approx(pressure[PER_G].to_numpy())


def test_a_logger_on_the_same_axis_gives_what_the_records_give(
    linear: Maker, facts: CellFacts, true_indicator: float
) -> None:
    """A logger's own samples, at other times than the records', give the same indicator without drift of charge."""
    records = linear(drift=0.02)
    time = np.arange(5.0, records["test_time_second"].iloc[-1], 7.0)
    pressure = np.interp(time, records["test_time_second"], records["surface_pressure_mpa"])
    logger = pd.DataFrame({"test_time_second": time, "surface_pressure_mpa": pressure})
    cycles = summarise_cycles(records.drop(columns="surface_pressure_mpa"), facts, mechanical=logger)
    assert cycles[f"{PER_G}_e2"].to_numpy() == pytest.approx(true_indicator, rel=1e-5)
    assert cycles[f"{PER_G}_e3"].to_numpy() == pytest.approx(true_indicator, rel=1e-5)
    assert cycles["coverage_charging_percent"].to_numpy() == pytest.approx(100)
