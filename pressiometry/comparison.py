"""Groups of cells compared cycle by cycle: the cell is the unit of replication (SCIENCE sections 1.9 and 7)."""

import numpy as np
import pandas as pd

from pressiometry.errors import InvalidInputError

NEEDED = ("group", "cell_id", "cycle_count", "value")


def summarise_groups(values: pd.DataFrame) -> pd.DataFrame:
    """One row a group and cycle: n (cells), mean, sd, min and max in the unit of `value`; sd is NaN for n = 1.

    `values` has group, cell_id, cycle_count and value, one row a cell and cycle; rows without a value, a cycle
    or a group do not count.  Several rows of one cell in one cycle count once, with their mean.

    Raises:
        InvalidInputError: where a column is absent.

    >>> table = pd.DataFrame({"group": 0.0, "cell_id": [1, 2], "cycle_count": 1, "value": [15.0, 17.0]})
    >>> summarise_groups(table).round(3).to_dict("records")
    [{'group': 0.0, 'cycle_count': 1, 'n': 2, 'mean': 16.0, 'sd': 1.414, 'min': 15.0, 'max': 17.0}]

    """
    absent = [name for name in NEEDED if name not in values.columns]
    if absent:
        problems = tuple(f"{name} is absent" for name in absent)
        raise InvalidInputError("The values cannot be grouped", problems=problems)
    known = values.assign(value=values["value"].astype(np.float64)).dropna(subset=list(NEEDED))
    keys = ["group", "cycle_count"]
    per_cell = known.groupby([*keys, "cell_id"], sort=True, observed=True)["value"].mean()
    grouped = per_cell.groupby(keys, sort=True, observed=True)
    table = grouped.agg(n="count", mean="mean", sd="std", min="min", max="max")
    return table.reset_index()
