"""Jumps that no cell makes mask their cycle and are told in words; what cell and sensor do by themselves does not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from demo.disturbances import HARSH, TYPICAL, Disturbances
from demo.parameters import cell_parameters
from demo.simulator import simulate_cell
from pressiometry.cycles import summarise_cycles
from pressiometry.facts import CellFacts

Maker = Callable[..., pd.DataFrame]
CODES = {"signal_step", "outlier_samples"}
PRESSURE = "surface_pressure_mpa"
PER_AH = "delta_delta_p_q_mpa_per_ah"


def shifted(records: pd.DataFrame, step: int, row: int, size: float, *, alone: bool = False) -> pd.DataFrame:
    """The records with the pressure off by a size from a row of a step of cycle 2 on, or in that row alone."""
    inside = records.index[(records["instrument_cycle_count"] == 2) & (records["step_count"] == step)]
    changed = records.copy()
    rows = inside[[row]] if alone else records.index[records.index >= inside[row]]
    changed.loc[rows, PRESSURE] += size
    return changed


@pytest.mark.parametrize(
    ("step", "row", "size"), [(2, 40, 5.0), (2, -1, 0.3), (5, 0, 1.0), (5, 60, -0.2), (4, 4, -70.0), (5, -2, 0.3)]
)
def test_a_step_within_a_cycle_masks_it(linear: Maker, facts: CellFacts, step: int, row: int, size: float) -> None:
    """A tare or re-torque in charge, rest or discharge: no value, the reason with size and time, others untouched."""
    records = shifted(linear(noise=0.004, resolution=0.007388), step, row, size)
    cycles = summarise_cycles(records, facts)
    assert cycles["quality"].tolist() == [[], ["signal_step"], []]
    assert cycles["masked"].tolist() == [0, 1, 0]
    assert cycles[PER_AH].isna().tolist() == [False, True, False]
    reason = cycles["not_computed"].iloc[1][PER_AH]
    told = float(reason.split(" by ")[1].split(" MPa")[0].replace("−", "-"))
    assert told == pytest.approx(size, abs=0.03)
    second = float(reason.split(" at ")[1].split(" h")[0]) * 3600
    assert cycles["charge_start_second"].iloc[1] < second <= cycles["discharge_end_second"].iloc[1] + 60


def test_a_step_before_the_charge_does_no_harm(linear: Maker, facts: CellFacts, true_indicator: float) -> None:
    """Only the cycle's own pressures enter: a tare in the rest before it is nothing to it."""
    cycles = summarise_cycles(shifted(linear(), 1, 4, -70.0), facts)
    assert cycles["quality"].tolist() == [[], [], []]
    assert cycles["delta_delta_p_q_mpa_g_per_ah"].to_numpy() == pytest.approx(true_indicator, rel=1e-3)


@pytest.mark.parametrize(("step", "row"), [(2, -1), (2, 0), (2, -3), (5, -1), (5, 2)])
def test_a_wild_sample_at_a_step_end_masks_the_cycle(linear: Maker, facts: CellFacts, step: int, row: int) -> None:
    """The line at the end of a step would take it in silently; the sentence says where it is."""
    records = shifted(linear(noise=0.004), step, row, 3.0, alone=True)
    cycles = summarise_cycles(records, facts)
    assert cycles["quality"].tolist() == [[], ["outlier_samples"], []]
    assert cycles["masked"].tolist() == [0, 1, 0]
    assert "lies +3 MPa" in cycles["not_computed"].iloc[1][PER_AH].replace("2.99", "3").replace("3.01", "3")


def test_a_wild_sample_within_a_step_counts_where_it_turns_the_slope(linear: Maker, facts: CellFacts) -> None:
    """In the middle it does nothing to any line; further out, and large, it turns the slope of E3."""
    records = linear(noise=0.004)
    assert not any(summarise_cycles(shifted(records, 2, 60, 0.5, alone=True), facts)["quality"])
    turned = summarise_cycles(shifted(records, 2, 30, 5.0, alone=True), facts)
    assert turned["quality"].tolist() == [[], ["outlier_samples"], []]


@pytest.mark.parametrize("interval", [1.0, 10.0, 300.0, 900.0])
@pytest.mark.parametrize("slope", [850.0, 17.0])
def test_rounding_and_sparse_sampling_are_no_jumps(
    linear: Maker, facts: CellFacts, interval: float, slope: float
) -> None:
    """Whole counts of a stiff or soft rig, sampled every second or every quarter of an hour."""
    records = linear(cycles=2, interval=interval, slope=slope, resolution=0.007388)
    assert not CODES & {code for codes in summarise_cycles(records, facts)["quality"] for code in codes}


@pytest.mark.parametrize("interval", [60.0, 120.0, 240.0])
def test_a_turn_between_two_records_is_no_jump(linear: Maker, facts: CellFacts, interval: float) -> None:
    """Charge turns to discharge without a rest, and the pressure one record later than the current says."""
    records = linear(cycles=3, rest=0.0, interval=interval)
    records[PRESSURE] = records[PRESSURE].shift(1).bfill()
    assert not CODES & {code for codes in summarise_cycles(records, facts)["quality"] for code in codes}


def test_relaxation_is_the_cells_own(linear: Maker, facts: CellFacts) -> None:
    """A tenth of the swing that relaxes in minutes, and a pause in the middle of a charge, are no jumps."""
    records = linear(cycles=3, noise=0.002)
    time, sign = records["test_time_second"].to_numpy(), np.sign(records["current_ampere"].to_numpy())
    relaxed = np.zeros(time.size)
    for row in range(1, time.size):
        kept = np.exp(-(time[row] - time[row - 1]) / 300)
        relaxed[row] = kept * relaxed[row - 1] + (1 - kept) * 0.2 * sign[row]
    records[PRESSURE] += relaxed
    assert summarise_cycles(records, facts)["quality"].tolist() == [[], [], []]


@pytest.mark.parametrize(("sizes", "most"), [(TYPICAL, 0), (HARSH, 4)])
def test_noise_and_slips_are_flagged_in_one_cycle_of_a_hundred_at_most(sizes: Disturbances, most: int) -> None:
    """400 simulated cycles: slips of 0.04 MPa belong to harsh noise."""
    flagged = 0
    for seed in range(8):
        parameters = replace(cell_parameters(5), short_cycle=None)
        cell = simulate_cell(parameters, cycles=50, seed=seed, disturbances=sizes)
        flagged += sum(bool(CODES & set(codes)) for codes in summarise_cycles(cell.records, cell.facts)["quality"])
    assert flagged <= most


def test_a_short_circuit_is_no_tare() -> None:
    """The dying cell's pressure may jump: its last cycle has no discharge, and that is said."""
    cell = simulate_cell(cell_parameters(0), cycles=60, seed=1)
    assert not any(CODES & set(codes) for codes in summarise_cycles(cell.records, cell.facts)["quality"])
