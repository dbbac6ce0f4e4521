"""What the unit in a header is worth in our unit of the quantity; the units themselves are pressiometry.units'."""

from pressiometry.units import convert, find_unit, unit_factor

_PURE_NUMBERS = ("", "1", "#")


def factor_to_ours(quantity: str, unit: str) -> float | None:
    """Factor from a unit to our unit of the quantity; None for an unknown unit, or none where one is needed.

    >>> factor_to_ours("current", "mA"), factor_to_ours("pressure", "furlong"), factor_to_ours("count", "")
    (0.001, None, 1.0)
    """
    if quantity in ("count", "text") or (quantity == "strain" and not unit):
        return 1.0 if unit.strip() in _PURE_NUMBERS else None
    found = find_unit(unit, quantity)
    return None if found is None else unit_factor(found, quantity)


def offset_to_ours(quantity: str, unit: str) -> float:
    """What 0 of a unit is in our unit: not 0 for K and °F only.

    >>> round(offset_to_ours("temperature", "K"), 2)
    -273.15
    """
    found = find_unit(unit, quantity) if quantity == "temperature" else None
    return 0.0 if found is None else float(convert(0.0, found, "°C"))
