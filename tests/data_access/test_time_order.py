"""A cell's records come in order of time, whatever the order in which its series were stored."""

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.series import (
    create_series,
    iterate_cell_records,
    load_cell_overview,
    load_cell_records,
    store_records,
)
from data_access.writes import create_cell, create_test

RECORDS = 60_000


@pytest.fixture
def cell_id(engine: Engine) -> int:
    """A cell whose second series fills a hole of the first and whose third, stored last, lies before both."""
    cell_id = create_cell(engine, {"name": "cell"}).id
    test_id = create_test(engine, cell_id).id
    sequence = np.arange(RECORDS)
    hole = (sequence >= 20_000) & (sequence < 30_000)
    for kept, offset in ((~hole & (sequence >= 5_000), 0.1), (hole, 0.1), (sequence < 5_000, 0.1)):
        table = pd.DataFrame({"sequence": sequence, "test_time_second": 1.0 * sequence, "voltage_volt": sequence / 1e4})
        series = create_series(engine, test_id, "cycler", "A01", "A01", offset)
        store_records(engine, series.id, table[kept], None)
    return cell_id


def test_records_are_in_order_of_time(engine: Engine, cell_id: int) -> None:
    """Every record once, and no step back in time; the values stay with their times."""
    records = load_cell_records(engine, cell_id)
    assert records["test_time_second"].to_numpy() == pytest.approx(np.arange(RECORDS) + 0.1)
    assert np.array_equal(records["voltage_volt"], np.arange(RECORDS) / 1e4)


def test_parts_lose_no_record_at_their_borders(engine: Engine, cell_id: int) -> None:
    """Parts of about the size that was asked for, together every record of the range once."""
    parts = list(iterate_cell_records(engine, cell_id, ["voltage_volt"], 1_000.1, 40_000.1, rows=10_000))
    assert len(parts) > 2
    together = pd.concat(parts)["test_time_second"].to_numpy()
    assert together == pytest.approx(np.arange(1_000, 40_001) + 0.1)


def test_a_filled_hole_is_no_gap(engine: Engine, cell_id: int) -> None:
    """The overview parts what lies far apart only where no series has records."""
    drawn = load_cell_overview(engine, cell_id, ["voltage_volt"], points=2000)["voltage_volt"]
    assert drawn["test_time_second"].is_monotonic_increasing
    assert not drawn["voltage_volt"].isna().any()
    test_id = create_test(engine, cell_id).id
    late = create_series(engine, test_id, "cycler", "A01", "A01", 100_000.0)
    table = pd.DataFrame({"sequence": np.arange(10), "test_time_second": np.arange(10.0), "voltage_volt": 3.0})
    store_records(engine, late.id, table, None)
    drawn = load_cell_overview(engine, cell_id, ["voltage_volt"], points=2000)["voltage_volt"]
    assert drawn["voltage_volt"].isna().sum() == 1
