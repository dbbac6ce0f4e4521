"""A log beside a cycler's records of the store: the clock that is proposed, and what is left alone."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from data_access.series import create_series, load_records, store_records
from data_access.writes import create_cell, create_import, create_test, store_source_file
from demo.two_clocks import Cycling, Logging, Mechanics, TwoClocks, simulate_two_clocks
from ingest.clock_proposal import propose_clock, trace_mechanical, trace_records
from pressiometry.clocks import Expected, start_within
from pressiometry.errors import MissingDataError

names: Iterator[int] = count()
AXIS_SECOND = 5000.0
"""Where the cycler's series begins on the cell's axis."""


@pytest.fixture(scope="module")
def pair() -> TwoClocks:
    """Eight cycles, logger 137 s and 80 ppm off."""
    cycling = Cycling(cycles=8, fade_per_cycle=0.001, scatter=0.004, flat_around_second=1800.0, interval_second=120.0)
    return simulate_two_clocks(cycling, Logging(137.0, 80.0, interval_second=20.0), Mechanics(), 3)


def stored(engine: Engine, pair: TwoClocks, cell_type: str = "full") -> tuple[int, int]:
    """A cell with both series in the store, and the log's series."""
    number = next(names)
    cell = create_cell(engine, {"name": f"two clocks {number}", "cell_type": cell_type})
    test = create_test(engine, cell.id)
    source = store_source_file(engine, f"{number:064d}", "both.csv", 1, "both.csv")
    job = create_import(engine, source_file_id=source.id, name="both.csv", cell_id=cell.id, status="stored")
    cycler = create_series(engine, test.id, "cycler", "A01", "import", AXIS_SECOND, import_id=job.id)
    logger = create_series(engine, test.id, "logger", "P01", "import", 0.0, import_id=job.id)
    store_records(engine, cycler.id, table(pair.cycler_second, current_ampere=pair.cycler_ampere), job.id)
    store_records(engine, logger.id, table(pair.log_second, surface_pressure_mpa=pair.log_mpa), job.id)
    return cell.id, logger.id


def table(second: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    """Records for the store."""
    return pd.DataFrame({"sequence": np.arange(second.size), "test_time_second": second, **columns})


def test_the_clock_leads_from_the_raw_times_to_the_cells_axis(engine: Engine, pair: TwoClocks) -> None:
    """The offset holds where the cycler's series lies; nothing stored changes."""
    cell_id, series_id = stored(engine, pair)
    before = load_records(engine, series_id)
    ((part, found),) = propose_clock(engine, cell_id, series_id)
    assert found.verdict == "accepted", found.reason
    expected = pair.true_cycler_time(part.second) + AXIS_SECOND
    assert np.abs(found.cycler_time(part.second) - expected).max() <= found.bound_second
    pd.testing.assert_frame_equal(load_records(engine, series_id), before)


def test_the_sign_of_a_symmetric_cell_is_not_assumed(engine: Engine, pair: TwoClocks) -> None:
    """Its pressure may fall on plating: with a start time the clock is found all the same."""
    cell_id, series_id = stored(engine, pair, "symmetric")
    start = start_within(AXIS_SECOND + 137.0, 1500.0)
    ((_, found),) = propose_clock(engine, cell_id, series_id, Expected(start=start))
    assert found.verdict == "accepted", found.reason


def test_without_a_cyclers_record_or_a_signal_there_is_nothing_to_align() -> None:
    """Each is said in a sentence."""
    with pytest.raises(MissingDataError, match="no cycler's record"):
        trace_records(pd.DataFrame({"test_time_second": np.arange(9.0)}))
    with pytest.raises(MissingDataError, match="no pressure, thickness or strain"):
        trace_mechanical(table(np.arange(9.0)))
    with pytest.raises(MissingDataError, match="no pressure, thickness or strain"):
        trace_mechanical(table(np.arange(3.0), surface_pressure_mpa=np.ones(3)))


def test_counters_come_before_the_integrated_current() -> None:
    """They are used where most records have them, and left where they are mostly absent."""
    second = np.arange(0.0, 3600.0, 60.0)
    counted = np.linspace(0, 2.0, second.size)
    records = table(
        second,
        current_ampere=np.ones(second.size),
        cycle_charging_capacity_ah=counted,
        cycle_discharging_capacity_ah=np.zeros(second.size),
    )
    assert trace_records(records).charge_ah[-1] == pytest.approx(2.0)
    records.loc[10:, "cycle_charging_capacity_ah"] = np.nan
    assert trace_records(records).charge_ah[-1] == pytest.approx(59 / 60)
