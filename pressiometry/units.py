"""Units: what each quantity may be written in, and conversion between them. MPa, V, A, A h, s, µm inside."""

from typing import TYPE_CHECKING

import numpy as np

from pressiometry.errors import InvalidInputError
from pressiometry.facts import STANDARD_GRAVITY

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from pressiometry.facts import CellFacts

POUND_NEWTON = 4.4482216152605
PSI_PASCAL = 6894.757293168

_TIME = {"s": 1.0, "ms": 1e-3, "min": 60.0, "h": 3600.0, "d": 86400.0}
_VOLTAGE = {"V": 1.0, "mV": 1e-3, "µV": 1e-6}
_CURRENT = {"A": 1.0, "mA": 1e-3, "µA": 1e-6, "nA": 1e-9}
_CHARGE = {"A h": 1.0, "mA h": 1e-3, "µA h": 1e-6, "A s": 1 / 3600, "C": 1 / 3600, "mA s": 1e-3 / 3600}
_TEMPERATURE = {"°C": 1.0, "K": 1.0, "°F": 5 / 9}
_PRESSURE = {
    "MPa": 1.0, "kPa": 1e-3, "Pa": 1e-6, "bar": 0.1, "mbar": 1e-4, "psi": PSI_PASCAL * 1e-6,
    "kgf/cm²": STANDARD_GRAVITY * 1e-2, "N/mm²": 1.0,
}  # fmt: skip
_FORCE = {"N": 1.0, "kN": 1e3, "kgf": STANDARD_GRAVITY, "lbf": POUND_NEWTON}
_LENGTH = {"µm": 1.0, "mm": 1e3, "m": 1e6, "nm": 1e-3}
_STRAIN = {"1": 1.0, "%": 1e-2, "µε": 1e-6}

UNITS: dict[str, dict[str, float]] = {
    "test_time_second": _TIME,
    "unix_time_second": _TIME,
    "voltage_volt": _VOLTAGE,
    "analogue_input_volt": _VOLTAGE,
    "current_ampere": _CURRENT,
    "cycle_charging_capacity_ah": _CHARGE,
    "cycle_discharging_capacity_ah": _CHARGE,
    "surface_temperature_celsius": _TEMPERATURE,
    "ambient_temperature_celsius": _TEMPERATURE,
    "surface_pressure_mpa": _PRESSURE,
    "force_newton": _FORCE,
    "thickness_micrometre": _LENGTH,
    "strain": _STRAIN,
}
"""For each record column with a unit: the units it may come in, with the factor to the column's own (the first)."""

_ZERO = {"K": 273.15, "°F": 32.0}
"""What 0 °C reads in a unit of temperature."""
_SPELLINGS = {
    "sec": "s", "seconds": "s", "second": "s", "hours": "h", "hr": "h", "minutes": "min", "days": "d",
    "volt": "V", "volts": "V", "amp": "A", "amps": "A", "ampere": "A", "uv": "µV", "ua": "µA", "uah": "µA h",
    "ah": "A h", "a.h": "A h", "mah": "mA h", "ma.h": "mA h", "as": "A s", "mas": "mA s", "coulomb": "C",
    "degc": "°C", "celsius": "°C", "℃": "°C", "kelvin": "K", "degf": "°F",
    "kgf/cm2": "kgf/cm²", "kg/cm2": "kgf/cm²", "kg/cm²": "kgf/cm²", "n/mm2": "N/mm²",
    "kg": "kgf", "newton": "N", "lb": "lbf", "lbs": "lbf", "um": "µm", "micron": "µm", "micrometre": "µm",
    "": "1", "microstrain": "µε", "ustrain": "µε", "ue": "µε", "um/m": "µε",
}  # fmt: skip


def convert(values: "ArrayLike", from_unit: str, to_unit: str) -> "NDArray[np.float64]":
    """Values in another unit of the same quantity; the shape of `values`, NaN stays NaN.

    Units are written as in UNITS or in a usual other spelling; K and °F have their own zero.

    Raises:
        InvalidInputError: where no quantity knows both units.

    >>> convert([1.0, 2.0], "kgf", "N").tolist()
    [9.80665, 19.6133]
    >>> round(float(convert(300.0, "K", "degC")), 2)
    26.85

    """
    source, target = _spell(from_unit), _spell(to_unit)
    for units in UNITS.values():
        if source in units and target in units:
            ours = (np.asarray(values, dtype=np.float64) - _ZERO.get(source, 0.0)) * units[source]
            return ours / units[target] + _ZERO.get(target, 0.0)
    raise InvalidInputError(
        f"“{from_unit}” cannot be turned into “{to_unit}”", remedy="Choose two units of the same quantity."
    )


def force_to_pressure(force_newton: "ArrayLike", facts: "CellFacts") -> "NDArray[np.float64]":
    """Pressure in MPa of a force in N on the cell's force area (IMPORT section 2.5, SCIENCE section 2).

    >>> from pressiometry.facts import CellFacts
    >>> round(float(force_to_pressure(9.80665, CellFacts())), 7)
    0.0738829
    """
    return np.asarray(force_newton, dtype=np.float64) / facts.force_area_mm2


def _spell(unit: str) -> str:
    """The unit as UNITS writes it, or the text itself where it is not known."""
    text = unit.strip().replace("μ", "µ")
    for units in UNITS.values():
        if text in units:
            return text
    key = text.lower().replace(" ", "").replace("µ", "u")
    by_key = {name.lower().replace(" ", "").replace("µ", "u"): name for units in UNITS.values() for name in units}
    return _SPELLINGS.get(key) or by_key.get(key, text)
