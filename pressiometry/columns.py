"""Every column of every table, defined once: name, label, unit, meaning.

Axis titles, menus, documentation and the API's schema are made from these definitions.
Record columns have the machine names of the Battery Data Format; ours stand where it has none.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "integer", "text", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its machine name, the words a person reads, its unit and its meaning."""

    name: str
    label: str
    unit: str
    meaning: str
    digits: int = 3
    kind: Kind = "number"

    @property
    def title(self) -> str:
        """Axis title, such as "Voltage / V".

        >>> RECORD_COLUMNS["voltage_volt"].title
        'Voltage / V'
        """
        return f"{self.label} / {self.unit}" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class MechanicalSignal:
    """One kind of mechanical signal and the names of what is computed from it."""

    column: str  # the record column
    short: str  # "p" in p_eoc_mpa
    symbol: str  # "P" on axes
    suffix: str  # "mpa" in p_eoc_mpa
    unit: str  # "MPa" on axes
    name: str  # "pressure" in sentences

    def named(self, stem: str, *, per: str = "") -> str:
        """Name of a result of this signal, with its unit.

        >>> PRESSURE.named("eoc"), PRESSURE.named("delta_delta_{}_q", per="g_per_ah")
        ('p_eoc_mpa', 'delta_delta_p_q_mpa_g_per_ah')
        >>> STRAIN.named("delta_delta_{}_q", per="per_ah")
        'delta_delta_strain_q_per_ah'
        """
        head = stem.format(self.short) if "{}" in stem else f"{self.short}_{stem}"
        return "_".join(part for part in (head, self.suffix, per) if part)


PRESSURE = MechanicalSignal("surface_pressure_mpa", "p", "P", "mpa", "MPa", "pressure")
THICKNESS = MechanicalSignal("thickness_micrometre", "thickness", "d", "micrometre", "µm", "thickness")
STRAIN = MechanicalSignal("strain", "strain", "ε", "", "", "strain")
MECHANICAL_SIGNALS = (PRESSURE, THICKNESS, STRAIN)
"""In order of precedence: pressure is the first citizen (SCIENCE, IMPORT section 1)."""


def _table(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in columns}


RECORD_COLUMNS = _table(
    Column("test_time_second", "Test time", "s", "Time since the start of the test, as the instrument reported it"),
    Column("unix_time_second", "Wall-clock time", "s", "UTC seconds since 1970, where the file gives a date and its zone is known"),
    Column("voltage_volt", "Voltage", "V", "Cell voltage"),
    Column("current_ampere", "Current", "A", "Current through the cell; positive charges", 6),
    Column("instrument_cycle_count", "Instrument's cycle", "", "Cycle number as the instrument gave it, never altered", 0, "integer"),
    Column("step_count", "Step", "", "Step number as the instrument gave it", 0, "integer"),
    Column("record_index", "Record", "", "Record number of the instrument, or the line of the file", 0, "integer"),
    Column("cycle_charging_capacity_ah", "Charge capacity", "A h", "Charge passed on charge since the start of the cycle", 6),
    Column("cycle_discharging_capacity_ah", "Discharge capacity", "A h", "Charge passed on discharge since the start of the cycle", 6),
    Column("surface_temperature_celsius", "Cell temperature", "°C", "Temperature at the surface of the cell", 1),
    Column("ambient_temperature_celsius", "Ambient temperature", "°C", "Temperature around the cell", 1),
    Column("surface_pressure_mpa", "Pressure", "MPa", "Stack pressure measured while cycling"),
    Column("force_newton", "Force", "N", "Raw force of the load cell, kept beside the pressure", 1),
    Column("analogue_input_volt", "Analogue input", "V", "Raw voltage of a sensor's amplifier, kept beside what it was turned into", 5),
    Column("thickness_micrometre", "Thickness change", "µm", "Change of the cell's thickness", 2),
    Column("strain", "Strain", "", "Strain of the cell's case", 6),
    Column("monotonic_second", "Agent's clock", "s", "Reading of the agent's clock that is never set, where a row came live with one"),
    Column("received_unix_second", "Received", "s", "UTC seconds since 1970 by the server's clock when a live row came in"),
    Column("utc_offset_second", "Offset from UTC", "s", "Offset of the local time in which a live row's time was written", 0),
)  # fmt: skip


# fmt: off
def _with_u(column: Column) -> tuple[Column, Column]:
    spread = Column(f"{column.name}_u", f"u({column.label})", column.unit, f"One standard uncertainty of: {column.meaning}", column.digits)
    return column, spread


