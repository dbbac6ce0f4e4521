"""The paper's lithium figures, recomputed from its own inputs (SCIENCE section 6)."""

from math import inf

import pytest

from pressiometry import lithium


def test_electrodeposited_li_is_ten_micrometres() -> None:
    """2 mA/cm2 for 3710 s is 2.0611 mAh/cm2, which is 10.0005 um of dense Li."""
    charge = lithium.electrodeposited_mah_per_cm2(2, 3710)
    assert charge == pytest.approx(2.0611, abs=5e-5)
    assert lithium.li_thickness_um(charge) == pytest.approx(10.0005, abs=5e-5)


def test_thickness_per_charge_is_smaller_than_the_paper_rounds_it() -> None:
    """Li grows by 4.852 um per mAh/cm2; the paper rounds it to 5.0."""
    assert lithium.li_thickness_um(1) == pytest.approx(4.852, abs=5e-4)


@pytest.mark.parametrize(("left", "percent"), [(1.60, 13.0), (1.39, 24.5), (1.13, 38.6)])
def test_li_lost_by_plating_follows_from_the_stripping_tests(left: float, percent: float) -> None:
    """Electroless plating for 5, 15 and 40 min costs 13.0, 24.5 and 38.6 % of 1.84 mAh/cm2."""
    assert lithium.lost_percent(1.84, left) == pytest.approx(percent, abs=0.05)


def test_icp_and_stripping_differ_by_three_points() -> None:
    """Stripping (13.0 %) and ICP-OES (9.8 %) of the 5 min sample are 3.2 points apart, 0.24 against 0.18 mAh/cm2."""
    stripped = lithium.lost_percent(1.84, 1.60)
    assert stripped - 9.8 == pytest.approx(3.2, abs=0.05)
    dissolved = 1.84 * 9.8 / 100
    assert dissolved == pytest.approx(0.18, abs=0.005)


@pytest.mark.parametrize(("before", "after", "percent"), [(1.84, 1.19, 35.3), (1.60, 1.33, 16.9)])
def test_losses_of_table_1(before: float, after: float, percent: float) -> None:
    """Cycling costs 35.3 % of the Li uncoated and 16.9 % coated (the paper prints 17.8)."""
    assert lithium.lost_percent(before, after) == pytest.approx(percent, abs=0.05)


@pytest.mark.parametrize(
    ("before", "life", "loss_uah"), [(1.84, 160, 5.75), (1.60, 270, 2.52), (1.39, 130, 3.62), (1.13, 110, 1.91)]
)
def test_loss_rates_and_lives_are_each_others_inverse(before: float, life: int, loss_uah: float) -> None:
    """The losses of SCIENCE section 5 exhaust the Li at the paper's cycle lives, and the other way round."""
    loss = lithium.loss_per_cycle_mah_per_cm2(before, life)
    assert loss * 1000 == pytest.approx(loss_uah, abs=0.005)
    assert lithium.exhaustion_cycle(before, loss) == pytest.approx(life)


@pytest.mark.parametrize(("before", "life", "left"), [(1.84, 160, 1.19), (1.60, 270, 1.33)])
def test_one_threshold_joins_cycle_life_and_table_1(before: float, life: int, left: float) -> None:
    """The loss derived from the cycle life predicts the Li left after 110 cycles within 2 %, for 0 and 5 min."""
    loss = lithium.loss_per_cycle_mah_per_cm2(before, life)
    assert lithium.li_left_mah_per_cm2(before, loss, 110) == pytest.approx(left, rel=0.02)


def test_li_runs_out_at_nothing() -> None:
    """Li left is never negative, a cell without loss lasts for ever, one below the threshold not at all."""
    assert lithium.li_left_mah_per_cm2(1.0, 0.01, 500) == 0
    assert lithium.exhaustion_cycle(1.84, 0.0) == inf
    assert lithium.exhaustion_cycle(0.5, 0.01) == 0


def test_the_two_n_to_p_ratios_need_two_foils() -> None:
    """1.53 at 1.4 and 1.02 at 2.4 mAh/cm2 imply 2.14 and 2.45 mAh/cm2 of Li: not one foil."""
    assert lithium.li_of_n_to_p_mah_per_cm2(1.53, 1.4) == pytest.approx(2.14, abs=0.005)
    assert lithium.li_of_n_to_p_mah_per_cm2(1.02, 2.4) == pytest.approx(2.45, abs=0.005)
    assert lithium.n_to_p_ratio(1.60, 1.4) == pytest.approx(1.14, abs=0.005)
    assert lithium.n_to_p_ratio(1.60, 2.4) == pytest.approx(0.67, abs=0.005)


def test_gibbs_energy_of_the_plating_reaction() -> None:
    """Three electrons over 2.70 V are -781.5 kJ/mol; the paper's -847.27 would be 2.93 V."""
    assert lithium.reaction_kj_per_mol(3, 2.70) == pytest.approx(-781.5, abs=0.05)
    assert lithium.reaction_volt(3, -847.27) == pytest.approx(2.93, abs=0.005)


def test_counter_electrode_is_not_li100in() -> None:
    """8:2 by weight is about Li66In."""
    assert round(lithium.li_atoms_per_in(8, 2)) == 66


def test_li_budget_of_the_paper_does_not_close() -> None:
    """200 cycles at CE 98.92 % lose 2.34 mAh/cm2; the anode and the faded cathode had 1.85."""
    assert lithium.unreturned_li_mah_per_cm2(200, 98.92, 149, 7.2) == pytest.approx(2.34, abs=0.005)
    assert lithium.available_li_mah_per_cm2(1.60, 166, 79, 7.2) == pytest.approx(1.85, abs=0.005)


def test_bound_li_still_swells_the_stack() -> None:
    """Li6PS5Cl + 8 Li shrinks by 18.4 %, yet Li from the cathode adds 0.56 of its metal volume."""
    assert lithium.bound_li_volume_share(-18.4, 8) == pytest.approx(0.56, abs=0.005)
