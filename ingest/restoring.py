"""Whether an import that was undone may come back: by the same comparison as a new file, so that nothing doubles."""

from collections.abc import Collection, Sequence

import pandas as pd
from sqlalchemy import Engine

from data_access.models import Import, Series
from data_access.series import load_records
from data_access.series.of_import import load_import_records, load_import_series, load_rivals
from ingest.merge_plan import FORCE, KEY_COLUMNS, PRESSURE
from ingest.overlap import find_overlap, is_measured
from ingest.placement import Kind
from pressiometry.errors import StaleEditError


def check_not_there_already(engine: Engine, job: Import, merged_anew: Collection[int] = ()) -> frozenset[int]:
    """Numbers of the series that the records were compared with: those that reads see of the cell.

    Those of the imports `merged_anew` may have its records: they are merged with it again.
    Raises StaleEditError where records of the import have come in by another one since it was undone.
    """
    rivals = load_rivals(engine, job)
    for own in load_import_series(engine, job.id):
        kind = _kind(own)
        same_kind = [rival for rival in rivals if _kind(rival) == kind and rival.import_id not in merged_anew]
        table = load_import_records(engine, own.id, job.id, KEY_COLUMNS[kind]) if same_kind else pd.DataFrame()
        for rival in same_kind:
            count = _count_common(table, load_records(engine, rival.id, columns=KEY_COLUMNS[kind]), KEY_COLUMNS[kind])
            if count:
                raise StaleEditError(
                    f"{count} of its records are there already, through {_source(rival)}",
                    where=job.name,
                    remedy="They are not stored twice: delete that one first, or leave this one deleted.",
                )
    return frozenset(rival.id for rival in rivals)


def _kind(series: Series) -> Kind:
    return "cycler" if series.source == "cycler" else "mechanical"


def _source(series: Series) -> str:
    return f"import {series.import_id} ({series.channel})" if series.import_id is not None else "live records"


def _count_common(own: pd.DataFrame, there: pd.DataFrame, columns: Sequence[str]) -> int:
    """How many records are the same ones; a pressure that is made from a force tells no more than the force."""
    by_force = is_measured(own, FORCE) and is_measured(there, FORCE)
    compared = [name for name in columns[1:] if name != PRESSURE or not by_force]
    overlap = find_overlap(own, there, compared)
    return len(overlap.new_rows) if overlap is not None and overlap.likeness == "same" else 0