def _indicator_columns(s: MechanicalSignal) -> list[Column]:
    """Columns of one mechanical signal: step ends, swing, indicator in all its forms, slopes."""
    swing = s.named("delta_delta_{}")
    label = f"Δ(Δ{s.symbol})"
    per_g, per_g_unit = s.named("delta_delta_{}_q", per="g_per_ah"), f"{s.unit} g/(A h)".strip()
    per_ah, per_ah_unit = s.named("delta_delta_{}_q", per="per_ah"), f"{s.unit}/(A h)" if s.unit else "1/(A h)"
    areal, areal_unit = s.named("delta_delta_{}_q", per="cm2_per_mah"), f"{s.unit or '1'}/(mAh/cm²)"
    columns = [
        *_with_u(Column(s.named("soc"), f"{s.symbol} at start of charge", s.unit, f"{s.name} at the start of charge, after the rest")),
        *_with_u(Column(s.named("eoc"), f"{s.symbol} at end of charge", s.unit, f"{s.name} at the end of charge, end of CV if there is one")),
        *_with_u(Column(s.named("eod"), f"{s.symbol} at end of discharge", s.unit, f"Baseline: {s.name} at the end of the discharge")),
        *_with_u(Column(swing, label, s.unit, f"{s.name} swing of the cell's estimator (E1: EOC - EOD; E2: A_n; E3: k x Q_dis)")),
        Column(s.named("drift"), f"{s.symbol} drift", s.unit, f"{s.name} at end of discharge minus that of the cycle before"),
        Column(s.named("baseline_slope"), f"{s.symbol} baseline slope", f"{s.unit}/cycle".strip("/"), "Theil-Sen slope of the baseline over 10 cycles", 4),
        *_with_u(Column(s.named("slope_charging", per="per_ah"), f"d{s.symbol}/dQ on charge", per_ah_unit, "Slope k_c on 10-90 % of CC charge")),
        *_with_u(Column(s.named("slope_discharging", per="per_ah"), f"−d{s.symbol}/dQ on discharge", per_ah_unit, "Slope k_d, positive for a normal Li anode")),
        Column(s.named("residual"), f"{s.symbol} residual", s.unit, "rms residual of the slope lines", 4),
    ]
    for name, unit, words in ((per_g, per_g_unit, "per specific discharge capacity"), (per_ah, per_ah_unit, "per discharge capacity")):
        columns += _with_u(Column(name, f"{label} per Q", unit, f"Swing {words}, the cell's estimator", 2))
        for code, estimator in (("e1", "paper"), ("e2", "drift-corrected"), ("e3", "slope")):
            columns += _with_u(Column(f"{name}_{code}", f"{label} per Q, {code.upper()}", unit, f"Swing {words}, estimator {code.upper()} ({estimator})", 2))
    columns += _with_u(Column(areal, f"{label} per areal Q", areal_unit, "Swing per areal discharge capacity"))
    columns += _with_u(Column(f"delta_delta_{s.short}_q_percent", "Indicator, % of cycles 2–6", "%", "Indicator relative to the median of cycles 2-6", 1))
    if s is PRESSURE:
        columns += _with_u(Column("delta_delta_p_q_micrometre_cm2_per_mah", "Stack thickness per areal Q", "µm/(mAh/cm²)", "Areal indicator divided by the fixture's stiffness", 2))
    return columns
# fmt: on


