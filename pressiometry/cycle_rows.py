"""One cycle to one row: times, capacities, voltages, energies, temperature, step ends, slopes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pressiometry.indicators import measure_asymmetry, measure_hysteresis

if TYPE_CHECKING:
    from pressiometry.columns import MechanicalSignal
    from pressiometry.facts import CellFacts
    from pressiometry.indicators import Leg, StepEnd
    from pressiometry.legs import MeasuredHalf
    from pressiometry.pairing import Cycle
    from pressiometry.records import Records

NO_LEGS = "Not applicable to a symmetric cell: its half-cycles are alike, and no charge is set against a discharge."
NO_CE = "Time ends both half-cycles of a symmetric cell, so its coulombic efficiency is not defined."


def describe_cycle(cycle: "Cycle", records: "Records", facts: "CellFacts") -> dict[str, Any]:
    """Row of a cycle without its mechanical signal; not_computed is a new dict {column: sentence}."""
    halves = cycle.halves
    first, last = halves[0].half, halves[-1].half
    row: dict[str, Any] = {
        "instrument_cycle_count": first.instrument_cycle,
        "segmentation": cycle.segmentation,
        "state": "in_progress" if cycle.in_progress else "complete",
        "start_second": first.start_second,
        "end_second": last.end_second,
        "duration_hour": (last.end_second - first.start_second) / 3600,
        "capacity_source": "/".join(dict.fromkeys(part.capacity.source for part in halves)),
        "not_computed": {},
    }
    area, mass = facts.electrode_area_cm2, facts.active_mass_g or np.nan
    for stem, part in (("charg", cycle.charge), ("discharg", cycle.discharge)):
        half = f"{stem}e"
        total = _capacity_of(part, cycle, records)
        row |= {
            f"{half}_start_second": np.nan if part is None else part.half.start_second,
            f"{half}_end_second": np.nan if part is None else part.half.end_second,
            f"cycle_{stem}ing_capacity_ah": total,
            f"{stem}ing_capacity_mah_per_g": 1000 * total / mass,
            f"{stem}ing_capacity_mah_per_cm2": 1000 * total / area,
            f"{stem}ing_voltage_volt": np.nan if part is None else part.mean_voltage_volt,
            f"{stem}ing_energy_wh": np.nan if part is None else part.energy_wh,
            f"{stem}ing_current_ampere": np.nan if part is None else part.current_ampere,
        }
    row |= _temperature(records, first.first, last.last)
    _add_ratios(row, facts)
    return row


def _capacity_of(part: "MeasuredHalf | None", cycle: "Cycle", records: "Records") -> float:
    """Capacity of a half-cycle, A h: 0 for the discharge that a finished cycle never had, else NaN where none is."""
    if part is not None:
        return part.capacity.total_ah
    return 0.0 if _never_discharged(cycle, records) else np.nan


def _never_discharged(cycle: "Cycle", records: "Records") -> bool:
    """Whether the next charge followed the charge, and every record between them is there."""
    if cycle.charge is None or cycle.discharge is not None or cycle.in_progress or cycle.dynamic:
        return False
    after = cycle.charge.half.last + 1
    next_charge = after + int(np.argmax(records.sign[after:] != 0))
    between = slice(after, next_charge + 1)
    return not (records.is_hole[between].any() or records.is_file_start[between].any())


def _add_ratios(row: dict[str, Any], facts: "CellFacts") -> None:
    """Coulombic efficiency and polarisation, only of a finished cycle."""
    row["coulombic_efficiency_percent"] = row["polarisation_volt"] = np.nan
    if facts.cell_type == "symmetric":
        row["not_computed"] |= {"coulombic_efficiency_percent": NO_CE}
        row["not_computed"] |= dict.fromkeys(("slope_asymmetry_percent", "hysteresis_percent"), NO_LEGS)
        row["polarisation_volt"] = (row["charging_voltage_volt"] - row["discharging_voltage_volt"]) / 2
    elif row["state"] == "complete":
        charge = row["cycle_charging_capacity_ah"]
        if charge > 0:
            row["coulombic_efficiency_percent"] = 100 * row["cycle_discharging_capacity_ah"] / charge
        row["polarisation_volt"] = row["charging_voltage_volt"] - row["discharging_voltage_volt"]


def _temperature(records: "Records", first: int, last: int) -> dict[str, float]:
    values = records.temperature_celsius[first : last + 1]
    values = values[np.isfinite(values)]
    if values.size == 0:
        return {"temperature_mean_celsius": np.nan, "temperature_range_celsius": np.nan}
    return {"temperature_mean_celsius": float(values.mean()), "temperature_range_celsius": float(np.ptp(values))}


def describe_mechanical(cycle: "Cycle", signal: "MechanicalSignal", facts: "CellFacts") -> dict[str, Any]:
    """Step ends, slopes, asymmetry, hysteresis and coverage of a cycle; absent values are left out.

    Asymmetry and hysteresis compare a charge with a discharge: not applicable to a symmetric cell.
    """
    charge, discharge = cycle.charge, cycle.discharge
    up = charge.leg if charge else None
    down = discharge.leg if discharge else None
    row: dict[str, Any] = {}
    for part, name in ((charge, "charging"), (discharge, "discharging")):
        if part is not None and part.samples is not None:
            row[f"coverage_{name}_percent"] = part.samples.coverage_percent
    if up:
        row |= _end(signal, "soc", up.start) | _end(signal, "eoc", up.end)
    elif down:
        row |= _end(signal, "eoc", down.start)
    if down and not cycle.in_progress:
        row |= _end(signal, "eod", down.end)
    row |= _slopes(signal, up, None if cycle.in_progress else down)
    if up and down and not cycle.in_progress and facts.cell_type == "full":
        asymmetry, u = measure_asymmetry(up, down)
        row |= {"slope_asymmetry_percent": asymmetry, "slope_asymmetry_percent_u": u}
        if charge and discharge and charge.samples and discharge.samples:
            row["hysteresis_percent"] = measure_hysteresis(up, down, charge.samples, discharge.samples)
    return row


def _slopes(signal: "MechanicalSignal", up: "Leg | None", down: "Leg | None") -> dict[str, float]:
    """Slopes, both positive for a normal Li anode, their R2 and the rms residual of the lines."""
    row: dict[str, float] = {}
    residuals = []
    for leg, name, sign in ((up, "charging", 1), (down, "discharging", -1)):
        if leg and leg.line:
            column = signal.named(f"slope_{name}", per="per_ah")
            row |= {column: sign * leg.line.slope, f"{column}_u": leg.line.slope_u}
            row[f"r_squared_{name}"] = leg.line.r_squared
            residuals.append(leg.line.residual_rms)
    if residuals:
        row[signal.named("residual")] = float(np.sqrt(np.mean(np.square(residuals))))
    return row


def _end(signal: "MechanicalSignal", stem: str, end: "StepEnd") -> dict[str, float]:
    column = signal.named(stem)
    return {column: end.value, f"{column}_u": end.u}
