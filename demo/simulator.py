"""A full cell from first charge to last discharge: its records, and the truth behind them (SCIENCE section 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from demo.disturbances import TYPICAL, Disturbances, Fixture, lose_samples, scatter_indicator
from demo.parameters import STIFFNESS_MPA_PER_UM, CellParameters
from demo.stages import FLOOR, SECONDS_AN_HOUR, FloatArray, Stage, run_stage
from pressiometry.facts import CellFacts
from pressiometry.lithium import li_thickness_um

CHARGE_TO_VOLT, DISCHARGE_TO_VOLT = 4.3, 3.0
REST_SECOND = 120.0
SHORT_AFTER_SECOND = 0.6 * SECONDS_AN_HOUR
SHORT_OHM_CM2 = 8.0
ASSEMBLY_PRESSURE_MPA = 70.0
CREEP_MPA = 0.08
BOW_SHARE = 0.04
PORES_FULL_AFTER = 22
"""To the end of this cycle the Li kept at the anode by CE < 1 goes into pores; after it, it raises the baseline."""
NCM_UM_CM2_PER_MAH = 0.60
OPENING_SECOND = 1.0
"""An instrument writes its first record of a step this long after the step's start."""
STEP_NUMBERS = {"rest": 1, "charge": 2, "discharge": 4}
"""As the cycler counts: the rest after the charge is step 3."""


@dataclass(frozen=True, slots=True)
class SimulatedCell:
    """What an instrument would have recorded of a simulated cell, and what was true of each cycle.

    `records` has the names of RECORD_COLUMNS.  `truth` has one row a cycle: times, capacities, noise-free step-end
    pressures and the true indicator under the names of CYCLE_COLUMNS, and indicator_trend_mpa_g_per_ah (without the
    scatter of single cycles), bulk_share, leak_ohm_cm2, after_break, isc and outlier.
    """

    records: pd.DataFrame
    truth: pd.DataFrame
    facts: CellFacts
    parameters: CellParameters


@dataclass(slots=True)
class _Trace:
    """Arrays of a cell as it grows, one item a stage; times on the cell's axis."""

    second: float = 0.0
    x: float = FLOOR
    swelling: float = 0.0  # MPa
    path_second: list[FloatArray] = field(default_factory=list)
    path_swelling: list[FloatArray] = field(default_factory=list)
    records: list[dict[str, FloatArray]] = field(default_factory=list)
    cycles: list[dict[str, float]] = field(default_factory=list)

    def follow(self, second: FloatArray, x: FloatArray, swelling: FloatArray) -> None:
        """Append the path of a stage, given from its start, and move to its end."""
        self.path_second.append(self.second + second)
        self.path_swelling.append(self.swelling + swelling)
        self.second += float(second[-1])
        self.swelling += float(swelling[-1])
        self.x = float(x[-1])


def simulate_cell(
    parameters: CellParameters,
    *,
    cycles: int = 60,
    seed: int = 1,
    record_interval_second: float = 60.0,
    disturbances: Disturbances = TYPICAL,
) -> SimulatedCell:
    """Return records and truth of a full cell cycled from its assembly on, at most to the cycle of its short circuit.

    The instrument writes a record 1 s into each step, one every `record_interval_second` after the step's start and
    one at its end.  The same arguments give the same cell.  Source: SCIENCE section 5.

    >>> from demo.parameters import cell_parameters
    >>> cell = simulate_cell(cell_parameters(5), cycles=2)
    >>> cell.truth["delta_delta_p_q_mpa_g_per_ah"].round(1).tolist()
    [16.0, 15.9]
    """
    rng = np.random.default_rng(seed)
    last = min(cycles, parameters.short_cycle or cycles)
    process, outliers = scatter_indicator(last, disturbances, rng)
    trace = _Trace()
    for cycle in range(1, last + 1):
        true_indicator = parameters.indicator(cycle) * float(process[cycle - 1])
        row = _run_cycle(trace, parameters, cycle, true_indicator * float(outliers[cycle - 1]), record_interval_second)
        trace.cycles.append(row | {"indicator": true_indicator, "outlier": float(outliers[cycle - 1] != 1)})
    truth = _truth(trace, parameters)
    records = _records(trace, parameters, disturbances, rng)
    return SimulatedCell(lose_samples(records, disturbances, rng), truth, parameters.facts, parameters)


