"""Spellings of units as they stand in headers; what each is worth is said by pressiometry.units."""

from pressiometry.units import UNITS, convert

_QUANTITY_COLUMN = {
    "time": "test_time_second", "voltage": "voltage_volt", "current": "current_ampere",
    "capacity": "cycle_charging_capacity_ah", "pressure": "surface_pressure_mpa", "force": "force_newton",
    "temperature": "surface_temperature_celsius", "length": "thickness_micrometre", "strain": "strain",
}  # fmt: skip
_WORDS: dict[str, dict[str, str]] = {
    "time": {
        "s": "s sec secs second seconds 초 秒",
        "ms": "ms msec millisecond",
        "min": "min mins minute minutes 분",
        "h": "h hr hrs hour hours 시간",
        "d": "d day days",
    },
    "voltage": {"V": "v volt volts", "mV": "mv millivolt", "µV": "uv µv microvolt"},
    "current": {
        "A": "a amp amps ampere", "mA": "ma milliampere", "µA": "ua µa microampere \ufffda ?a ï¿½a", "nA": "na",
    },
    "capacity": {
        "A h": "ah a.h a·h a*h",
        "mA h": "mah ma.h ma·h ma*h",
        "µA h": "uah µah ua.h µa.h µa·h",
        "A s": "as a.s c",
        "mA s": "mas ma.s",
    },
    "pressure": {
        "MPa": "mpa megapascal", "kPa": "kpa kilopascal", "Pa": "pa pascal", "bar": "bar", "mbar": "mbar", "psi": "psi",
        "kgf/cm²": "kgf/cm2 kgf/cm² kg/cm2 kg/cm²", "N/mm²": "n/mm2 n/mm²",
    },
    "force": {"N": "n newton newtons", "kN": "kn", "kgf": "kgf kg kilogram", "lbf": "lbf lb lbs"},
    "temperature": {"°C": "c °c degc deg.c celsius ℃ \ufffdc ?c ï¿½c 'c \ufffd ?", "K": "k kelvin", "°F": "f °f degf"},
    "length": {
        "µm": "um µm micron micrometre micrometer", "mm": "mm millimetre millimeter", "m": "m metre", "nm": "nm",
    },
    "strain": {"1": "1 m/m mm/mm strain", "µε": "ue µe µε uε ustrain microstrain um/m µm/m", "%": "%"},
}  # fmt: skip
"""Quantity -> unit as pressiometry.units writes it -> spellings, in lower case; also with destroyed characters."""

SPELLINGS: dict[str, dict[str, str]] = {
    quantity: {word: unit for unit, words in units.items() for word in words.split()}
    for quantity, units in _WORDS.items()
}
_PURE_NUMBERS = {"", "1", "#"}


def spelling(unit: str) -> str:
    """A unit as it is looked up: lower case, no blanks, one kind of micro sign.

    >>> spelling(" mA . h "), spelling("μA")
    ('ma.h', 'µa')
    """
    return "".join(unit.split()).lower().replace("μ", "µ")


def factor_to_ours(quantity: str, unit: str) -> float | None:
    """Factor from a unit to our unit of the quantity; None for an unknown unit, or none where one is needed.

    >>> factor_to_ours("current", "mA"), factor_to_ours("pressure", "furlong"), factor_to_ours("count", "")
    (0.001, None, 1.0)
    """
    if quantity in ("count", "text") or (quantity == "strain" and not unit):
        return 1.0 if spelling(unit) in _PURE_NUMBERS else None
    word = SPELLINGS[quantity].get(spelling(unit))
    return None if word is None else UNITS[_QUANTITY_COLUMN[quantity]][word]


def offset_to_ours(quantity: str, unit: str) -> float:
    """What 0 of a unit is in our unit: not 0 for K and °F only.

    >>> round(offset_to_ours("temperature", "K"), 2)
    -273.15
    """
    word = SPELLINGS.get(quantity, {}).get(spelling(unit))
    return float(convert(0.0, word, "°C")) if quantity == "temperature" and word else 0.0


def is_unit(text: str) -> bool:
    """Whether a text is a unit that any quantity knows.

    >>> is_unit("kgf"), is_unit("mm"), is_unit("ABC")
    (True, True, False)
    """
    return any(spelling(text) in words for words in SPELLINGS.values())
