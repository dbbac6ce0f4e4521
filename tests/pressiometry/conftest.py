"""A cell that is linear by construction: pressure follows charge, drift follows time, and nothing else happens."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from pressiometry.facts import CellFacts

MASS_MG = 16.0
SLOPE_MPA_PER_AH = 850.0
TRUE_MPA_G_PER_AH = SLOPE_MPA_PER_AH * MASS_MG / 1000

Maker = Callable[..., pd.DataFrame]


@dataclass(frozen=True)
class LinearCell:
    """What the generator is told; currents in A, capacity in A h, interval and rest in s, drift in MPa/h."""

    cycles: int = 3
    capacity_ah: float = 2.5e-3
    efficiency: float = 0.99
    charge_ampere: float = 1.25e-3
    discharge_ampere: float = 1.25e-3
    interval: float = 60.0
    rest: float = 600.0
    drift: float = 0.0
    leak_share: float = 0.0
    cv_seconds: float = 0.0
    noise: float = 0.0
    resolution: float = 0.0
    slope: float = SLOPE_MPA_PER_AH
    numbered: bool = True
    reported: bool = False
    seed: int = 1

    def records(self) -> pd.DataFrame:
        """Records as an instrument writes them: every interval of a step, and one at its end."""
        parts = []
        time = 0.0
        for cycle in range(1, self.cycles + 1):
            charge_seconds = 3600 * self.capacity_ah / self.charge_ampere
            discharge_seconds = 3600 * self.capacity_ah * self.efficiency / self.discharge_ampere
            for step, seconds, current in (
                (1, self.rest, 0.0),
                (2, charge_seconds, self.charge_ampere),
                (3, self.cv_seconds, self.charge_ampere),
                (4, self.rest, 0.0),
                (5, discharge_seconds, -self.discharge_ampere),
            ):
                parts.append(self._step(time, cycle, step, seconds, current))
                time += seconds
        parts.append(self._step(time, self.cycles, 6, self.rest, 0.0))
        table = pd.concat([part for part in parts if len(part)], ignore_index=True)
        return self._measure(table)

    def _step(self, start: float, cycle: int, step: int, seconds: float, current: float) -> pd.DataFrame:
        own = np.arange(self.interval, seconds, self.interval)
        own = np.append(own[own < seconds - 1e-6], seconds) if seconds > 0 else own
        flowing = np.full(own.size, current)
        if step == 3:
            flowing = current * np.exp(-own / (seconds / 3))
        names = {"test_time_second": start + own, "current_ampere": flowing, "instrument_cycle_count": float(cycle)}
        return pd.DataFrame(names | {"step_count": float(step)})

    def _measure(self, table: pd.DataFrame) -> pd.DataFrame:
        time, current = table["test_time_second"].to_numpy(), table["current_ampere"].to_numpy()
        step = table["step_count"].to_numpy()
        before = np.append(current[:1], current[:-1])
        before[np.diff(step, prepend=-1) != 0] = current[np.diff(step, prepend=-1) != 0]
        charge = 0.5 * (before + current) * np.diff(time, prepend=0.0) / 3600
        plated = charge - self.leak_share * np.abs(charge)
        pressure = 70 + self.slope * np.cumsum(plated) + self.drift * time / 3600
        rng = np.random.default_rng(self.seed)
        pressure = pressure + rng.normal(0, self.noise, time.size) if self.noise else pressure
        if self.resolution:
            pressure = np.round(pressure / self.resolution) * self.resolution
        table["voltage_volt"] = 3.6 + 200 * np.cumsum(charge) + 50 * current
        table["surface_pressure_mpa"] = pressure
        if self.reported:
            cycles = table["instrument_cycle_count"]
            table["cycle_charging_capacity_ah"] = pd.Series(np.maximum(charge, 0)).groupby(cycles).cumsum()
            table["cycle_discharging_capacity_ah"] = pd.Series(np.maximum(-charge, 0)).groupby(cycles).cumsum()
        return table if self.numbered else table.drop(columns=["instrument_cycle_count", "step_count"])


@pytest.fixture
def linear() -> Maker:
    """Makes the records of a linear cell from what it is told, such as cycles=3 and drift=0.1."""

    def make(**told: float) -> pd.DataFrame:
        return LinearCell(**told).records()  # type: ignore[arg-type]

    return make


@pytest.fixture
def facts() -> CellFacts:
    """Facts of the linear cell: 16 mg, 13 mm."""
    return CellFacts(active_mass_mg=MASS_MG)


@pytest.fixture
def true_indicator() -> float:
    """The linear cell's indicator, MPa g/(A h)."""
    return TRUE_MPA_G_PER_AH
