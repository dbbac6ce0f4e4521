"""What a client sends of a cell, with the strictness that all that is sent is read with."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from data_access.writes.cell_values import MOST_CYCLES
from pressiometry.facts import CellType, Estimator

MOST = 2**63 - 1
"""The largest number that the database can hold."""


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is no number")  # noqa: TRY004 - pydantic tells ValueErrors
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Number = Annotated[float, BeforeValidator(_no_bool)]
"""A number that was sent; true and false are none."""
Lower = BeforeValidator(_lower)
"""A word of a choice, in small or capital letters."""


class Taken(BaseModel):
    """What a client sends: an unknown name is a problem, not ignored."""

    model_config = ConfigDict(extra="forbid")


class CellValues(Taken):
    """What is known of a cell.  A value that is not known is null; one that is not sent keeps its default."""

    name: str = Field(default="", description="Any text of 1 to 120 characters, unique")
    plating_time_min: Number | None = Field(default=None, description="Plating time, min; 0 is uncoated, null unknown")
    group: str | None = Field(default=None, description="Free label to group cells by")
    cell_type: Annotated[CellType, Lower] = Field(default="full", description="Full cell, or symmetric Li cell")
    active_mass_mg: Number | None = Field(default=None, description="Active mass, mg")
    loading_mg_per_cm2: Number | None = Field(
        default=None, description="Active mass per area, mg/cm2, where no mass is given"
    )
    electrode_diameter_mm: Number | None = Field(
        default=None,
        description="Diameter of the electrode that carries the mass, mm; 13 for full cells, 12 for symmetric",
    )
    force_diameter_mm: Number = Field(default=13.0, description="Diameter of the area that the force acts on, mm")
    fixture_stiffness_mpa_per_um: Number | None = Field(default=None, description="Stiffness of the fixture, MPa/um")
    pressure_resolution_kgf: Number = Field(default=0.1, description="Smallest step of the force indicator, kgf")
    mass_uncertainty_percent: Number = Field(default=0.0, description="One standard uncertainty of the mass, %")
    area_uncertainty_percent: Number = Field(default=0.0, description="One standard uncertainty of the area, %")
    force_gain_uncertainty_percent: Number = Field(
        default=0.0, description="One standard uncertainty of the force gain, %"
    )
    nominal_capacity_mah: Number | None = Field(default=None, description="Nominal capacity, mAh")
    temperature_celsius: Number | None = Field(default=None, description="Temperature of the test, degrees Celsius")
    applied_pressure_mpa: Number | None = Field(default=None, description="Pressure at assembly, MPa")
    estimator: Annotated[Estimator, Lower] = Field(
        default="automatic", description="Estimator of the indicator, one for the whole cell"
    )
    started_at: AwareDatetime | None = Field(default=None, description="When the test began, with its time zone")
    state: Annotated[Literal["running", "finished", "failed"], Lower] = Field(
        default="running", description="State of the cell"
    )
    cause: str | None = Field(default=None, description="Why it failed; a failed cell has one")
    notes: str = Field(default="", description="Notes")
    tags: list[str] = Field(default_factory=list, description="Tags")
    properties: dict[str, str | float | bool | None] = Field(
        default_factory=dict, description="Further named properties"
    )
    project_id: int = Field(
        default=1, ge=1, le=MOST, description="Where the cell belongs; without it the first project that you may edit"
    )
    formation_cycles: Annotated[int, BeforeValidator(_no_bool)] = Field(
        default=0, le=MOST_CYCLES, description="Number of leading cycles that are formation"
    )
