"""Checks of the tables that come in: what is missing or impossible is named, all of it at once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from pressiometry.columns import MECHANICAL_SIGNALS, RECORD_COLUMNS, MechanicalSignal
from pressiometry.errors import InvalidInputError, MissingDataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

REMEDY = "Map these columns at the import."
REQUIRED = ("test_time_second", "voltage_volt", "current_ampere")


def check_records(records: "pd.DataFrame") -> None:
    """Nothing, if the table can be evaluated; every column of it that is known must hold numbers.

    Raises:
        InvalidInputError: where a column does not hold numbers, with one problem for each.
        MissingDataError: where a required column is absent.

    >>> import pandas as pd
    >>> check_records(pd.DataFrame({"test_time_second": [0.0], "voltage_volt": [3.6]}))
    Traceback (most recent call last):
    ...
    pressiometry.errors.MissingDataError: The records have no current_ampere. Map these columns at the import.

    """
    _check_numbers("The records", records, RECORD_COLUMNS)
    absent = [name for name in REQUIRED if name not in records.columns]
    if absent:
        raise MissingDataError(f"The records have no {', '.join(absent)}", remedy=REMEDY)


def check_mechanical(mechanical: "pd.DataFrame") -> None:
    """Nothing, if the logger's table has times and one mechanical signal.

    Raises:
        InvalidInputError: where a column does not hold numbers.
        MissingDataError: where it has neither.

    """
    known = [signal.column for signal in MECHANICAL_SIGNALS]
    _check_numbers("The logger's table", mechanical, ("test_time_second", *known))
    if "test_time_second" not in mechanical.columns:
        raise MissingDataError("The logger's table has no test_time_second", remedy=REMEDY)
    if not set(known) & set(mechanical.columns):
        raise MissingDataError(f"The logger's table has none of {', '.join(known)}", remedy=REMEDY)


def find_mechanical_signal(table: "pd.DataFrame") -> MechanicalSignal | None:
    """The signal that the table holds: pressure before thickness before strain; None where all are empty.

    >>> import pandas as pd
    >>> find_mechanical_signal(pd.DataFrame({"surface_pressure_mpa": [None], "strain": [1e-4]})).name
    'strain'
    """
    for signal in MECHANICAL_SIGNALS:
        if signal.column in table.columns and np.isfinite(numbers(table, signal.column)).any():
            return signal
    return None


def numbers(table: "pd.DataFrame", name: str) -> "NDArray[np.float64]":
    """One column as float64, NaN where it was not measured."""
    return table[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _check_numbers(what: str, table: "pd.DataFrame", names: Iterable[str]) -> None:
    problems = [
        f"{name} does not hold numbers" for name in names if name in table.columns and not _is_numerical(table[name])
    ]
    if problems:
        text = f"{what} cannot be evaluated: {'; '.join(problems)}"
        raise InvalidInputError(text, remedy=REMEDY, problems=tuple(problems))


def _is_numerical(column: "pd.Series[Any]") -> bool:
    try:
        column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return False
    return True
