"""The last thinning of a drawn column: what several series drew of it, in no more rows than were asked for."""

import numpy as np
import pandas as pd

_SHARE_OF_GAPS = 4
"""Gaps may take one row in so many; more of them than that are left out."""


def keep_extremes(table: pd.DataFrame, name: str, rows: int) -> pd.DataFrame:
    """Return at most `rows` rows (2 at least), the least and greatest value of each stretch among them.

    >>> keep_extremes(pd.DataFrame({"test_time_second": range(5), "p": [1, 9, 0, 1, 1]}), "p", 2)["p"].tolist()
    [9, 0]
    """
    if len(table) <= rows:
        return table
    values = table[name].to_numpy(np.float64)
    gaps, there = np.flatnonzero(np.isnan(values)), np.flatnonzero(~np.isnan(values))
    if len(gaps) > rows // _SHARE_OF_GAPS:
        gaps = gaps[:0]
    if len(there) <= rows - len(gaps):
        return table.iloc[np.sort(np.concatenate([there, gaps]))]
    stretches = np.array_split(there, (rows - len(gaps)) // 2)
    kept = [stretch[place(values[stretch])] for stretch in stretches for place in (np.argmin, np.argmax)]
    return table.iloc[np.unique(np.concatenate([kept, gaps]))]
