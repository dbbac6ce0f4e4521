"""Lithium by the numbers: how much was plated, is left, is lost, and what the paper's figures add up to (SCIENCE 6)."""

FARADAY_COULOMB_PER_MOL = 96485.33212
LI_MAH_PER_CM3 = 2061.0
"""Volumetric capacity of Li metal, as the paper states it."""
LI_GRAM_PER_MOL, IN_GRAM_PER_MOL = 6.94, 114.818
LI_CM3_PER_MOL, LI6PS5CL_CM3_PER_MOL = 13.0, 144.0
"""Molar volumes: general knowledge, not from the paper."""
EXHAUSTED_MAH_PER_CM2 = 0.92
"""Li below which a symmetric cell fails; one threshold joins the paper's cycle lives and its Table 1."""


def electrodeposited_mah_per_cm2(current_density_ma_per_cm2: float, second: float) -> float:
    """Return the charge of Li plated at a current density for a time, mAh/cm2.

    >>> round(electrodeposited_mah_per_cm2(2, 3710), 4)
    2.0611
    """
    return current_density_ma_per_cm2 * second / 3600


def li_thickness_um(mah_per_cm2: float) -> float:
    """Return the thickness of dense Li metal that holds a charge, um.

    >>> round(li_thickness_um(1), 3)
    4.852
    """
    return mah_per_cm2 / LI_MAH_PER_CM3 * 1e4


def lost_percent(before_mah_per_cm2: float, after_mah_per_cm2: float) -> float:
    """Return the share of the Li that is gone, % of what there was before.

    >>> round(lost_percent(1.84, 1.60), 1)
    13.0
    """
    return 100 * (1 - after_mah_per_cm2 / before_mah_per_cm2)


def loss_per_cycle_mah_per_cm2(
    before_mah_per_cm2: float, life_cycles: float, *, exhausted_mah_per_cm2: float = EXHAUSTED_MAH_PER_CM2
) -> float:
    """Return the loss that exhausts the Li exactly at a symmetric cell's life, mAh/cm2 per cycle.

    >>> round(loss_per_cycle_mah_per_cm2(1.84, 160), 5)
    0.00575
    """
    return (before_mah_per_cm2 - exhausted_mah_per_cm2) / life_cycles


def li_left_mah_per_cm2(before_mah_per_cm2: float, loss_mah_per_cm2: float, cycles: float) -> float:
    """Return the Li left after cycles of equal loss, mAh/cm2; never below nothing."""
    return max(before_mah_per_cm2 - loss_mah_per_cm2 * cycles, 0.0)


def exhaustion_cycle(
    before_mah_per_cm2: float, loss_mah_per_cm2: float, *, exhausted_mah_per_cm2: float = EXHAUSTED_MAH_PER_CM2
) -> float:
    """Return the cycle at which the Li left has fallen to the threshold; infinite without loss, 0 if it is below.

    >>> round(exhaustion_cycle(1.84, 0.00575), 6)
    160.0
    """
    spare = max(before_mah_per_cm2 - exhausted_mah_per_cm2, 0.0)
    return spare / loss_mah_per_cm2 if loss_mah_per_cm2 > 0 else float("inf")


def n_to_p_ratio(li_mah_per_cm2: float, cathode_mah_per_cm2: float) -> float:
    """Return the capacity ratio of the negative to the positive electrode.

    >>> round(n_to_p_ratio(1.60, 1.4), 2)
    1.14
    """
    return li_mah_per_cm2 / cathode_mah_per_cm2


def li_of_n_to_p_mah_per_cm2(n_to_p: float, cathode_mah_per_cm2: float) -> float:
    """Return the Li that a stated N/P ratio implies, mAh/cm2.

    >>> round(li_of_n_to_p_mah_per_cm2(1.53, 1.4), 2)
    2.14
    """
    return n_to_p * cathode_mah_per_cm2


def reaction_kj_per_mol(electrons: int, volt: float) -> float:
    """Return the Gibbs energy of a reaction, -z F E, kJ/mol.

    >>> round(reaction_kj_per_mol(3, 2.70), 1)
    -781.5
    """
    return -electrons * FARADAY_COULOMB_PER_MOL * volt / 1000


def reaction_volt(electrons: int, kj_per_mol: float) -> float:
    """Return the cell voltage that a Gibbs energy amounts to, V.

    >>> round(reaction_volt(3, -847.27), 2)
    2.93
    """
    return -kj_per_mol * 1000 / (electrons * FARADAY_COULOMB_PER_MOL)


def li_atoms_per_in(li_weight: float, in_weight: float) -> float:
    """Return the Li atoms to one In atom in an alloy mixed by weight.

    >>> round(li_atoms_per_in(8, 2))
    66
    """
    return (li_weight / LI_GRAM_PER_MOL) / (in_weight / IN_GRAM_PER_MOL)


def unreturned_li_mah_per_cm2(
    cycles: int, efficiency_percent: float, discharge_mah_per_g: float, loading_mg_per_cm2: float
) -> float:
    """Return the Li that a full cell has not got back, the sum of Q_c - Q_d at a constant efficiency, mAh/cm2.

    >>> round(unreturned_li_mah_per_cm2(200, 98.92, 149, 7.2), 2)
    2.34
    """
    discharged = discharge_mah_per_g * loading_mg_per_cm2 / 1000
    return cycles * discharged * (100 / efficiency_percent - 1)


def available_li_mah_per_cm2(
    stripped_mah_per_cm2: float, first_mah_per_g: float, retention_percent: float, loading_mg_per_cm2: float
) -> float:
    """Return the Li that could have gone missing: the anode's, and what a faded cathode no longer takes, mAh/cm2.

    >>> round(available_li_mah_per_cm2(1.60, 166, 79, 7.2), 2)
    1.85
    """
    return stripped_mah_per_cm2 + first_mah_per_g * loading_mg_per_cm2 / 1000 * (1 - retention_percent / 100)


def bound_li_volume_share(reaction_volume_change_percent: float, li_atoms: float) -> float:
    """Return the volume that Li adds once bound in the products with Li6PS5Cl, as a share of its metal's volume.

    The reaction as a whole may shrink and the stack still swell, where the Li comes from the cathode.

    >>> round(bound_li_volume_share(-18.4, 8), 2)
    0.56
    """
    metal = li_atoms * LI_CM3_PER_MOL
    products = (LI6PS5CL_CM3_PER_MOL + metal) * (1 + reaction_volume_change_percent / 100)
    return (products - LI6PS5CL_CM3_PER_MOL) / metal
