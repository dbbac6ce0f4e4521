"""Tables that cannot be evaluated are refused with a reason a person can act on."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from pressiometry.cycles import summarise_cycles
from pressiometry.errors import InvalidInputError, MissingDataError
from pressiometry.facts import CellFacts
from pressiometry.records import read_arrays
from pressiometry.tables import check_mechanical, find_mechanical_signal

Maker = Callable[..., pd.DataFrame]


def test_absent_columns_are_named(linear: Maker, facts: CellFacts) -> None:
    """Without voltage and current: both names in one message."""
    with pytest.raises(MissingDataError, match=r"voltage_volt, current_ampere"):
        summarise_cycles(linear().drop(columns=["voltage_volt", "current_ampere"]), facts)


def test_every_column_without_numbers_is_named(linear: Maker, facts: CellFacts) -> None:
    """Text where numbers belong: all problems at once, also in columns that are not required."""
    records = linear().assign(voltage_volt="high", surface_pressure_mpa="low")
    with pytest.raises(InvalidInputError) as raised:
        summarise_cycles(records, facts)
    assert len(raised.value.problems) == 2


def test_a_logger_needs_times_and_a_signal() -> None:
    """Each absence has its own message."""
    with pytest.raises(MissingDataError, match="test_time_second"):
        check_mechanical(pd.DataFrame({"strain": [1.0]}))
    with pytest.raises(MissingDataError, match="none of surface_pressure_mpa"):
        check_mechanical(pd.DataFrame({"test_time_second": [1.0]}))
    with pytest.raises(InvalidInputError, match="strain does not hold numbers"):
        check_mechanical(pd.DataFrame({"test_time_second": [1.0], "strain": ["a"]}))


def test_pressure_comes_first_and_empty_columns_do_not_count() -> None:
    """The first of pressure, thickness and strain that holds a value."""
    table = pd.DataFrame({"surface_pressure_mpa": [np.nan], "thickness_micrometre": [1.0], "strain": [1.0]})
    signal = find_mechanical_signal(table)
    assert signal is not None
    assert signal.column == "thickness_micrometre"
    assert find_mechanical_signal(pd.DataFrame({"voltage_volt": [1.0]})) is None


def test_rows_without_time_or_current_are_left_out(linear: Maker, facts: CellFacts) -> None:
    """Rows of nothing between the records change nothing; pressure in a row of its own still counts."""
    records = linear(noise=0.004)
    empty = pd.DataFrame({"voltage_volt": [3.0] * 5})
    padded = pd.concat([records.iloc[:100], empty, records.iloc[100:]], ignore_index=True)
    before, after = summarise_cycles(records, facts), summarise_cycles(padded, facts)
    column = "delta_delta_p_q_mpa_g_per_ah"
    assert after[column].to_numpy() == pytest.approx(before[column].to_numpy())


def test_nullable_and_integer_columns_are_taken() -> None:
    """Pandas' own missing values become NaN; the ambient temperature stands in for the cell's."""
    table = pd.DataFrame(
        {
            "test_time_second": pd.array([0, 1, None], dtype="Int64"),
            "voltage_volt": 3,
            "current_ampere": 0,
            "surface_temperature_celsius": np.nan,
            "ambient_temperature_celsius": 21.0,
        }
    )
    arrays = read_arrays(table)
    assert arrays.time_second.tolist() == [0, 1]
    assert arrays.temperature_celsius.tolist() == [21, 21]


def test_a_clock_that_steps_back_gives_no_charge() -> None:
    """An interval below zero counts as none."""
    table = pd.DataFrame({"test_time_second": [0.0, 10, 5, 15], "voltage_volt": 3.0, "current_ampere": 3.6})
    assert read_arrays(table).charge_ah.tolist() == pytest.approx([0, 0.01, 0, 0.01])