CYCLE_COLUMNS = _table(
    Column("cycle_count", "Cycle", "", "Cycle number of the cell, from 1, formation cycles left out", 0, "integer"),
    Column("formation_count", "Formation cycle", "", "Number of a formation cycle, from 1", 0, "integer"),
    Column("instrument_cycle_count", "Instrument's cycle", "", "Cycle number as the instrument gave it", 0, "integer"),
    Column("segmentation", "Found by", "", "instrument (its own cycle numbers), derived (from the current) or turning_points", 0, "text"),
    Column("state", "State", "", "complete or in_progress", 0, "text"),
    Column("start_second", "Start", "s", "Start of the cycle on the cell's time axis", 0),
    Column("end_second", "End", "s", "End of the cycle on the cell's time axis", 0),
    Column("charge_start_second", "Start of charge", "s", "t_SOC, after the rest", 0),
    Column("charge_end_second", "End of charge", "s", "t_EOC, end of CV if there is one", 0),
    Column("discharge_start_second", "Start of discharge", "s", "Start of the discharge", 0),
    Column("discharge_end_second", "End of discharge", "s", "t_EOD", 0),
    Column("duration_hour", "Duration", "h", "From the start of charge to the end of discharge", 2),
    Column("cycle_charging_capacity_ah", "Charge capacity", "A h", "Charge passed on charge", 6),
    Column("cycle_discharging_capacity_ah", "Discharge capacity", "A h", "Charge passed on discharge", 6),
    Column("capacity_source", "Capacity from", "", "reported (by the instrument) or integrated (from the current)", 0, "text"),
    Column("charging_capacity_mah_per_g", "Charge capacity", "mAh/g", "Charge capacity per active mass", 1),
    Column("discharging_capacity_mah_per_g", "Discharge capacity", "mAh/g", "Discharge capacity per active mass", 1),
    Column("charging_capacity_mah_per_cm2", "Charge capacity", "mAh/cm²", "Charge capacity per electrode area", 3),
    Column("discharging_capacity_mah_per_cm2", "Discharge capacity", "mAh/cm²", "Discharge capacity per electrode area", 3),
    Column("coulombic_efficiency_percent", "CE", "%", "Discharge capacity / charge capacity of the same cycle", 2),
    Column("capacity_retention_percent", "Capacity retention", "%", "Discharge capacity relative to the median of cycles 2-6", 1),
    Column("cumulative_capacity_difference_ah", "Cumulative Q_c − Q_d", "A h", "Sum of charge minus discharge capacity since cycle 1", 6),
    Column("charging_voltage_volt", "Mean charge voltage", "V", "Charge-weighted mean voltage on charge"),
    Column("discharging_voltage_volt", "Mean discharge voltage", "V", "Charge-weighted mean voltage on discharge"),
    Column("polarisation_volt", "Polarisation", "V", "Full cell: mean charge minus mean discharge voltage; symmetric: half the difference of plating and stripping", 4),
    Column("charging_energy_wh", "Charge energy", "W h", "Energy taken up on charge", 6),
    Column("discharging_energy_wh", "Discharge energy", "W h", "Energy given on discharge", 6),
    Column("charging_current_ampere", "Charge current", "A", "Median current on constant-current charge", 6),
    Column("discharging_current_ampere", "Discharge current", "A", "Median current on discharge (magnitude)", 6),
    Column("temperature_mean_celsius", "Temperature", "°C", "Mean temperature over the cycle", 1),
    Column("temperature_range_celsius", "Temperature range", "K", "Largest minus smallest temperature in the cycle", 1),
    Column("mechanical_signal", "Mechanical signal", "", "Record column that the indicator was computed from", 0, "text"),
    Column("estimator", "Estimator", "", "Estimator of the indicator, one for the whole cell: e1, e2 or e3", 0, "text"),
    Column("r_squared_charging", "R² on charge", "", "R² of the slope line on charge", 4),
    Column("r_squared_discharging", "R² on discharge", "", "R² of the slope line on discharge", 4),
    Column("slope_asymmetry_percent", "Slope asymmetry", "%", "(k_d − k_c)/(k_d + k_c): reads electronic leakage (SCIENCE section 1.5)", 2),
    Column("slope_asymmetry_percent_u", "u(slope asymmetry)", "%", "One standard uncertainty of the slope asymmetry", 2),
    Column("hysteresis_percent", "Hysteresis", "%", "Mean |P_c − P_d| over the common charge, relative to the swing", 2),
    Column("e1_minus_e2_percent", "E1 − E2", "%", "Difference of the estimators relative to E2", 2),
    Column("systematic_u_percent", "Systematic u", "%", "Uncertainty of mass, area and force gain together; cancels in the relative indicator", 2),
    Column("scatter_percent", "Scatter", "%", "Scatter of the relative indicator from cycle to cycle, from the last 25 triples before the cycle", 2),
    Column("coverage_charging_percent", "Coverage on charge", "%", "Share of the charge step, by its charge, that mechanical samples cover", 1),
    Column("coverage_discharging_percent", "Coverage on discharge", "%", "Share of the discharge step, by its charge, that mechanical samples cover", 1),
    *[column for signal in MECHANICAL_SIGNALS for column in _indicator_columns(signal)],
    Column("quality", "Quality", "", "Codes of what was found wrong with the cycle; see quality.py", 0, "list"),
    Column("masked", "Masked", "", "1 where the quality keeps the cycle out of trends", 0, "integer"),
    Column("not_computed", "Not computed, because", "", "Reasons, as {column: sentence}, for values that are absent", 0, "text"),
)  # fmt: skip


def indicator_names(signal: MechanicalSignal) -> tuple[str, ...]:
    """Names of the cycle columns that belong to one mechanical signal.

    >>> "p_eoc_mpa" in indicator_names(PRESSURE), "p_eoc_mpa" in indicator_names(STRAIN)
    (True, False)
    """
    return tuple(column.name for column in _indicator_columns(signal))
