"""The simulated symmetric cell exhausts its Li when the paper's cells do."""

import pytest

from demo.disturbances import UNDISTURBED
from demo.symmetric import SYMMETRIC_PARAMETERS, simulate_symmetric_cell
from pressiometry.errors import InvalidInputError


@pytest.mark.parametrize(("plating", "life"), [(0, 160), (5, 270), (15, 130), (40, 110)])
def test_li_is_exhausted_at_the_life_of_the_paper(plating: int, life: int) -> None:
    """Li falls to 0.92 mAh/cm2 at the cycle life of Fig. 2a; the voltage reaches 1 V some cycles later and ends it."""
    truth = simulate_symmetric_cell(plating, formation_cycles=0, disturbances=UNDISTURBED).truth
    assert truth.loc[truth["exhausted"], "cycle_count"].iloc[0] == pytest.approx(life, abs=1)
    assert truth["stopped"].tolist() == [False] * (len(truth) - 1) + [True]
    assert len(truth) > life


def test_two_hours_a_cycle_and_positive_voltage_plates() -> None:
    """A cycle is 1 h of plating at positive and 1 h of stripping at negative voltage and current."""
    cell = simulate_symmetric_cell(5, cycles=3, formation_cycles=0, disturbances=UNDISTURBED)
    assert cell.truth["end_second"].tolist() == pytest.approx([7200, 14400, 21600])
    records = cell.records
    assert ((records["voltage_volt"] > 0) == (records["current_ampere"] > 0)).all()
    assert ((records["step_count"] == 1) == (records["current_ampere"] > 0)).all()


def test_voltage_is_current_times_resistance() -> None:
    """Plating at 1 mA/cm2 on 12 mm shows R1 + R2 + R3: 11.9 ohm in an uncoated cell at first, 14.5 at cycle 110."""
    assert SYMMETRIC_PARAMETERS[0].resistance_ohm(0) == pytest.approx(11.9)
    assert SYMMETRIC_PARAMETERS[0].resistance_ohm(110) == pytest.approx(14.5)
    records = simulate_symmetric_cell(0, cycles=1, formation_cycles=0, disturbances=UNDISTURBED).records
    ohm = SYMMETRIC_PARAMETERS[0].resistance_ohm(1)
    assert records["voltage_volt"].iloc[0] == pytest.approx(1.131e-3 * ohm, rel=1e-3)


def test_formation_comes_first_at_a_fifth_of_the_current() -> None:
    """Ten leading cycles at 0.2 mA/cm2 are in the facts and the records and not in the truth, and cost no Li."""
    cell = simulate_symmetric_cell(5, cycles=2)
    assert cell.facts.formation_cycles == 10
    density = cell.records.groupby("instrument_cycle_count")["current_ampere"].max() / cell.facts.electrode_area_cm2
    assert (density * 1000).round(3).tolist() == [0.2] * 10 + [1.0] * 2
    assert cell.truth["li_left_mah_per_cm2"].iloc[0] == pytest.approx(1.60 - 0.00252)


def test_pressure_hardly_swings() -> None:
    """Li that leaves one electrode reaches the other: undisturbed, the pressure only creeps."""
    records = simulate_symmetric_cell(15, cycles=20, disturbances=UNDISTURBED).records
    assert records["surface_pressure_mpa"].diff().dropna().le(0).all()
    assert records["surface_pressure_mpa"].iloc[0] - records["surface_pressure_mpa"].iloc[-1] < 0.3


def test_unknown_plating_time_is_refused() -> None:
    """A plating time without numbers is refused with a remedy."""
    with pytest.raises(InvalidInputError, match="0, 5, 15 or 40 min"):
        simulate_symmetric_cell(7)
