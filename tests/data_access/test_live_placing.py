"""Where a live series lies on its cell's axis: by the wall clock beside what is there, else behind it."""

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.live.batches import LiveBatch, LiveRow
from data_access.queries import load_channel, load_series
from data_access.series import create_series, load_cell_records, seal, store_records
from data_access.writes import assign_channel, create_cell, create_test, store_batches

NOW = 1_795_000_000.0


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A cell."""
    return create_cell(engine, {"name": "one"}).id


def send(engine: Engine, rows: list[LiveRow], key: str = "1") -> None:
    """Rows, taken."""
    (answer,) = store_batches(engine, [LiveBatch(f"lab:{key}", "lab", key, b"", NOW, rows)])
    assert answer.stored == len(rows)


def rows_at(start: float, n: int = 5) -> list[LiveRow]:
    """Rows at one a second."""
    return [LiveRow("A01", i, start + i, 0.0, {"voltage_volt": 3.5}) for i in range(n)]


def import_file(engine: Engine, cell_id: int, *, dated: bool, sealed: bool = True) -> None:
    """A file of 100 s of the cell, perhaps with its dates."""
    series = create_series(engine, create_test(engine, cell_id).id, "cycler", "a.csv", "import 1")
    time = np.arange(100.0)
    table = pd.DataFrame({"sequence": np.arange(100), "test_time_second": time, "voltage_volt": 3.4})
    if dated:
        table["unix_time_second"] = NOW - 5000 + time
    store_records(engine, series.id, table, None)
    if sealed:
        seal(engine, series.id)


@pytest.mark.parametrize("sealed", [True, False])
def test_live_rows_go_on_behind_a_file_by_their_dates(engine: Engine, cell_id: int, *, sealed: bool) -> None:
    """The pause between them is as long as it was."""
    import_file(engine, cell_id, dated=True, sealed=sealed)
    send(engine, rows_at(NOW - 4000))
    assign_channel(engine, "A01", cell_id, version=1)
    times = load_cell_records(engine, cell_id, columns=[])["test_time_second"].to_numpy()
    assert times[100:].tolist() == [1000, 1001, 1002, 1003, 1004]


def test_live_rows_stand_behind_a_file_without_dates(engine: Engine, cell_id: int) -> None:
    """How long the pause was is not known."""
    import_file(engine, cell_id, dated=False)
    send(engine, rows_at(NOW - 4000))
    assign_channel(engine, "A01", cell_id, version=1)
    assert load_cell_records(engine, cell_id, columns=[])["test_time_second"].max() == 99 + 4


def test_rows_without_believable_dates_stand_behind_what_is_there(engine: Engine, cell_id: int) -> None:
    """A clock in 1970 says nothing of where they belong."""
    import_file(engine, cell_id, dated=True)
    send(engine, rows_at(5.0))
    assign_channel(engine, "A01", cell_id, version=1)
    assert load_cell_records(engine, cell_id, columns=[])["test_time_second"].max() == pytest.approx(99 + 4)


def test_a_channel_that_is_assigned_first_begins_the_axis_with_its_first_row(engine: Engine, cell_id: int) -> None:
    """Also when the first row comes later than the assignment."""
    send(engine, rows_at(NOW - 4000, 1))
    version = load_channel(engine, "A01").version
    assign_channel(engine, "A01", cell_id, version=version, from_sequence=1)
    assert load_series(engine, cell_id) == []
    send(engine, rows_at(NOW - 4000)[1:], "2")
    assert load_cell_records(engine, cell_id, columns=[])["test_time_second"].tolist() == [0, 1, 2, 3]
