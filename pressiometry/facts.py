"""The facts of one cell that turn measured values into comparable ones."""

from dataclasses import dataclass
from math import pi
from typing import Literal

CellType = Literal["full", "symmetric"]
Estimator = Literal["automatic", "e1", "e2", "e3"]

STANDARD_GRAVITY = 9.80665
"""m/s2; 1 kgf is this many newtons."""


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What a person knows of a cell: masses, areas, fixture, uncertainties (SCIENCE sections 1-3).

    Absent values are None; nothing is guessed here.  Uncertainties are one standard uncertainty, in percent.
    """

    cell_type: CellType = "full"
    active_mass_mg: float | None = None
    loading_mg_per_cm2: float | None = None
    electrode_diameter_mm: float = 13.0
    force_diameter_mm: float = 13.0
    fixture_stiffness_mpa_per_um: float | None = None
    pressure_resolution_kgf: float = 0.1
    mass_uncertainty_percent: float = 0.0
    area_uncertainty_percent: float = 0.0
    force_gain_uncertainty_percent: float = 0.0
    nominal_capacity_mah: float | None = None
    estimator: Estimator = "automatic"
    formation_cycles: int = 0

    @property
    def electrode_area_cm2(self) -> float:
        """Area that carries the active mass, cm2.

        >>> round(CellFacts().electrode_area_cm2, 4)
        1.3273
        """
        return pi * (self.electrode_diameter_mm / 20) ** 2

    @property
    def force_area_mm2(self) -> float:
        """Area that turns force into pressure, mm2 (SCIENCE section 1.2).

        >>> round(CellFacts().force_area_mm2, 3)
        132.732
        """
        return pi * self.force_diameter_mm**2 / 4

    @property
    def active_mass_g(self) -> float | None:
        """Active mass, g: as weighed, else loading times electrode area, else None.

        >>> CellFacts(active_mass_mg=16.72).active_mass_g
        0.01672
        >>> round(CellFacts(loading_mg_per_cm2=12.6).active_mass_g, 6)
        0.016724
        """
        if self.active_mass_mg is not None:
            return self.active_mass_mg / 1000
        if self.loading_mg_per_cm2 is not None:
            return self.loading_mg_per_cm2 * self.electrode_area_cm2 / 1000
        return None

    @property
    def pressure_resolution_mpa(self) -> float:
        """One count of the force indicator as a pressure, MPa (0.1 kgf on 13 mm is 7.388 kPa).

        >>> round(CellFacts().pressure_resolution_mpa, 6)
        0.007388
        """
        return self.pressure_resolution_kgf * STANDARD_GRAVITY / self.force_area_mm2
