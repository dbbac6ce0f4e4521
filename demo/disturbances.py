"""Everything that is not the cell: oven, sensor, slips of the fixture, lost samples, and cycles gone wrong."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pressiometry.facts import CellFacts

FloatArray = npt.NDArray[np.float64]

OVEN_CELSIUS = 60.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
HOLE_SECOND = 1200.0
"""Length of one stretch without any record."""


@dataclass(frozen=True, slots=True)
class Disturbances:
    """Sizes of the disturbances of one cell (noise sets of SCIENCE section 4); all zero: nothing but the cell."""

    sensor_mpa: float = 0.0
    temperature_kelvin: float = 0.0  # AR(1), time constant 0.5 h
    diurnal_kelvin: float = 0.0
    ripple_kelvin: float = 0.0
    kappa_mpa_per_kelvin: float = 0.0
    slips_per_hour: float = 0.0
    slip_mpa: float = 0.0
    process_percent: float = 0.0  # scatter of the true indicator from cycle to cycle
    temperature_sensor_kelvin: float = 0.0
    quantised: bool = False
    temperature_step_kelvin: float = 0.0  # half-way through the test
    missing_percent: float = 0.0  # half of it single pressure samples, half stretches of 20 min without a record
    outlier_percent: float = 0.0  # cycles whose swing is 5 % off


UNDISTURBED = Disturbances()
QUIET = Disturbances(0.002, 0.05, 0.05, 0.05, 0.03, 0.0, 0.0, 0.2, temperature_sensor_kelvin=0.05, quantised=True)
TYPICAL = Disturbances(0.004, 0.10, 0.20, 0.10, 0.06, 0.02, 0.015, 0.5, temperature_sensor_kelvin=0.05, quantised=True)
HARSH = Disturbances(0.008, 0.30, 0.50, 0.20, 0.12, 0.05, 0.04, 1.0, temperature_sensor_kelvin=0.05, quantised=True)


def oven_temperature(second: FloatArray, sizes: Disturbances, rng: np.random.Generator) -> FloatArray:
    """Temperature of the cell at each time, degrees Celsius: AR(1) noise, daily sine, ripple, and a step half-way."""
    from scipy.signal import lfilter  # noqa: PLC0415 - half a second that every process at start would pay

    phase = rng.uniform(0, 2 * np.pi, 2)
    ripple_second = rng.uniform(0.15, 0.5) * HOUR
    minutes = np.arange(second[0], second[-1] + 2 * MINUTE, MINUTE)
    keep = np.exp(-MINUTE / (0.5 * HOUR))
    pushes = rng.normal(0, 1, len(minutes)) * np.sqrt(1 - keep**2)
    pushes[0] /= np.sqrt(1 - keep**2)  # starts in its stationary state
    wander = np.interp(second, minutes, lfilter([1.0], [1.0, -keep], pushes))
    temperature: FloatArray = (
        OVEN_CELSIUS
        + sizes.temperature_kelvin * wander
        + sizes.diurnal_kelvin * np.sin(2 * np.pi * second / DAY + phase[0])
        + sizes.ripple_kelvin * np.sin(2 * np.pi * second / ripple_second + phase[1])
        + sizes.temperature_step_kelvin * (second > (second[0] + second[-1]) / 2)
    )
    return temperature


def fixture_slips(second: FloatArray, sizes: Disturbances, rng: np.random.Generator) -> FloatArray:
    """Pressure of all slips of the fixture at each time, MPa: normal jumps at random that relax with 6 h."""
    count = rng.poisson(sizes.slips_per_hour * (second[-1] - second[0]) / HOUR)
    pressure = np.zeros_like(second)
    starts, jumps = rng.uniform(second[0], second[-1], count), rng.normal(0, sizes.slip_mpa, count)
    for start, jump in zip(starts, jumps, strict=True):
        after = second >= start
        pressure[after] += jump * np.exp(-(second[after] - start) / (6 * HOUR))
    return pressure


@dataclass(frozen=True, slots=True)
class Fixture:
    """What the sensors of one fixture make of a cell: what is known of it, and its own kappa_T over the nominal one."""

    facts: CellFacts
    temperature_factor: float = 1.0

    def measure(
        self, second: FloatArray, true_mpa: FloatArray, sizes: Disturbances, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Return the pressure in MPa and the temperature in degrees Celsius as they are recorded."""
        temperature = oven_temperature(second, sizes, rng)
        kappa = sizes.kappa_mpa_per_kelvin * self.temperature_factor
        pressure = true_mpa + kappa * (temperature - OVEN_CELSIUS) + fixture_slips(second, sizes, rng)
        pressure = pressure + rng.normal(0, sizes.sensor_mpa, len(second))
        if sizes.quantised:
            count = self.facts.pressure_resolution_mpa
            pressure = np.round(pressure / count) * count
        measured = temperature + rng.normal(0, sizes.temperature_sensor_kelvin, len(second))
        return pressure.round(6), measured.round(2)


def scatter_indicator(cycles: int, sizes: Disturbances, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Factors on the indicator of each cycle: the process scatter, which is true, and outliers, which are not.

    `outlier_percent` of the cycles, at least one if it is not zero, are 5 % high or low; never one of the first six,
    which every relative value refers to.
    """
    process = 1 + rng.normal(0, 1, cycles) * sizes.process_percent / 100
    outliers = np.ones(cycles)
    settled = np.arange(min(6, cycles), cycles)
    count = min(int(np.ceil(sizes.outlier_percent / 100 * cycles)), len(settled))
    chosen = rng.choice(settled, count, replace=False) if count else np.array([], dtype=int)
    outliers[chosen] = 1 + 0.05 * rng.choice([-1.0, 1.0], count)
    return process, outliers


def lose_samples(records: pd.DataFrame, sizes: Disturbances, rng: np.random.Generator) -> pd.DataFrame:
    """Return the records with some pressure samples absent (NaN) and some stretches of 20 min absent altogether."""
    if sizes.missing_percent == 0:
        return records
    second = records["test_time_second"].to_numpy()
    share = sizes.missing_percent / 200
    kept = records.copy()
    kept.loc[rng.random(len(kept)) < share, "surface_pressure_mpa"] = np.nan
    present = np.ones(len(kept), dtype=bool)
    holes = max(round(share * (second[-1] - second[0]) / HOLE_SECOND), 1)
    for start in rng.uniform(second[0] + HOLE_SECOND, second[-1] - 2 * HOLE_SECOND, holes):
        present &= (second < start) | (second > start + HOLE_SECOND)
    return kept[present].reset_index(drop=True)
