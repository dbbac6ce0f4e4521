"""What figures take from tables: lists of numbers, the indicator's column in a unit, capacities in the best unit.

Lists rather than arrays: plotly sends arrays in a binary form that a browser cannot extend with live rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import pandas as pd

from pressiometry.columns import CYCLE_COLUMNS, MECHANICAL_SIGNALS, PRESSURE, MechanicalSignal

Numbers = list[float | None]
Signals = Mapping[str, pd.DataFrame]
"""Record column -> table[test_time_second, that column], a row of NaN where records are missing."""

Unit = Literal["paper", "areal", "relative", "stiffness", "per_ah", "swing"]
UNITS: tuple[Unit, ...] = ("paper", "areal", "relative", "stiffness", "per_ah", "swing")
WITHOUT_MASS: dict[str, Unit] = {"p": "swing", "thickness": "per_ah", "strain": "per_ah"}
"""What a cell without an active mass shows first: pressure as its swing, thickness and strain per A h."""
LARGE_MAH = 100.0
"""From this capacity on tenths of a mAh are enough."""
ESTIMATORS = ("e1", "e2", "e3")
PER_AREA = ("areal", "stiffness")
CONFIDENCE = 1.96
"""Standard uncertainties in a 95 % interval (SCIENCE section 3)."""

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity to draw: column, factor to the unit on the axis, symbol (with sub/sup), unit, digits."""

    column: str
    symbol: str
    unit: str
    digits: int
    factor: float = 1.0

    @property
    def strip_title(self) -> str:
        """Title above a strip: bold quantity, plain unit."""
        return f"<b>{self.symbol}</b> / {self.unit}" if self.unit else f"<b>{self.symbol}</b>"

    @property
    def axis_title(self) -> str:
        """Title beside an axis, such as "P / MPa"."""
        return f"{self.symbol} / {self.unit}" if self.unit else self.symbol

    def text(self, value: float | None) -> str:
        """Value with unit, a true minus and the quantity's digits; an en dash where there is none."""
        number = "–" if value is None else f"{value:.{self.digits}f}".replace("-", "−")
        return f"{number} {self.unit}".strip()


def numbers(table: pd.DataFrame, column: str, factor: float = 1.0) -> Numbers:
    """Return a column as a list of finite floats times `factor`, None for gaps or where the column is absent.

    >>> numbers(pd.DataFrame({"x": [1.0, float("nan")]}), "x"), numbers(pd.DataFrame({"x": [1.0]}), "y")
    ([1.0, None], [None])
    """
    if column not in table:
        return [None] * len(table)
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float, na_value=float("nan"))
    return [value * factor if isfinite(value) else None for value in values.tolist()]


def has_values(table: pd.DataFrame, column: str) -> bool:
    """Say whether a column holds at least one finite number."""
    return any(value is not None for value in numbers(table, column))


def flags(table: pd.DataFrame, column: str) -> list[bool]:
    """Return a 0/1 column as booleans; absent or unknown is False."""
    return [bool(value) for value in numbers(table, column)]


def signal_of(cycles: pd.DataFrame) -> MechanicalSignal:
    """Return the mechanical signal the cycles were computed from; pressure where they do not say."""
    named = set(cycles["mechanical_signal"].dropna()) if "mechanical_signal" in cycles else set()
    for signal in MECHANICAL_SIGNALS:
        if signal.column in named:
            return signal
    return PRESSURE


def half_text(half: float, digits: int) -> str:
    """Half of an interval with so many decimals; one that is too small for them is not nothing.

    >>> half_text(0.041, 2), half_text(0.0017, 2), half_text(0.0, 2)
    ('0.04', '< 0.01', '0.00')
    """
    smallest = 10.0**-digits
    return f"< {smallest:.{digits}f}" if 0 < half < smallest / 2 else f"{half:.{digits}f}"


def estimator_of(cycles: pd.DataFrame) -> str:
    """Return the estimator the cell's indicator was computed with ("e1", "e2", "e3"), or "" if none was."""
    if "estimator" not in cycles:
        return ""
    named = cycles["estimator"].dropna()
    return str(named.iloc[-1]) if len(named) else ""


