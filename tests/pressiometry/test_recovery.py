"""Cells of the simulator, whose truth is known: what is found is what was put in.

The table of SCIENCE section 3 is held in tests/demo/test_recovery.py.
"""

import numpy as np
import pandas as pd
import pytest

from demo.disturbances import UNDISTURBED, Disturbances
from demo.parameters import cell_parameters
from demo.plan import example_cells
from demo.simulator import SimulatedCell, simulate_cell
from demo.symmetric import simulate_symmetric_cell
from pressiometry.cycles import suggest_formation, summarise_cycles

PER_G = "delta_delta_p_q_mpa_g_per_ah"


def example(name: str) -> SimulatedCell:
    """One cell of the example experiment."""
    return next(cell for cell in example_cells() if cell.name == name).simulate()


@pytest.mark.parametrize("estimator", ["e2", "e3"])
def test_without_noise_the_truth_is_recovered(estimator: str) -> None:
    """E2 and E3 within 0.1 % of y(n) in every cycle, capacities within 0.02 %."""
    cell = simulate_cell(cell_parameters(0), cycles=12, record_interval_second=10.0, disturbances=UNDISTURBED)
    cycles = summarise_cycles(cell.records, cell.facts)
    assert cycles[f"{PER_G}_{estimator}"].to_numpy() == pytest.approx(cell.truth[PER_G].to_numpy(), rel=1e-3)
    for name in ("cycle_charging_capacity_ah", "cycle_discharging_capacity_ah"):
        assert cycles[name].to_numpy() == pytest.approx(cell.truth[name].to_numpy(), rel=2e-4)


@pytest.mark.parametrize("estimator", ["e1", "e2", "e3"])
def test_u_is_the_error_of_a_noisy_sensor(estimator: str) -> None:
    """Sensor noise and 0.1 kgf alone: the errors over u have an sd of about one."""
    sensor = Disturbances(sensor_mpa=0.004, quantised=True)
    scores = []
    for seed in range(3):
        quiet = simulate_cell(cell_parameters(5), cycles=40, seed=seed, disturbances=UNDISTURBED)
        noisy = simulate_cell(cell_parameters(5), cycles=40, seed=seed, disturbances=sensor)
        exact, found = (summarise_cycles(cell.records, cell.facts) for cell in (quiet, noisy))
        name = f"{PER_G}_{estimator}"
        scores.append((found[name] - exact[name]) / found[f"{name}_u"])
    assert np.std(np.concatenate(scores)) == pytest.approx(1, abs=0.3)


def test_planted_faults_are_found_and_outliers_are_not_masked() -> None:
    """The +1 K step is one excursion; lost samples cost some cycles; 5 % outliers are the early warning's matter."""
    stepped, lossy, outlying = (
        summarise_cycles(cell.records, cell.facts) for cell in map(example, ("In5-2", "In15-2", "In5-3"))
    )
    assert sum("temperature_excursion" in codes for codes in stepped["quality"]) == 1
    found = {code for codes in lossy["quality"] for code in codes}
    assert {"low_coverage", "record_gap", "no_discharge"} <= found
    assert 2 <= lossy["masked"].sum() <= 8
    assert not outlying["masked"].any()


def test_a_short_circuit_is_a_gap_at_the_end() -> None:
    """The last cycle of an uncoated cell has no indicator; all before have one, and none is masked."""
    cell = example("In0-1")
    cycles = summarise_cycles(cell.records, cell.facts)
    assert cycles[PER_G].notna().tolist() == [True] * (len(cycles) - 1) + [False]
    assert cycles["masked"].tolist() == [0] * (len(cycles) - 1) + [1]


def test_formation_of_a_symmetric_cell_is_suggested() -> None:
    """Ten slow cycles before the others are found; polarisation is I (R1 + R2 + R3) with the cell's area."""
    cell = simulate_symmetric_cell(40, cycles=20, formation_cycles=10)
    cycles = summarise_cycles(cell.records, cell.facts)
    assert suggest_formation(cycles) == 10
    assert cell.facts.cell_type == "symmetric"
    assert cycles["delta_delta_p_mpa"].isna().all()
    ohm = cycles["polarisation_volt"] / cycles["charging_current_ampere"]
    assert ohm.iloc[11:].to_numpy() == pytest.approx(14.5, abs=1.0)


def test_batches_of_a_real_looking_cell_give_the_same() -> None:
    """Records in two files, numbered anew in each, are one cell: nothing changes at the border."""
    cell = simulate_cell(cell_parameters(5), cycles=4)
    half = len(cell.records) // 2 + 13
    split = cell.records.copy()
    split["record_index"] = [*range(half), *range(len(split) - half)]
    whole, parts = summarise_cycles(cell.records, cell.facts), summarise_cycles(split, cell.facts)
    pd.testing.assert_frame_equal(whole, parts)
