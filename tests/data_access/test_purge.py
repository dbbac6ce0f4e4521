"""Deletions become final after thirty days, by the worker that sweeps, not by somebody who remembers to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, func, select, update

from data_access.database import reading, writing
from data_access.models import Chunk, Import
from data_access.queries import load_import
from data_access.series import load_records, store_records
from data_access.writes import create_import, delete_import, finish_import, restore_import, store_source_file
from ingest.worker import sweep


def deleted_import(engine: Engine, series_id: int, start: int, days_ago: float) -> int:
    """An import of ten records that was stored, and deleted so many days ago."""
    source = store_source_file(engine, f"{start}", "a.csv", 3, "a")
    job = create_import(engine, source_file_id=source.id, name="a.csv", status="reading")
    table = pd.DataFrame({"sequence": range(start, start + 10), "test_time_second": 1.0, "voltage_volt": 3.7})
    store_records(engine, series_id, table, job.id)
    finish_import(engine, job.id, rows_stored=10)
    delete_import(engine, job.id)
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    with writing(engine) as session:
        session.execute(update(Import).where(Import.id == job.id).values(deleted_at=moment))
    return job.id


def test_the_sweep_of_the_worker_makes_old_deletions_final(engine: Engine, series_id: int, data_dir: Path) -> None:
    """After 30 days the records are gone for good; a younger deletion can still be undone, whole."""
    old, young = (deleted_import(engine, series_id, start, days) for start, days in ((0, 30.1), (10, 29.9)))
    for _ in range(2):
        sweep(engine, data_dir)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).where(Chunk.import_id == old)) == 0
    assert load_import(engine, old).status == "purged"
    restore_import(engine, young)
    assert load_records(engine, series_id)["sequence"].tolist() == list(range(10, 20))