def _stages(parameters: CellParameters, cycle: int) -> Iterator[Stage]:
    """Yield the stages of a cycle; the charge of the short circuit comes in two parts, before and after it."""
    current = parameters.current_ampere_per_cm2
    cap = 1.4 / parameters.c_rate * SECONDS_AN_HOUR
    rest = Stage(
        "rest",
        current=0.0,
        longest_second=REST_SECOND,
        cutoff_volt=None,
        resistance=parameters.resistance_ohm_cm2,
        leak=parameters.leak_siemens_per_cm2(cycle),
        capacity=parameters.capacity_ah_per_cm2(cycle),
        efficiency=parameters.coulombic_efficiency,
    )
    charge = replace(rest, kind="charge", current=current, longest_second=cap, cutoff_volt=CHARGE_TO_VOLT)
    yield rest
    if cycle == parameters.short_cycle:
        yield replace(charge, longest_second=SHORT_AFTER_SECOND)
        rest, charge = (replace(stage, leak=1 / SHORT_OHM_CM2) for stage in (rest, charge))
        yield replace(charge, longest_second=cap - SHORT_AFTER_SECOND)
    else:
        yield charge
    yield rest
    yield replace(rest, kind="discharge", current=-current, longest_second=cap, cutoff_volt=DISCHARGE_TO_VOLT)


def _run_cycle(
    trace: _Trace, parameters: CellParameters, cycle: int, indicator: float, interval: float
) -> dict[str, float]:
    """Append one cycle to the trace and return the times and charges of its half-cycles."""
    stiffness = indicator * 1000 / parameters.loading_mg_per_cm2  # p_n, MPa per A h/cm2
    row: dict[str, float] = {"cycle_count": cycle, "start_second": trace.second, "charge": 0.0, "discharge": 0.0}
    for stage in _stages(parameters, cycle):
        second, x = run_stage(stage, trace.x)
        sampled = _sample(stage, second, x, interval, start=trace.second == 0)
        sampled["bow_mpa"] = _bow(stage, sampled.pop("x"), x) * stiffness
        number = 3 if stage.kind == "rest" and row["charge"] > 0 else STEP_NUMBERS[stage.kind]
        sampled |= {"cycle": np.full_like(sampled["second"], cycle), "step": np.full_like(sampled["second"], number)}
        passed = sampled["second"] * abs(stage.current) / SECONDS_AN_HOUR
        for kind in ("charge", "discharge"):
            sampled[kind] = row[kind] + passed * (stage.kind == kind)
            row[kind] = float(sampled[kind][-1])
        sampled["second"] = sampled["second"] + trace.second
        trace.records.append(sampled)
        if stage.kind != "rest":
            row.setdefault(f"{stage.kind}_start_second", trace.second)
            row[f"{stage.kind}_end_second"] = trace.second + second[-1]
        trace.follow(second, x, _swelling(stage, x, stiffness, cycle))
    return row | {"end_second": trace.second}


def _swelling(stage: Stage, x: FloatArray, stiffness: float, cycle: int) -> FloatArray:
    """Pressure added along a path by the Li moved, MPa: the integral of p_n (I_F - b |I_F|)."""
    pores = (1 - stage.efficiency) / 2 if cycle <= PORES_FULL_AFTER else 0.0
    moved = np.diff(x) * stage.capacity * stiffness
    added = np.where(moved > 0, (1 - pores) * moved / stage.efficiency, (1 + pores) * moved)
    return np.concatenate([[0.0], np.cumsum(added)])


def _sample(stage: Stage, second: FloatArray, x: FloatArray, interval: float, *, start: bool) -> dict[str, FloatArray]:
    """Return what the cycler records of a stage: 1 s after its start, every interval, and at its end."""
    end = float(second[-1])
    opening = 0.0 if start else min(OPENING_SECOND, end)
    times = np.unique([opening, *np.arange(interval, end - 1e-3, interval), end])
    sampled = np.interp(times, second, x)
    return {
        "second": times,
        "x": sampled,
        "volt": stage.voltage(sampled),
        "current": np.full_like(times, stage.current),
    }


