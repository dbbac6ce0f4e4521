"""What a simulated full cell is made of: one table by plating time, and the scatter between replicates."""

from dataclasses import dataclass, replace

import numpy as np

from pressiometry.errors import InvalidInputError
from pressiometry.facts import CellFacts

ONE_C_AMPERE_PER_G = 0.200
"""Current of 1C per gram of NCM; an assumption (SCIENCE section 5)."""
STIFFNESS_MPA_PER_UM = 0.252
"""Effective stiffness K of the stack and fixture; an assumption (SCIENCE sections 1.1 and 5)."""
DECAY_END = 30
"""Cycle at which the healthy indicator has fallen to y30; from there it rises slowly."""


@dataclass(frozen=True, slots=True)
class CellParameters:
    """One simulated full cell: electrochemistry per cm2, the indicator's path, and how it fails (SCIENCE section 5)."""

    plating_time_min: float
    resistance_ohm_cm2: float
    fade_per_cycle: float
    coulombic_efficiency: float
    first_indicator: float  # y1, MPa g/(A h)
    settled_indicator: float  # y30, MPa g/(A h)
    decay_cycles: float  # tau
    break_cycle: int | None = None
    break_slope: float = 0.0  # s_b, MPa g/(A h) per cycle
    short_cycle: int | None = None  # the internal short circuit; the last cycle of the cell
    late_fade_after: int | None = None
    late_fade_per_cycle: float = 0.0
    rise_per_cycle: float = 0.03  # of the indicator, after cycle 30
    capacity_ah_per_g: float = 0.200
    loading_mg_per_cm2: float = 12.6
    c_rate: float = 0.5
    fixture_factor: float = 1.0  # this fixture's stiffness relative to K
    temperature_factor: float = 1.0  # this fixture's kappa_T relative to the nominal one

    @property
    def current_ampere_per_cm2(self) -> float:
        """Magnitude of the charge and discharge current, A/cm2."""
        return self.c_rate * ONE_C_AMPERE_PER_G * self.loading_mg_per_cm2 / 1000

    def capacity_ah_per_cm2(self, cycle: int) -> float:
        """Capacity between x = 0 and 1 in a cycle, A h/cm2: Qmax (1 - fade (n - 1)) times the loading."""
        lost = self.fade_per_cycle * (cycle - 1)
        if self.late_fade_after is not None and cycle > self.late_fade_after:
            lost += (self.late_fade_per_cycle - self.fade_per_cycle) * (cycle - self.late_fade_after)
        return self.capacity_ah_per_g * self.loading_mg_per_cm2 / 1000 * max(1 - lost, 0.0)

    def indicator(self, cycle: int) -> float:
        """Return the true indicator y(n) of a cycle without scatter, MPa g/(A h).

        >>> five = cell_parameters(5)
        >>> five.indicator(1), round(five.indicator(30), 6), round(five.indicator(40), 6)
        (16.0, 13.5, 13.8)
        """
        decay, last = (np.exp(-(n - 1) / self.decay_cycles) for n in (min(cycle, DECAY_END), DECAY_END))
        y = self.settled_indicator + (self.first_indicator - self.settled_indicator) * (decay - last) / (1 - last)
        y += self.rise_per_cycle * max(cycle - DECAY_END, 0)
        if self.break_cycle is not None and cycle > self.break_cycle:
            past = cycle - self.break_cycle
            y += self.break_slope * (past + 0.02 * past**2)
        return float(y * self.fixture_factor)

    def leak_siemens_per_cm2(self, cycle: int) -> float:
        """Electronic conductance through the separator at the start of a cycle, S/cm2; 0 when healthy."""
        if self.short_cycle is None:
            return 0.0
        resistance = {2: 1e6, 1: 4e5, 0: 5e3}.get(self.short_cycle - cycle)
        return 1 / resistance if resistance else 0.0

    @property
    def facts(self) -> CellFacts:
        """What the owner of this cell would have entered; the uncertainties are assumptions."""
        return CellFacts(
            cell_type="full",
            loading_mg_per_cm2=self.loading_mg_per_cm2,
            fixture_stiffness_mpa_per_um=STIFFNESS_MPA_PER_UM,
            mass_uncertainty_percent=1.0,
            area_uncertainty_percent=1.0,
            force_gain_uncertainty_percent=0.5,
            nominal_capacity_mah=ONE_C_AMPERE_PER_G * self.loading_mg_per_cm2 * CellFacts().electrode_area_cm2,
        )


