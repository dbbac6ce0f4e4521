"""Overviews: no dip is lost, gaps stay gaps, rests are no gaps, a logger's signal stays its own."""

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.series import (
    append_rows,
    create_series,
    derive_column,
    iterate_cell_records,
    load_cell_mechanical,
    load_cell_overview,
    load_cell_records,
    load_overview,
    load_records,
    seal,
    store_records,
)
from data_access.series.gaps import find_gaps
from data_access.writes import create_cell, create_test

RECORDS = 300_000


@pytest.fixture
def test_id(engine: Engine) -> int:
    """A test of a cell, number 1."""
    return create_test(engine, create_cell(engine, {"name": "cell"}).id).id


def wave(size: int = RECORDS, interval: float = 1.0) -> pd.DataFrame:
    """A synthetic wave of voltage and pressure."""
    index = np.arange(size)
    return pd.DataFrame(
        {
            "sequence": index,
            "test_time_second": index * interval,
            "voltage_volt": (3.5 + np.sin(index / 1000)).round(4),
            "current_ampere": 1e-3,
            "surface_pressure_mpa": (70 + np.cos(index / 3000)).round(3),
        }
    )


@pytest.mark.parametrize("at", [0, 16_383, 16_384, 150_001, RECORDS - 1])
def test_a_single_dip_survives_the_full_range(engine: Engine, test_id: int, at: int) -> None:
    """One sample among 300,000 is what a short circuit looks like: it is drawn, near its time."""
    table = wave()
    table.loc[at, "voltage_volt"] = 0.5
    series = create_series(engine, test_id, "cycler", "A01", "A01")
    store_records(engine, series.id, table, None)
    drawn = load_overview(engine, series.id, ["voltage_volt", "surface_pressure_mpa"], points=2000)
    assert len(drawn) <= 2000
    lowest = int(drawn["voltage_volt"].to_numpy().argmin())
    assert drawn["voltage_volt"].iloc[lowest] == 0.5
    assert abs(drawn["test_time_second"].iloc[lowest] - at) <= 4096


def test_a_gap_is_drawn_as_a_gap_at_every_zoom(engine: Engine, test_id: int) -> None:
    """Where nothing was recorded for long a row of NaN stands, from the full range down to single records."""
    table = wave()
    table.loc[200_000:, "test_time_second"] += 5000
    series = create_series(engine, test_id, "cycler", "A01", "A01")
    store_records(engine, series.id, table, None)
    for low, high in ((None, None), (150_000, 250_000), (199_900, 205_100)):
        drawn = load_overview(engine, series.id, ["voltage_volt"], low, high)
        gaps = drawn[drawn["voltage_volt"].isna()]
        assert gaps["test_time_second"].between(199_999, 205_000).tolist() == [True]
    filling = pd.DataFrame({"sequence": [10**6], "test_time_second": [202_000.0], "voltage_volt": [3.5]})
    append_rows(engine, series.id, filling)
    drawn = load_overview(engine, series.id, ["voltage_volt"])
    assert 202_000 in set(drawn["test_time_second"])


def test_a_sparse_rest_is_no_gap() -> None:
    """Intervals that are long because nothing happens have long neighbours, or carry no current."""
    sparse = np.concatenate([np.arange(100.0), 100 + 300 * np.arange(10), 2900 + np.arange(100)])
    assert find_gaps(sparse).tolist() == []
    lone = np.concatenate([np.arange(100.0), 700 + np.arange(100)])
    assert find_gaps(lone).tolist() == [100]
    current = np.where(np.arange(200) == 100, 0.0, 1e-3)
    assert find_gaps(lone, current).tolist() == []
    assert find_gaps(np.concatenate([lone[:100], lone[100:] + 3600]), current).tolist() == [100]
    assert find_gaps(np.zeros(5)).tolist() == []


def test_steady_logging_has_gaps_of_its_own_measure() -> None:
    """45 s without a record is a gap where one came every second, also in a rest; not where records come unevenly."""
    steady = np.concatenate([np.arange(100.0), 144 + np.arange(100)])
    assert find_gaps(steady).tolist() == [100]
    assert find_gaps(steady, np.full(200, 1e-3)).tolist() == [100]
    assert find_gaps(steady, np.r_[np.full(20, 1e-3), np.zeros(180)]).tolist() == [100], "a rest logged every second"
    assert find_gaps(steady, np.where(np.arange(200) == 100, 0.0, 1e-3)).tolist() == [], "a step at rest"
    assert find_gaps(np.concatenate([np.arange(100.0), 102 + np.arange(100)])).tolist() == [], "three intervals"
    assert find_gaps(np.concatenate([np.arange(100.0), 144 + 20 * np.arange(100)])).tolist() == [], "logged less often"
    assert find_gaps(np.concatenate([np.arange(100.0) / 5, 21 + np.arange(100) / 5])).tolist() == [], "below 2 s"
    uneven = np.cumsum(np.tile([1.0, 5, 12, 1, 30, 2, 1, 45], 20))
    assert find_gaps(uneven).tolist() == []


