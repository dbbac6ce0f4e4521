"""The plan of the example experiment: twelve synthetic full cells, uncoated and plated for 5, 15 and 40 min."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from demo.disturbances import OVEN_CELSIUS, TYPICAL, Disturbances
from demo.parameters import CellParameters, cell_parameters, scatter_parameters
from demo.simulator import ASSEMBLY_PRESSURE_MPA, SimulatedCell, simulate_cell

CYCLES = 60
"""Cycles of a cell that does not fail before."""
AFTER_THE_PAPER, NOT_FROM_THE_PAPER = "synthetic", "synthetic, not from the paper"
LABELS = {0: AFTER_THE_PAPER, 5: AFTER_THE_PAPER, 15: NOT_FROM_THE_PAPER, 40: NOT_FROM_THE_PAPER}
"""The paper has pressures of cells of 0 and 5 min; those of 15 and 40 min are invented."""
SEEDS = {0: (52, 229, 117), 5: (17, 2, 1), 15: (52, 147, 15), 40: (199, 75, 109)}
"""Chosen so that the breaks of three replicates lie on, one before and one after the cycle of SCIENCE section 5."""
DISTURBED = {
    "In5-2": ("+1 K step half-way", replace(TYPICAL, temperature_step_kelvin=1.0)),
    "In15-2": ("3 % of the samples missing", replace(TYPICAL, missing_percent=3.0)),
    "In5-3": ("3 % outlier cycles", replace(TYPICAL, outlier_percent=3.0)),
}


@dataclass(frozen=True, slots=True)
class ExampleCell:
    """One cell of the plan: what it is called, what it is made of and what is done to it."""

    name: str
    replicate: int
    seed: int
    label: str  # that it is synthetic
    parameters: CellParameters
    disturbance: str  # in words; empty where there is none but noise
    disturbances: Disturbances

    @property
    def fails(self) -> bool:
        """Whether the cell ends with a short circuit."""
        return self.parameters.short_cycle is not None

    def simulate(self) -> SimulatedCell:
        """Records and truth of the cell, always the same ones."""
        return simulate_cell(self.parameters, cycles=CYCLES, seed=self.seed, disturbances=self.disturbances)

    def values(self) -> dict[str, Any]:
        """What is known of the cell, as its owner would have entered it."""
        plating = self.parameters.plating_time_min
        source = "follow the paper" if self.label == AFTER_THE_PAPER else "are invented"
        notes = [
            f"Simulated, not measured; the parameters {source}.",
            f"One record every 60 s: {NOT_FROM_THE_PAPER}.",
            *([f"Disturbed on purpose: {self.disturbance}."] if self.disturbance else []),
        ]
        return asdict(self.parameters.facts) | {
            "name": self.name,
            "plating_time_min": plating,
            "group": "uncoated" if plating == 0 else "coated",
            "temperature_celsius": OVEN_CELSIUS,
            "applied_pressure_mpa": ASSEMBLY_PRESSURE_MPA,
            "state": "failed" if self.fails else "finished",
            "cause": "ISC" if self.fails else None,
            "notes": " ".join(notes),
            "tags": ["example"],
            "properties": {"C-rate": self.parameters.c_rate, "replicate": self.replicate},
            "synthetic": self.label,
        }


def example_cells() -> list[ExampleCell]:
    """The twelve cells of the plan, in order of plating time and replicate.

    >>> [cell.name for cell in example_cells()][:4]
    ['In0-1', 'In0-2', 'In0-3', 'In5-1']
    """
    cells = []
    for plating, seeds in SEEDS.items():
        for replicate, seed in enumerate(seeds, start=1):
            name = f"In{plating}-{replicate}"
            parameters = scatter_parameters(cell_parameters(plating), np.random.default_rng([seed, plating]))
            words, disturbances = DISTURBED.get(name, ("", TYPICAL))
            cells.append(ExampleCell(name, replicate, seed, LABELS[plating], parameters, words, disturbances))
    return cells
