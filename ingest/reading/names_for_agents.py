"""The names and units of columns, as an agent beside an instrument gets them to read tables as the import does."""

from typing import Any

from ingest.reading.aliases import ALIASES, FIXED_UNITS, QUANTITY_OF
from pressiometry.columns import RECORD_COLUMNS
from pressiometry.units import unit_spellings

_OTHERWISE_SENT = {"instrument_cycle_count": "cycle_count", "unix_time_second": None}
"""Record columns that a live row carries under another name, or in its `time`."""
_PURE_NUMBERS = {"": 1.0, "1": 1.0, "#": 1.0}


def names_for_agents() -> dict[str, Any]:
    """Every column that a table may have: its field in a live row (None: not sent), aliases, units with their factors.

    >>> names_for_agents()["columns"][3]["aliases"][:2]
    ['voltage', 'volts']
    """
    columns = [_named(column, aliases) for column, aliases in ALIASES.items()]
    return {"columns": columns, "fixed_units": FIXED_UNITS}


def _named(column: str, aliases: tuple[str, ...]) -> dict[str, object]:
    quantity = QUANTITY_OF[column]
    units = _PURE_NUMBERS if quantity in ("count", "text") else unit_spellings(quantity)
    field = _OTHERWISE_SENT.get(column, column) if column in RECORD_COLUMNS else None
    return {"column": column, "field": field, "aliases": list(aliases), "units": units}