@pytest.mark.parametrize("sealed", [0, 100, 250])
def test_the_silence_of_a_logger_is_no_line(engine: Engine, test_id: int, sealed: int) -> None:
    """A pressure channel silent for 45 s at 1 Hz is drawn with a gap, whether its rows are packed yet or not."""
    logger = create_series(engine, test_id, "mechanical", "L1", "L1")
    table = pd.DataFrame({"sequence": range(250), "test_time_second": np.r_[0.0:100, 144:294]})
    table["surface_pressure_mpa"] = 70.0
    if sealed:
        append_rows(engine, logger.id, table.iloc[:sealed])
        seal(engine, logger.id)
    append_rows(engine, logger.id, table.iloc[sealed:])
    drawn = load_cell_overview(engine, 1, ["surface_pressure_mpa"])["surface_pressure_mpa"]
    assert drawn.loc[drawn["surface_pressure_mpa"].isna(), "test_time_second"].tolist() == [121.5]


def test_a_loggers_signal_is_joined_within_its_own_intervals(engine: Engine, test_id: int) -> None:
    """Pressure of a second instrument is interpolated to the cycler's records, not over its pauses, not beyond it."""
    cycler = create_series(engine, test_id, "cycler", "A01", "A01")
    store_records(engine, cycler.id, wave(100).drop(columns="surface_pressure_mpa"), None)
    logger = create_series(engine, test_id, "mechanical", "L1", "L1", offset_second=10.5)
    samples = pd.DataFrame({"sequence": range(40), "test_time_second": np.r_[0.0:20, 40:60]})
    store_records(engine, logger.id, samples.assign(surface_pressure_mpa=70 + samples["test_time_second"]), None)
    joined = load_cell_records(engine, 1).set_index("test_time_second")["surface_pressure_mpa"]
    assert joined[11.0] == pytest.approx(70.5)
    assert joined[[5.0, 40.0, 80.0]].isna().all()
    mechanical = load_cell_mechanical(engine, 1)
    assert mechanical is not None
    assert mechanical["test_time_second"].iloc[0] == 10.5
    drawn = load_cell_overview(engine, 1, ["voltage_volt", "surface_pressure_mpa"])
    assert drawn["surface_pressure_mpa"]["test_time_second"].iloc[0] == 10.5
    assert len(drawn["voltage_volt"]) == 100
    assert load_cell_mechanical(engine, 99) is None
    assert load_cell_records(engine, 99, ["voltage_volt"]).empty


def test_records_come_in_parts_of_bounded_size(engine: Engine, test_id: int) -> None:
    """The parts together are the whole, and each is about as long as asked for."""
    series = create_series(engine, test_id, "cycler", "A01", "A01")
    store_records(engine, series.id, wave(), None)
    parts = list(iterate_cell_records(engine, 1, ["voltage_volt"], 1000, 250_000, rows=50_000))
    assert max(map(len, parts)) <= 50_000 + 16_384
    whole = load_cell_records(engine, 1, ["voltage_volt"], 1000, 250_000)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)
    assert len(whole) == 249_001


def test_a_derived_column_is_replaced_everywhere(engine: Engine, test_id: int) -> None:
    """A new force area changes every pressure: of sealed and hot records, and in the overview."""
    series = create_series(engine, test_id, "cycler", "A01", "A01")
    table = wave(100_000)
    store_records(engine, series.id, table.iloc[:-10], None)
    append_rows(engine, series.id, table.iloc[-10:])
    assert derive_column(engine, series.id, "surface_pressure_mpa", "voltage_volt", lambda volts: 20 * volts)
    for _ in range(2):
        read = load_records(engine, series.id)
        assert (read["surface_pressure_mpa"] == 20 * table["voltage_volt"]).all()
        assert (read["voltage_volt"] == table["voltage_volt"]).all()
        drawn = load_overview(engine, series.id, ["surface_pressure_mpa"], points=100)
        assert drawn["surface_pressure_mpa"].min() == 20 * table["voltage_volt"].min()
        seal(engine, series.id)
    assert not derive_column(engine, series.id, "surface_pressure_mpa", "voltage_volt", lambda volts: 20 * volts)
