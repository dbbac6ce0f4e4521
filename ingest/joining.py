"""What a new file takes over of an import that it supersedes: values that it lacks, records that it does not have."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from data_access.series import create_series, store_records
from ingest.merge_plan import OF_THE_FILE, Joined
from ingest.overlap import Floats
from pressiometry.columns import RECORD_COLUMNS


def fill_in(part: pd.DataFrame, start: int, joined: Sequence[Joined]) -> pd.DataFrame:
    """The records of a new file from row `start` on, with what the stored ones of the same time have."""
    columns: dict[str, Floats] = {}
    for one in joined:
        inside = (one.new_rows >= start) & (one.new_rows < start + len(part))
        if not inside.any():
            continue
        rows, there = one.new_rows[inside] - start, one.stored.records()
        for name in (str(name) for name in RECORD_COLUMNS if name in there.columns and name not in OF_THE_FILE):
            own = columns.setdefault(name, _floats(part, name))
            new, old = own[rows], _floats(there, name)[one.old_rows[inside]]
            first, second = (new, old) if one.new_holds else (old, new)
            own[rows] = np.where(np.isnan(first), second, first)
    return part.assign(**columns) if columns else part


def store_left_over(engine: Engine, test_id: int, import_id: int, joined: Sequence[Joined]) -> None:
    """Keep with the import what only the superseded ones have, in series that lie where theirs did."""
    for one in joined:
        there = one.stored.records()
        left = np.ones(len(there), dtype=np.bool_)
        left[one.old_rows] = False
        if not left.any():
            continue
        series = create_series(
            engine,
            test_id,
            source=one.stored.kind,
            channel=one.stored.name,
            clock=f"import {import_id}",
            offset_second=one.stored.offset_second,
            import_id=import_id,
            local_zero_second=one.stored.local_zero_second,
        )
        store_records(engine, series.id, there[left], import_id)


def _floats(table: pd.DataFrame, name: str) -> Floats:
    if name not in table.columns:
        return np.full(len(table), np.nan)
    return table[name].to_numpy(dtype=np.float64, copy=True)