def _bow(stage: Stage, sampled: FloatArray, path: FloatArray) -> FloatArray:
    """Bow of the NCM in a half-cycle, as charge in A h/cm2 whose swelling it adds: zero at both ends."""
    low, high = (path[0], path.max()) if stage.kind == "charge" else (path[-1], path[0])
    if stage.kind == "rest" or high <= low:
        return np.zeros_like(sampled)
    share = np.clip((sampled - low) / (high - low), 0, 1)
    bow: FloatArray = BOW_SHARE * (high - low) * stage.capacity * np.sin(np.pi * share)
    return bow


def _pressure(trace: _Trace, second: FloatArray) -> FloatArray:
    """Noise-free pressure without the bow, MPa: assembly pressure, swelling, and creep by the cycles done."""
    swelling = np.interp(second, np.concatenate(trace.path_second), np.concatenate(trace.path_swelling))
    borders = [0.0, *(row["end_second"] for row in trace.cycles)]
    done = np.interp(second, borders, np.arange(len(borders)))
    pressure: FloatArray = ASSEMBLY_PRESSURE_MPA + swelling - CREEP_MPA * np.log1p(done / 2)
    return pressure


def _records(trace: _Trace, parameters: CellParameters, sizes: Disturbances, rng: np.random.Generator) -> pd.DataFrame:
    """Bring the stages together as an instrument would have written them, disturbances included."""
    columns = {name: np.concatenate([stage[name] for stage in trace.records]) for name in trace.records[0]}
    facts, second = parameters.facts, columns["second"]
    area = facts.electrode_area_cm2
    fixture = Fixture(facts, parameters.temperature_factor)
    pressure, temperature = fixture.measure(second, _pressure(trace, second) + columns["bow_mpa"], sizes, rng)
    return pd.DataFrame(
        {
            "test_time_second": second.round(3),
            "voltage_volt": columns["volt"].round(4),
            "current_ampere": (columns["current"] * area).round(9),
            "instrument_cycle_count": columns["cycle"].astype(np.int64),
            "step_count": columns["step"].astype(np.int64),
            "record_index": np.arange(1, len(second) + 1),
            "cycle_charging_capacity_ah": (columns["charge"] * area).round(9),
            "cycle_discharging_capacity_ah": (columns["discharge"] * area).round(9),
            "surface_pressure_mpa": pressure,
            "surface_temperature_celsius": temperature,
        }
    )


def _truth(trace: _Trace, parameters: CellParameters) -> pd.DataFrame:
    """One row a cycle of what was true, free of noise."""
    rows = pd.DataFrame(trace.cycles)
    area, count = parameters.facts.electrode_area_cm2, rows["cycle_count"].astype(np.int64)
    short = count == (parameters.short_cycle or 0)
    indicator = rows["indicator"].where(~short)
    areal = indicator / parameters.loading_mg_per_cm2  # MPa/(mAh/cm2)
    moved_um = areal / (STIFFNESS_MPA_PER_UM * parameters.fixture_factor)  # of the stack, per mAh/cm2
    leaks = np.array([parameters.leak_siemens_per_cm2(cycle) for cycle in count])
    truth = rows.filter(regex="_second$")
    truth.insert(0, "cycle_count", count)
    for name, moment in (("soc", "charge_start"), ("eoc", "charge_end"), ("eod", "discharge_end")):
        truth[f"p_{name}_mpa"] = _pressure(trace, rows[f"{moment}_second"].to_numpy())
    return truth.assign(
        cycle_charging_capacity_ah=rows["charge"] * area,
        cycle_discharging_capacity_ah=rows["discharge"] * area,
        discharging_capacity_mah_per_g=rows["discharge"] * 1e6 / parameters.loading_mg_per_cm2,
        delta_delta_p_q_mpa_g_per_ah=indicator,
        indicator_trend_mpa_g_per_ah=[parameters.indicator(cycle) for cycle in count],
        bulk_share=(moved_um + NCM_UM_CM2_PER_MAH) / li_thickness_um(1),
        leak_ohm_cm2=1 / np.where(leaks > 0, leaks, np.nan),
        after_break=count > (parameters.break_cycle or np.inf),
        isc=short,
        outlier=rows["outlier"] > 0,
    )