_RESISTANCE_OHM_CM2 = {0: {0.5: 95, 1.0: 103}, 5: {0.5: 75, 1.0: 66}, 15: {0.5: 80, 1.0: 72}, 40: {0.5: 90, 1.0: 95}}
_FADE = {0: 0.0010, 5: 0.00105, 15: 0.0015, 40: 0.0020}
_EFFICIENCY = {0: 0.993, 5: 0.9892, 15: 0.990, 40: 0.988}
_INDICATOR = {0: (16.0, 13.5, 14.0), 5: (16.0, 13.5, 14.0), 15: (15.5, 13.2, 12.0), 40: (15.0, 12.8, 10.0)}
_FAILURE = {0: (13, -0.30, 20), 15: (22, -0.30, 31), 40: (12, -0.40, 18)}


def cell_parameters(plating_time_min: int, *, c_rate: float = 0.5) -> CellParameters:
    """Parameters of the typical full cell of a plating time (0, 5, 15 or 40 min), as in the table of SCIENCE section 5.

    At 1C only resistances are known, so that a cell at 1C never breaks.

    >>> cell_parameters(0).short_cycle, cell_parameters(5).short_cycle
    (20, None)
    """
    rates = _RESISTANCE_OHM_CM2.get(plating_time_min)
    if rates is None or c_rate not in rates:
        raise InvalidInputError(
            f"There is no simulated full cell of {plating_time_min} min at {c_rate}C",
            remedy="Choose 0, 5, 15 or 40 min and 0.5C or 1C.",
        )
    first, settled, decay = _INDICATOR[plating_time_min]
    parameters = CellParameters(
        plating_time_min=plating_time_min,
        resistance_ohm_cm2=rates[c_rate],
        fade_per_cycle=_FADE[plating_time_min],
        coulombic_efficiency=_EFFICIENCY[plating_time_min],
        first_indicator=first,
        settled_indicator=settled,
        decay_cycles=decay,
        c_rate=c_rate,
    )
    if c_rate != 0.5:  # noqa: PLR2004 - the rate of the paper's pressure measurements
        return parameters
    if plating_time_min == 5:  # noqa: PLR2004 - the only coating whose late fade is known
        parameters = replace(parameters, late_fade_after=90, late_fade_per_cycle=0.004)
    if plating_time_min in _FAILURE:
        break_cycle, slope, short_cycle = _FAILURE[plating_time_min]
        parameters = replace(parameters, break_cycle=break_cycle, break_slope=slope, short_cycle=short_cycle)
    return parameters


def scatter_parameters(parameters: CellParameters, rng: np.random.Generator) -> CellParameters:
    """Parameters of one replicate, scattered as SCIENCE sections 4 and 5 say.

    Fixture 5 %, amplitude and break slope 25 %, kappa_T 20 %, rise 30 % (lognormal), capacity 2 %; the break by
    1.5 cycles and the time from break to short circuit by 1 cycle.
    """

    def factor(spread: float) -> float:
        return float(np.exp(rng.normal(0, spread)))

    amplitude = (parameters.first_indicator - parameters.settled_indicator) * factor(0.25)
    replicate = replace(
        parameters,
        first_indicator=parameters.settled_indicator + amplitude,
        break_slope=parameters.break_slope * factor(0.25),
        rise_per_cycle=parameters.rise_per_cycle * factor(0.30),
        capacity_ah_per_g=parameters.capacity_ah_per_g * float(rng.normal(1, 0.02)),
        fixture_factor=parameters.fixture_factor * factor(0.05),
        temperature_factor=parameters.temperature_factor * factor(0.20),
    )
    if parameters.break_cycle is None or parameters.short_cycle is None:
        return replicate
    broken = max(round(rng.normal(parameters.break_cycle, 1.5)), 9)
    lead = max(round(rng.normal(parameters.short_cycle - parameters.break_cycle, 1.0)), 4)
    return replace(replicate, break_cycle=broken, short_cycle=broken + lead)
