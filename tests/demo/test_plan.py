"""The plan of the example experiment: its cells, their labels and the shapes of their indicators."""

import numpy as np
import pandas as pd
import pytest

from demo.plan import ExampleCell, example_cells
from demo.simulator import SimulatedCell


@pytest.fixture(scope="module")
def plan() -> dict[str, ExampleCell]:
    """The twelve cells by name."""
    return {cell.name: cell for cell in example_cells()}


@pytest.fixture(scope="module")
def simulated(plan: dict[str, ExampleCell]) -> dict[str, SimulatedCell]:
    """The twelve cells' records and truth."""
    return {name: cell.simulate() for name, cell in plan.items()}


def test_plan_has_three_cells_of_each_plating_time(plan: dict[str, ExampleCell]) -> None:
    """Twelve cells: 0, 5, 15 and 40 min, three replicates each, uncoated first."""
    names = [f"In{plating}-{replicate}" for plating in (0, 5, 15, 40) for replicate in (1, 2, 3)]
    assert list(plan) == names
    assert {cell.values()["name"] for cell in plan.values()} == set(names)


def test_plan_is_always_the_same(plan: dict[str, ExampleCell]) -> None:
    """Seeds are fixed: the plan and its records do not change from one start to the next."""
    assert example_cells() == list(plan.values())
    once, again = (plan["In40-2"].simulate().records for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    assert len({(cell.parameters.plating_time_min, cell.seed) for cell in plan.values()}) == 12


def test_every_cell_is_labelled_synthetic(plan: dict[str, ExampleCell]) -> None:
    """0 and 5 min follow the paper, 15 and 40 min do not; that records come every 60 s is of ours in all of them."""
    labels = {name: cell.values()["synthetic"] for name, cell in plan.items()}
    assert {name for name, label in labels.items() if label == "synthetic"} == {
        f"In{plating}-{replicate}" for plating in (0, 5) for replicate in (1, 2, 3)
    }
    assert set(labels.values()) == {"synthetic", "synthetic, not from the paper"}
    for cell in plan.values():
        assert "One record every 60 s: synthetic, not from the paper." in cell.values()["notes"]


def test_three_cells_are_disturbed_on_purpose(
    plan: dict[str, ExampleCell], simulated: dict[str, SimulatedCell]
) -> None:
    """One has a +1 K step, one misses samples, one has 3 % outlier cycles; their notes say so, and nobody else's."""
    disturbed = {name: cell.disturbance for name, cell in plan.items() if cell.disturbance}
    assert disturbed == {
        "In5-2": "+1 K step half-way",
        "In15-2": "3 % of the samples missing",
        "In5-3": "3 % outlier cycles",
    }
    warm = simulated["In5-2"].records["surface_temperature_celsius"]
    half = len(warm) // 2
    assert warm[half:].median() - warm[:half].median() == pytest.approx(1.0, abs=0.1)
    gaps = {name: cell.records["test_time_second"].diff().max() > 1000 for name, cell in simulated.items()}
    assert [name for name, gap in gaps.items() if gap] == ["In15-2"]
    outliers = {name: int(cell.truth["outlier"].sum()) for name, cell in simulated.items()}
    assert {name: count for name, count in outliers.items() if count} == {"In5-3": 2}
    for name, cell in plan.items():
        assert ("on purpose" in cell.values()["notes"]) == (name in disturbed)


def test_failed_cells_died_of_a_short_circuit(plan: dict[str, ExampleCell]) -> None:
    """0, 15 and 40 min have failed with cause ISC; the 5 min cells are finished after 60 cycles."""
    for cell in plan.values():
        values = cell.values()
        expected = ("finished", None) if cell.parameters.plating_time_min == 5 else ("failed", "ISC")
        assert (values["state"], values["cause"]) == expected


def test_facts_of_the_cells(plan: dict[str, ExampleCell]) -> None:
    """All are full cells of 12.6 mg/cm2 on 13 mm, at 60 degrees, 70 MPa and 0.5C of 3.34 mAh."""
    for cell in plan.values():
        values = cell.values()
        assert values["cell_type"] == "full"
        assert (values["loading_mg_per_cm2"], values["electrode_diameter_mm"], values["force_diameter_mm"]) == (
            12.6,
            13,
            13,
        )
        assert (values["temperature_celsius"], values["applied_pressure_mpa"]) == (60, 70)
        assert values["nominal_capacity_mah"] == pytest.approx(3.345, abs=1e-3)
        assert values["properties"]["C-rate"] == 0.5


@pytest.mark.parametrize(("plating", "break_cycle", "short_cycle"), [(0, 13, 20), (15, 22, 31), (40, 12, 18)])
def test_breaks_and_short_circuits_are_near_the_table(
    plan: dict[str, ExampleCell],
    simulated: dict[str, SimulatedCell],
    plating: int,
    break_cycle: int,
    short_cycle: int,
) -> None:
    """Three replicates break and die within two cycles of SCIENCE section 5, one of them exactly there."""
    cells = [plan[f"In{plating}-{replicate}"] for replicate in (1, 2, 3)]
    breaks = [cell.parameters.break_cycle or 0 for cell in cells]
    shorts = [cell.parameters.short_cycle or 0 for cell in cells]
    assert (break_cycle, short_cycle) in zip(breaks, shorts, strict=True)
    assert max(abs(np.array(breaks) - break_cycle)) <= 2
    assert max(abs(np.array(shorts) - short_cycle)) <= 2
    assert len(set(breaks)) == 3
    for cell in cells:
        truth = simulated[cell.name].truth
        assert truth["isc"].sum() == 1
        assert truth["isc"].iloc[-1]
        assert truth.loc[truth["isc"], "cycle_count"].item() == cell.parameters.short_cycle


def test_five_minute_cells_do_not_break(simulated: dict[str, SimulatedCell]) -> None:
    """They run for 60 cycles: the indicator falls for 30 and rises after, without a break or a short circuit."""
    for replicate in (1, 2, 3):
        truth = simulated[f"In5-{replicate}"].truth
        assert len(truth) == 60
        assert not truth[["after_break", "isc"]].to_numpy().any()
        trend = truth["indicator_trend_mpa_g_per_ah"]
        assert trend.diff().iloc[1:30].lt(0).all()
        assert trend.diff().iloc[30:].gt(0).all()


def test_indicators_fall_gently_at_first(plan: dict[str, ExampleCell], simulated: dict[str, SimulatedCell]) -> None:
    """All start within 8 % of y1 and lose less than 2 % a cycle to the break; healthy ones fall towards 13.5."""
    for name, cell in simulated.items():
        trend = cell.truth["indicator_trend_mpa_g_per_ah"]
        first = {0: 16.0, 5: 16.0, 15: 15.5, 40: 15.0}[int(cell.parameters.plating_time_min)]
        assert trend.iloc[0] == pytest.approx(first, rel=0.08)
        before = trend.iloc[: plan[name].parameters.break_cycle or 30]
        assert before.pct_change().dropna().between(-0.02, 0).all()
    settled = [simulated[f"In5-{replicate}"].truth["indicator_trend_mpa_g_per_ah"].iloc[29] for replicate in (1, 2, 3)]
    assert settled == pytest.approx([13.5] * 3, rel=0.06)
