"""A symmetric cell of a thin Li foil against an alloy: plating and stripping until the Li is exhausted (SCIENCE 5)."""

from dataclasses import dataclass
from math import log

import numpy as np
import pandas as pd

from demo.disturbances import TYPICAL, Disturbances, Fixture, lose_samples
from demo.simulator import CREEP_MPA
from demo.stages import SECONDS_AN_HOUR, FloatArray
from pressiometry.errors import InvalidInputError
from pressiometry.facts import CellFacts
from pressiometry.lithium import EXHAUSTED_MAH_PER_CM2, li_left_mah_per_cm2

CURRENT_MA_PER_CM2, FORMATION_MA_PER_CM2 = 1.0, 0.2
HALF_CYCLE_HOUR = 1.0
STOP_VOLT = 1.0
DEPLETION_VOLT, DEPLETION_MAH_PER_CM2 = 0.05, 0.03
VOLTAGE_NOISE_VOLT = 0.0002
ASSEMBLY_PRESSURE_MPA = 30.0
LONGEST_CYCLES = 400


@dataclass(frozen=True, slots=True)
class SymmetricParameters:
    """Li reservoir and resistances of a symmetric cell; resistances in ohm at cycles, straight lines in between."""

    li_mah_per_cm2: float
    loss_mah_per_cm2: float
    r1_cycles: tuple[float, ...]
    r1_ohm: tuple[float, ...]
    r2_r3_ohm: tuple[float, ...]  # at cycles 0, 60, 110

    def resistance_ohm(self, cycle: int) -> float:
        """Return R1 + R2 + R3 in a cycle, ohm; held after the last known cycle."""
        r2_r3 = np.interp(cycle, (0, 60, 110), self.r2_r3_ohm)
        return float(np.interp(cycle, self.r1_cycles, self.r1_ohm) + r2_r3)


SYMMETRIC_PARAMETERS = {
    0: SymmetricParameters(1.84, 0.00575, (0, 60, 110), (7.4, 4.6, 4.1), (4.5, 7.9, 10.4)),
    5: SymmetricParameters(1.60, 0.00252, (0, 60, 110, 210), (9.5, 8.6, 8.5, 8.5), (5.0, 6.0, 6.5)),
    15: SymmetricParameters(1.39, 0.00362, (0, 60, 110), (9.0, 8.0, 7.5), (5.5, 7.0, 8.0)),
    40: SymmetricParameters(1.13, 0.00191, (0, 60, 110), (9.0, 7.5, 7.0), (6.0, 8.0, 9.5)),
}
"""By plating time in min; which of them the paper states is in the table of SCIENCE section 5."""


@dataclass(frozen=True, slots=True)
class SimulatedSymmetricCell:
    """Records of a symmetric cell, and per cycle the Li left, the resistance and whether the Li is exhausted."""

    records: pd.DataFrame
    truth: pd.DataFrame
    facts: CellFacts


def simulate_symmetric_cell(
    plating_time_min: int,
    *,
    cycles: int = LONGEST_CYCLES,
    formation_cycles: int = 10,
    seed: int = 1,
    disturbances: Disturbances = TYPICAL,
) -> SimulatedSymmetricCell:
    """Return records and truth of a symmetric cell until a stripping voltage reaches 1 V, or for `cycles` cycles.

    One record a minute and one at each step's end.  Formation cycles (0.2 mA/cm2) come first and cost no Li.  The
    pressure only creeps: Li leaves one electrode as it reaches the other.  Source: SCIENCE section 5.

    >>> cell = simulate_symmetric_cell(40, cycles=3, formation_cycles=1)
    >>> cell.truth["li_left_mah_per_cm2"].round(4).tolist()
    [1.1281, 1.1262, 1.1243]
    """
    parameters = SYMMETRIC_PARAMETERS.get(plating_time_min)
    if parameters is None:
        raise InvalidInputError(
            f"There is no simulated symmetric cell of {plating_time_min} min", remedy="Choose 0, 5, 15 or 40 min."
        )
    rng = np.random.default_rng(seed)
    facts = CellFacts(cell_type="symmetric", electrode_diameter_mm=12.0, formation_cycles=formation_cycles)
    halves: list[pd.DataFrame] = []
    truth: list[dict[str, float]] = []
    start = 0.0
    for number in range(1, formation_cycles + cycles + 1):
        cycle = number - formation_cycles
        plating, stripping = _half_cycles(parameters, facts, cycle)
        for half in (plating, stripping):
            half["test_time_second"] += start
            start = float(half["test_time_second"].iloc[-1])
            halves.append(half.assign(instrument_cycle_count=number))
        stopped = bool(np.isclose(stripping["voltage_volt"].iloc[-1], -STOP_VOLT))
        if cycle > 0:
            truth.append(_true_cycle(parameters, cycle) | {"end_second": start, "stopped": float(stopped)})
        if stopped:
            break
    records = _measure(pd.concat(halves, ignore_index=True), facts, disturbances, rng)
    table = pd.DataFrame(truth).astype({"cycle_count": np.int64, "exhausted": bool, "stopped": bool})
    return SimulatedSymmetricCell(lose_samples(records, disturbances, rng), table, facts)


