"""Checks of the tables that come in: what is missing or impossible is named, all of it at once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from pressiometry.columns import MECHANICAL_SIGNALS, RECORD_COLUMNS, MechanicalSignal
from pressiometry.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

REQUIRED = ("test_time_second", "voltage_volt", "current_ampere")


def check_records(records: "pd.DataFrame") -> None:
    """Nothing, if the table can be evaluated; every column of it that is known must hold numbers.

    Raises:
        InvalidInputError: with one problem for every absent or non-numerical column.

    >>> import pandas as pd
    >>> check_records(pd.DataFrame({"test_time_second": [0.0], "voltage_volt": ["a"]}))
    Traceback (most recent call last):
    ...
    pressiometry.errors.InvalidInputError: The records cannot be evaluated: voltage_volt does not hold numbers; \
current_ampere is absent. Map these columns at the import.

    """
    _raise_problems("The records cannot be evaluated", _problems(records, REQUIRED, RECORD_COLUMNS))


def check_mechanical(mechanical: "pd.DataFrame") -> None:
    """Nothing, if the logger's table has times and one mechanical signal.

    Raises:
        InvalidInputError: where it has none.

    """
    known = [signal.column for signal in MECHANICAL_SIGNALS]
    problems = _problems(mechanical, ("test_time_second",), known)
    if not set(known) & set(mechanical.columns):
        problems.append(f"none of {', '.join(known)} is there")
    _raise_problems("The mechanical signal cannot be evaluated", problems)


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


def _problems(table: "pd.DataFrame", required: Iterable[str], known: Iterable[str]) -> list[str]:
    needed = list(required)
    names = needed + [name for name in known if name in table.columns and name not in needed]
    found = []
    for name in names:
        if name not in table.columns:
            found.append(f"{name} is absent")
        elif not _is_numerical(table[name]):
            found.append(f"{name} does not hold numbers")
    return found


def _is_numerical(column: "pd.Series[Any]") -> bool:
    try:
        column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return False
    return True


def _raise_problems(what: str, problems: list[str]) -> None:
    if problems:
        raise InvalidInputError(
            f"{what}: {'; '.join(problems)}", remedy="Map these columns at the import.", problems=tuple(problems)
        )