def indicator(signal: MechanicalSignal, unit: Unit, estimator: str = "") -> Quantity:
    """Return the indicator of a signal in one of UNITS; with an estimator its own column, where there is one.

    >>> indicator(PRESSURE, "paper").column
    'delta_delta_p_q_mpa_g_per_ah'
    >>> indicator(PRESSURE, "paper", "e3").column
    'delta_delta_p_q_mpa_g_per_ah_e3'
    """
    swing = f"Δ(Δ{signal.symbol})"
    column = {
        "paper": signal.named("delta_delta_{}_q", per="g_per_ah"),
        "areal": signal.named("delta_delta_{}_q", per="cm2_per_mah"),
        "relative": f"delta_delta_{signal.short}_q_percent",
        "stiffness": f"delta_delta_{signal.short}_q_micrometre_cm2_per_mah",
        "per_ah": signal.named("delta_delta_{}_q", per="per_ah"),
        "swing": signal.named("delta_delta_{}"),
    }[unit]
    symbols = {"relative": "Indicator", "stiffness": "Δd<sub>Q</sub>", "swing": swing}
    units = {
        "relative": "% of cycles 2–6",
        "paper": f"{signal.unit} g/(A h)".strip(),
        "areal": f"{signal.unit or '1'}/(mAh/cm²)",
        "stiffness": "µm/(mAh/cm²)",
        "per_ah": f"{signal.unit or '1'}/(A h)",
        "swing": signal.unit,
    }
    if estimator and unit in {"paper", "per_ah"}:
        column = f"{column}_{estimator}"
    digits = CYCLE_COLUMNS[column].digits if column in CYCLE_COLUMNS else 2
    return Quantity(column, symbols.get(unit, f"{swing}<sub>Q</sub>"), units[unit], digits)


def available_units(cycles: pd.DataFrame) -> list[Unit]:
    """Return the units of the indicator that at least one cycle has a value in, in the order of UNITS.

    Per area only where somebody gave a mass or loading, or the cell is a pellet under pressure: the diameter of any
    other cell is a default that nobody entered.
    """
    signal = signal_of(cycles)
    found = [unit for unit in UNITS if has_values(cycles, indicator(signal, unit).column)]
    return found if "paper" in found or signal == PRESSURE else [unit for unit in found if unit not in PER_AREA]


def choose_unit(cycles: pd.DataFrame, wanted: str) -> Unit:
    """Return the wanted unit if the cell has it, else paper's, without a mass what WITHOUT_MASS says, else any."""
    units = available_units(cycles)
    for unit in (wanted, "paper", WITHOUT_MASS[signal_of(cycles).short], *units):
        if unit in units:
            return units[units.index(unit)]
    return "swing"


def capacity(cycles: pd.DataFrame, half: Literal["charging", "discharging"] = "discharging") -> Quantity:
    """Return the capacity in the best unit: per mass, per area in a symmetric cell (no CE) under pressure, else mAh."""
    symbol = "Q<sub>dis</sub>" if half == "discharging" else "Q<sub>ch</sub>"
    if has_values(cycles, f"{half}_capacity_mah_per_g"):
        return Quantity(f"{half}_capacity_mah_per_g", symbol, "mAh/g", 1)
    symmetric = not has_values(cycles, "coulombic_efficiency_percent") and signal_of(cycles) == PRESSURE
    if symmetric and has_values(cycles, f"{half}_capacity_mah_per_cm2"):
        return Quantity(f"{half}_capacity_mah_per_cm2", symbol, "mAh/cm²", 3)
    column = f"cycle_{half}_capacity_ah"
    largest = max((value for value in numbers(cycles, column, 1000.0) if value is not None), default=0.0)
    return Quantity(column, symbol, "mAh", 1 if largest >= LARGE_MAH else 3, factor=1000.0)


def complete_cycles(cycles: pd.DataFrame) -> pd.DataFrame:
    """Return the finished cycles with `position`, the place on a cycle axis.

    Positions are the cycle numbers; formation cycles stand before them at ..., -1, 0.  An unfinished cycle
    enters no trend (SCIENCE section 2).
    """
    table = cycles.copy()
    if "state" in table:
        table = table[table["state"] != "in_progress"]
    counts = numbers(table, "cycle_count")
    formation = numbers(table, "formation_count")
    last = max((value for value in formation if value is not None), default=0.0)
    positions = [
        count if count is not None else (None if before is None else before - last)
        for count, before in zip(counts, formation, strict=True)
    ]
    return table.assign(position=pd.Series(positions, index=table.index, dtype=float)).dropna(subset=["position"])


def evenly_chosen(counts: Sequence[int], most: int, always: int | None = None) -> list[int]:
    """Return at most `most` of the cycles, first and last among them, and `always` besides.

    >>> evenly_chosen(range(1, 101), 3, always=7)
    [1, 7, 51, 100]
    """
    ordered = sorted(set(counts))
    if len(ordered) > most:
        ordered = [ordered[round(index * (len(ordered) - 1) / (most - 1))] for index in range(most)]
    return sorted({*ordered, always} if always in set(counts) and always is not None else set(ordered))