def _true_cycle(parameters: SymmetricParameters, cycle: int) -> dict[str, float]:
    left = li_left_mah_per_cm2(parameters.li_mah_per_cm2, parameters.loss_mah_per_cm2, cycle)
    return {
        "cycle_count": cycle,
        "li_left_mah_per_cm2": left,
        "resistance_ohm": parameters.resistance_ohm(cycle),
        "exhausted": float(round(left, 9) <= EXHAUSTED_MAH_PER_CM2),
    }


def _half_cycles(parameters: SymmetricParameters, facts: CellFacts, cycle: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return plating and stripping of a cycle, times from each one's start; cycles up to 0 are formation."""
    density = CURRENT_MA_PER_CM2 if cycle > 0 else FORMATION_MA_PER_CM2
    ampere = density * facts.electrode_area_cm2 / 1000
    left = li_left_mah_per_cm2(parameters.li_mah_per_cm2, parameters.loss_mah_per_cm2, max(cycle, 0))
    available = left - EXHAUSTED_MAH_PER_CM2 + CURRENT_MA_PER_CM2 * HALF_CYCLE_HOUR
    ohmic = ampere * parameters.resistance_ohm(max(cycle, 0))
    at_stop = available + DEPLETION_MAH_PER_CM2 * log((STOP_VOLT - ohmic) / DEPLETION_VOLT)
    whole = HALF_CYCLE_HOUR * SECONDS_AN_HOUR
    plating = _minutes(whole)
    stripping = _minutes(min(whole, at_stop / density * SECONDS_AN_HOUR))
    stripped = density * stripping / SECONDS_AN_HOUR
    depletion = DEPLETION_VOLT * np.exp((stripped - available) / DEPLETION_MAH_PER_CM2)
    plated_ah = ampere * plating / SECONDS_AN_HOUR
    return (
        _half(plating, np.full_like(plating, ohmic), ampere, (plated_ah, np.zeros_like(plating))),
        _half(
            stripping,
            -ohmic - depletion,
            -ampere,
            (np.full_like(stripping, plated_ah[-1]), ampere * stripping / SECONDS_AN_HOUR),
        ),
    )


def _minutes(end: float) -> FloatArray:
    """Return the times of the records of a half-cycle: after 1 s, each minute, and at its end."""
    return np.unique([1.0, *np.arange(60.0, end - 1e-3, 60.0), end])


def _half(second: FloatArray, volt: FloatArray, ampere: float, charges: tuple[FloatArray, FloatArray]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "test_time_second": second,
            "voltage_volt": volt,
            "current_ampere": ampere,
            "step_count": 1 if ampere > 0 else 2,
            "cycle_charging_capacity_ah": charges[0],
            "cycle_discharging_capacity_ah": charges[1],
        }
    )


def _measure(records: pd.DataFrame, facts: CellFacts, sizes: Disturbances, rng: np.random.Generator) -> pd.DataFrame:
    """Round as an instrument does, and add the pressure and the temperature."""
    second = records["test_time_second"].to_numpy()
    whole_cycles = np.interp(second, *_borders(records))
    true_mpa = ASSEMBLY_PRESSURE_MPA - CREEP_MPA * np.log1p(whole_cycles / 2)
    pressure, temperature = Fixture(facts).measure(second, true_mpa, sizes, rng)
    volt_noise = rng.normal(0, VOLTAGE_NOISE_VOLT, len(second)) * sizes.quantised
    return records.assign(
        test_time_second=second.round(3),
        voltage_volt=(records["voltage_volt"] + volt_noise).round(5),
        current_ampere=records["current_ampere"].round(9),
        record_index=np.arange(1, len(records) + 1),
        cycle_charging_capacity_ah=records["cycle_charging_capacity_ah"].round(9),
        cycle_discharging_capacity_ah=records["cycle_discharging_capacity_ah"].round(9),
        surface_pressure_mpa=pressure,
        surface_temperature_celsius=temperature,
    )


def _borders(records: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the cycles in seconds and how many cycles are done then."""
    ends = records.groupby("instrument_cycle_count")["test_time_second"].max()
    return np.concatenate([[0.0], ends.to_numpy(dtype=float)]), np.arange(len(ends) + 1, dtype=float)
