"""Groups by cycle: the cell is the unit of replication."""

import numpy as np
import pandas as pd
import pytest

from pressiometry.comparison import summarise_groups
from pressiometry.errors import InvalidInputError


def values_of(*rows: tuple[object, int, float, float]) -> pd.DataFrame:
    """Rows of group, cell, cycle, value."""
    return pd.DataFrame(rows, columns=["group", "cell_id", "cycle_count", "value"])


def test_n_counts_cells() -> None:
    """Mean, sd (n - 1), min and max over cells; one cell has no sd; a cell's repeated rows count once."""
    table = summarise_groups(values_of((0, 1, 1, 15.0), (0, 2, 1, 17.0), (0, 2, 1, 19.0), (0, 1, 2, 14.0)))
    assert table["n"].tolist() == [2, 1]
    first = table.iloc[0]
    assert [first["mean"], first["sd"], first["min"], first["max"]] == pytest.approx([16.5, 1.5 * np.sqrt(2), 15, 18])
    assert np.isnan(table["sd"].iloc[1])


def test_groups_are_ordered_and_gaps_do_not_count() -> None:
    """Sorted by group and cycle; rows without value, cycle or group are left out."""
    rows = values_of((5, 3, 1, 1.0), (0, 1, 2, 1.0), (0, 1, 1, 1.0), (0, 2, 1, np.nan), (0, 2, np.nan, 1.0))
    table = summarise_groups(pd.concat([rows, values_of((None, 4, 1, 1.0))]))
    assert table[["group", "cycle_count", "n"]].astype(int).to_numpy().tolist() == [[0, 1, 1], [0, 2, 1], [5, 1, 1]]


def test_words_group_as_well_as_numbers_and_nothing_gives_nothing() -> None:
    """Group labels may be text; no rows give no rows with the columns."""
    assert summarise_groups(values_of(("coated", 1, 1, 2.0)))["group"].tolist() == ["coated"]
    empty = summarise_groups(values_of())
    assert list(empty.columns) == ["group", "cycle_count", "n", "mean", "sd", "min", "max"]
    assert empty.empty


def test_absent_columns_are_all_named() -> None:
    """Every absent column is a problem of its own."""
    with pytest.raises(InvalidInputError) as raised:
        summarise_groups(pd.DataFrame({"group": [1], "value": [1.0]}))
    assert raised.value.problems == ("cell_id is absent", "cycle_count is absent")
