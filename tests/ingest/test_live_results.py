"""What comes live becomes the results that the same records in a file give; what cannot be is in none of them."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_cycles, load_import
from data_access.series import create_series, load_cell_records, store_records
from data_access.writes import create_cell, create_test, store_batches
from ingest.channels import assign
from ingest.close_cycles import close_cycles
from ingest.upload import receive_upload
from ingest.worker import work_once

NOW = 1_795_000_000.0
MEASURED = ("voltage_volt", "current_ampere", "surface_pressure_mpa")


def records() -> pd.DataFrame:
    """Three cycles of one hour up and one hour down, a record every 20 s."""
    time = np.arange(0, 3 * 7200 + 1, 20.0)
    charging = (time // 3600) % 2 == 0
    within = np.where(charging, time % 3600, 3600 - time % 3600) / 3600
    return pd.DataFrame(
        {
            "sequence": np.arange(len(time)),
            "test_time_second": time,
            "voltage_volt": 3.0 + within + np.where(charging, 0.05, -0.05),
            "current_ampere": np.where(charging, 0.001, -0.001),
            "surface_pressure_mpa": 70.0 + 0.15 * within,
        }
    )


def cycles_of_live_rows(engine: Engine, name: str, odd: float) -> pd.DataFrame:
    """The cycles of the records as live rows, one of their voltages being `odd`."""
    table = records()
    table.loc[100, "voltage_volt"] = odd
    cell_id = send(engine, name, table)
    close_cycles(engine, cell_id)
    return load_cycles(engine, cell_id)


def send(engine: Engine, name: str, table: pd.DataFrame, *, by_test_time: bool = True) -> int:
    """A new cell that has the records as live rows of a channel, perhaps without the instrument's test time."""
    rows = [
        LiveRow(
            name,
            int(one["sequence"]),
            NOW - 30_000 + one["test_time_second"],
            0.0,
            {column: one[column] for column in MEASURED if not np.isnan(one[column])},
            test_time_second=one["test_time_second"] if by_test_time else None,
        )
        for one in table.to_dict("records")
    ]
    cell = create_cell(engine, {"name": name, "active_mass_mg": 16.7})
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        store_batches(engine, [LiveBatch(f"lab:{name}-{start}", "lab", f"{start}", b"", NOW, part)])
    assign(engine, name, cell.id, version=1)
    return cell.id


def test_live_rows_give_the_results_of_the_same_file(engine: Engine) -> None:
    """To the last bit."""
    cell = create_cell(engine, {"name": "file", "active_mass_mg": 16.7})
    series = create_series(engine, create_test(engine, cell.id).id, "cycler", "a.csv", "import 1")
    store_records(engine, series.id, records(), None)
    close_cycles(engine, cell.id)
    live = cycles_of_live_rows(engine, "live", float(records()["voltage_volt"][100]))
    assert len(live) == 3
    pd.testing.assert_frame_equal(live, load_cycles(engine, cell.id))


def test_a_voltage_of_100_v_is_in_no_result(engine: Engine) -> None:
    """The cycles are those of records in which it was not measured."""
    odd, missing = (cycles_of_live_rows(engine, name, value) for name, value in (("odd", 100.0), ("nan", np.nan)))
    assert odd["charging_voltage_volt"].between(3.0, 4.0).all()
    pd.testing.assert_frame_equal(odd, missing)


@pytest.mark.parametrize("by_test_time", [True, False])
def test_the_export_of_a_test_that_came_live_adds_only_what_is_missing(
    engine: Engine, data_dir: Path, *, by_test_time: bool
) -> None:
    """Records that came live are not stored twice; the last ones, which did not, are; nothing is asked."""
    table = records()
    cell_id = send(engine, "live", table.iloc[:-50], by_test_time=by_test_time)
    export = io.BytesIO(table.drop(columns="sequence").to_csv(index=False).encode())
    job, _ = receive_upload(engine, export, name="a.csv", data_dir=data_dir, cell_id=cell_id, confirm="auto")
    while work_once(engine, data_dir):
        pass
    stored = load_import(engine, job.id)
    assert (stored.status, stored.rows_duplicate) == ("stored", len(table) - 50)
    read = load_cell_records(engine, cell_id, columns=MEASURED)
    pd.testing.assert_frame_equal(read[[*MEASURED]], table[[*MEASURED]])
