"""Spellings of units as they stand in headers, and the factor of each to our own unit."""

QUANTITIES: dict[str, dict[str, float]] = {
    "time": {
        **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "초", "秒"), 1.0),
        **dict.fromkeys(("ms", "msec", "millisecond"), 1e-3),
        **dict.fromkeys(("min", "mins", "minute", "minutes", "분"), 60.0),
        **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "시간"), 3600.0),
        **dict.fromkeys(("d", "day", "days"), 86400.0),
    },
    "voltage": {
        **dict.fromkeys(("v", "volt", "volts"), 1.0),
        **dict.fromkeys(("mv", "millivolt"), 1e-3),
        **dict.fromkeys(("uv", "µv", "microvolt"), 1e-6),
    },
    "current": {
        **dict.fromkeys(("a", "amp", "amps", "ampere"), 1.0),
        **dict.fromkeys(("ma", "milliampere"), 1e-3),
        **dict.fromkeys(("ua", "µa", "microampere"), 1e-6),
        "na": 1e-9,
    },
    "capacity": {
        **dict.fromkeys(("ah", "a.h", "a·h", "a*h"), 1.0),
        **dict.fromkeys(("mah", "ma.h", "ma·h", "ma*h"), 1e-3),
        **dict.fromkeys(("uah", "µah", "µa.h", "ua.h", "µa·h"), 1e-6),
        **dict.fromkeys(("as", "a.s", "c"), 1 / 3600),
        **dict.fromkeys(("mas", "ma.s"), 1e-3 / 3600),
    },
    "pressure": {
        **dict.fromkeys(("mpa", "megapascal", "n/mm2", "n/mm²"), 1.0),
        **dict.fromkeys(("kpa", "kilopascal"), 1e-3),
        **dict.fromkeys(("pa", "pascal"), 1e-6),
        "bar": 0.1,
        "mbar": 1e-4,
        "psi": 6894.757e-6,
        **dict.fromkeys(("kgf/cm2", "kgf/cm²", "kg/cm2", "kg/cm²"), 98066.5e-6),
    },
    "force": {
        **dict.fromkeys(("n", "newton", "newtons"), 1.0),
        "kn": 1e3,
        **dict.fromkeys(("kgf", "kg", "kilogram"), 9.80665),
        **dict.fromkeys(("lbf", "lb", "lbs"), 4.4482216),
    },
    "temperature": dict.fromkeys(
        ("c", "°c", "degc", "deg.c", "celsius", "℃", "\ufffdc", "?c", "ï¿½c", "'c", "\ufffd", "?"), 1.0
    ),
    "length": {
        **dict.fromkeys(("um", "µm", "micron", "micrometre", "micrometer"), 1.0),
        **dict.fromkeys(("mm", "millimetre", "millimeter"), 1e3),
        **dict.fromkeys(("m", "metre"), 1e6),
        "nm": 1e-3,
    },
    "strain": {
        **dict.fromkeys(("", "1", "m/m", "mm/mm", "strain"), 1.0),
        **dict.fromkeys(("ue", "µe", "µε", "uε", "ustrain", "microstrain", "um/m", "µm/m"), 1e-6),
        "%": 1e-2,
    },
    "count": {"": 1.0, "1": 1.0, "#": 1.0},
    "text": {"": 1.0},
}
"""Per quantity: spelling (lower case, without blanks) -> factor to s, V, A, Ah, MPa, N, degC, um, 1."""


def spelling(unit: str) -> str:
    """A unit as it is looked up: lower case, no blanks, one kind of micro sign.

    >>> spelling(" mA . h "), spelling("\u03bcA")
    ('ma.h', 'µa')
    """
    return "".join(unit.split()).replace("μ", "µ").lower().replace("μ", "µ")


def factor_to_ours(quantity: str, unit: str) -> float | None:
    """Factor from a unit to our unit of the quantity; None for an unknown unit.

    >>> factor_to_ours("current", "mA"), factor_to_ours("pressure", "furlong")
    (0.001, None)
    """
    return QUANTITIES[quantity].get(spelling(unit))


def is_unit(text: str) -> bool:
    """Whether a text is a unit that any quantity knows.

    >>> is_unit("kgf"), is_unit("mm"), is_unit("ABC")
    (True, True, False)
    """
    key = spelling(text)
    return bool(key) and any(key in spellings for spellings in QUANTITIES.values())
