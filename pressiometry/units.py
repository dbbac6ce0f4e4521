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

_QUANTITIES: dict[str, dict[str, tuple[float, str]]] = {
    "time": {
        "s": (1.0, "sec secs second seconds 초 秒"),
        "ms": (1e-3, "msec millisecond"),
        "min": (60.0, "mins minute minutes 분"),
        "h": (3600.0, "hr hrs hour hours 시간"),
        "d": (86400.0, "day days"),
    },
    "voltage": {"V": (1.0, "volt volts"), "mV": (1e-3, "millivolt"), "µV": (1e-6, "uv microvolt")},
    "current": {
        "A": (1.0, "amp amps ampere"), "mA": (1e-3, "milliampere"),
        "µA": (1e-6, "ua microampere \ufffda ?a ï¿½a"), "nA": (1e-9, ""),
    },
    "capacity": {
        "A h": (1.0, "a.h a·h a*h"),
        "mA h": (1e-3, "ma.h ma·h ma*h"),
        "µA h": (1e-6, "uah ua.h µa.h µa·h"),
        "A s": (1 / 3600, "a.s"),
        "C": (1 / 3600, "coulomb coulombs"),
        "mA s": (1e-3 / 3600, "ma.s"),
    },
    "temperature": {
        "°C": (1.0, "c degc deg.c celsius ℃ \ufffdc ?c ï¿½c 'c \ufffd ?"),
        "K": (1.0, "kelvin"),
        "°F": (5 / 9, "f degf"),
    },
    "pressure": {
        "MPa": (1.0, "megapascal"), "kPa": (1e-3, "kilopascal"), "Pa": (1e-6, "pascal"),
        "bar": (0.1, ""), "mbar": (1e-4, ""), "psi": (PSI_PASCAL * 1e-6, ""),
        "kgf/cm²": (STANDARD_GRAVITY * 1e-2, "kgf/cm2 kg/cm2 kg/cm²"), "N/mm²": (1.0, "n/mm2"),
    },
    "force": {
        "N": (1.0, "newton newtons"), "kN": (1e3, ""), "kgf": (STANDARD_GRAVITY, "kg kilogram"),
        "lbf": (POUND_NEWTON, "lb lbs"),
    },
    "length": {
        "µm": (1.0, "um micron micrometre micrometer"), "mm": (1e3, "millimetre millimeter"),
        "m": (1e6, "metre"), "nm": (1e-3, ""),
    },
    "strain": {
        "1": (1.0, "m/m mm/mm strain"),
        "%": (1e-2, ""),
        "µε": (1e-6, "ue µe uε ustrain microstrain um/m µm/m"),
    },
}  # fmt: skip
"""Quantity -> unit -> its factor to the first unit, and how else files spell it: small letters, also destroyed ones."""

_QUANTITY_OF = {
    "test_time_second": "time",
    "unix_time_second": "time",
    "voltage_volt": "voltage",
    "analogue_input_volt": "voltage",
    "current_ampere": "current",
    "cycle_charging_capacity_ah": "capacity",
    "cycle_discharging_capacity_ah": "capacity",
    "surface_temperature_celsius": "temperature",
    "ambient_temperature_celsius": "temperature",
    "surface_pressure_mpa": "pressure",
    "force_newton": "force",
    "thickness_micrometre": "length",
    "strain": "strain",
}
UNITS: dict[str, dict[str, float]] = {
    column: {unit: factor for unit, (factor, _) in _QUANTITIES[quantity].items()}
    for column, quantity in _QUANTITY_OF.items()
}
"""For each record column with a unit: the units it may come in, with the factor to the column's own (the first)."""

_ZERO = {"K": 273.15, "°F": 32.0}
"""What 0 °C reads in a unit of temperature."""
_PURE_NUMBER = "1"


def _key(text: str) -> str:
    """A spelling as it is looked up: no blanks, small letters, one kind of micro sign."""
    return "".join(text.split()).lower().replace("μ", "µ")


_UNIT_OF = {
    quantity: {_key(word): unit for unit, (_, words) in units.items() for word in (unit, *words.split())}
    for quantity, units in _QUANTITIES.items()
}


def find_unit(text: str, quantity: str) -> str | None:
    """The unit of a quantity (time, voltage, current ...) that a text means, as UNITS writes it; None for none of it.

    >>> find_unit("Ah", "capacity"), find_unit("degC", "temperature"), find_unit("mm", "pressure")
    ('A h', '°C', None)
    """
    return _UNIT_OF[quantity].get(_key(text))


def unit_factor(unit: str, quantity: str) -> float:
    """What one of a unit (as find_unit says it) is in the first unit of its quantity.

    >>> unit_factor("mA", "current")
    0.001
    """
    return _QUANTITIES[quantity][unit][0]


def unit_spellings(quantity: str) -> dict[str, float]:
    """Every spelling of a unit of a quantity (no blanks, small letters), with what one of it is in the first unit.

    >>> unit_spellings("current")["ma"]
    0.001
    """
    return {spelling: unit_factor(unit, quantity) for spelling, unit in _UNIT_OF[quantity].items()}


def is_unit(text: str) -> bool:
    """Whether a text is a unit of any quantity.

    >>> is_unit("kgf"), is_unit("mm"), is_unit("ABC")
    (True, True, False)
    """
    return any(_key(text) in words for words in _UNIT_OF.values())


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
    for quantity, units in _QUANTITIES.items():
        source, target = (find_unit(unit or _PURE_NUMBER, quantity) for unit in (from_unit, to_unit))
        if source is not None and target is not None:
            ours = (np.asarray(values, dtype=np.float64) - _ZERO.get(source, 0.0)) * units[source][0]
            return ours / units[target][0] + _ZERO.get(target, 0.0)
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
