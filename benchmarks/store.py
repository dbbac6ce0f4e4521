"""The store against plain means in the same run: writes against executemany, overviews against numpy in memory.

Reads are the best of several, writes the middle of several turns; every ratio is of one run, synchronous=FULL.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pysqlite3.dbapi2
from sqlalchemy import Engine

from benchmarks.bars import Bar
from data_access.database import migrate, open_engine
from data_access.series import create_series, load_overview, load_records, pyramid, sealed, store_records
from data_access.writes import create_cell, create_test

SIZES = (100_000, 1_000_000, 10_000_000)
LARGE = 80_000_000
PART = 5_000_000  # records made at once
COLUMNS = ("voltage_volt", "surface_pressure_mpa")
TEN_MINUTES = 600.0
TRANSACTION = 65_536  # records: the same on both sides
TURNS = 5
WRITE_BAR, BYTES_BAR, OVERVIEW_BAR, LENGTH_BAR = 3.0, 6.5, 6.0, 1.5


def records(start: int, size: int) -> pd.DataFrame:
    """Synthetic records at 1 Hz: their number and eight columns, rounded as instruments round."""
    index = np.arange(start, start + size, dtype=np.int64)
    noise = np.random.default_rng(start)
    phase = index % 7200 / 7200
    charging = index % 7200 < 3600  # noqa: PLR2004
    ramp = np.where(charging, 2 * phase, 2 - 2 * phase)
    return pd.DataFrame(
        {
            "sequence": index,
            "test_time_second": index.astype(np.float64),
            "voltage_volt": (3.0 + 1.2 * ramp + noise.normal(0, 2e-4, size)).round(4),
            "current_ampere": np.where(charging, 2e-3, -2e-3) + noise.normal(0, 1e-7, size).round(7),
            "instrument_cycle_count": (index // 7200 + 1).astype(np.float64),
            "step_count": np.where(charging, 1.0, 2.0),
            "cycle_charging_capacity_ah": (2e-3 * np.minimum(index % 7200, 3600) / 3600).round(8),
            "surface_temperature_celsius": (25 + noise.normal(0, 0.05, size)).round(1),
            "surface_pressure_mpa": (70 + 2 * ramp + noise.normal(0, 2e-3, size)).round(3),
        }
    )


def best(action: Callable[[], object], repeats: int = 7) -> tuple[float, float]:
    """Return the least wall and CPU time of an action, s."""
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def write_plain(path: Path, table: pd.DataFrame) -> tuple[float, float]:
    """Return the wall and CPU time of raw executemany for the same records, s.

    The same columns and key, in transactions of the same size; making Python's numbers out of the table is not timed.
    """
    connection = pysqlite3.dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"CREATE TABLE record ({', '.join(table.columns)}, PRIMARY KEY (sequence)) WITHOUT ROWID")
    rows = list(table.itertuples(index=False, name=None))
    marks = ", ".join("?" * len(table.columns))
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(rows), TRANSACTION):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO record VALUES ({marks})", rows[start : start + TRANSACTION])  # noqa: S608
        connection.execute("COMMIT")
    taken = time.perf_counter() - wall, time.process_time() - cpu
    connection.close()
    return taken


def write_series(engine: Engine, test_id: int, size: int) -> tuple[int, float]:
    """Return a series of so many records, and the seconds that storing them took."""
    series = create_series(engine, test_id, "cycler", str(size), "bench")
    seconds = 0.0
    for start in range(0, size, PART):
        table = records(start, min(PART, size - start))
        table = table[["sequence", "test_time_second", *COLUMNS]] if size >= LARGE else table  # what is drawn
        started = time.perf_counter()
        store_records(engine, series.id, table, None)
        seconds += time.perf_counter() - started
    return series.id, seconds


def chunk_bytes(engine: Engine, series_id: int) -> float:
    """Return the bytes of all chunks of a series, pyramid included."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT sum(length(data)) FROM chunk WHERE series_id = ?", (series_id,))
        return float(found.scalar_one())


def run(*, large: bool = False) -> list[Bar]:
    """Print the figures and return the bars; `large` adds 8x10^7 records."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-bench-"))
    try:
        engine = open_engine(f"sqlite:///{folder / 'store.db'}")
        migrate(engine)
        test_id = create_test(engine, create_cell(engine, {"name": "bench"}).id).id
        print(f"chunks of {sealed.CHUNK_RECORDS} records, {pyramid.CHUNK_BUCKETS} buckets; synchronous=FULL")
        bars = _write(engine, folder, test_id)
        walls = {}
        for size in (*SIZES, LARGE) if large else SIZES:
            walls[size], found = _length(engine, test_id, size)
            bars += found
        if large:
            ratio = walls[LARGE] / walls[SIZES[-1]]
            bars.append(Bar(f"overview at {LARGE:.0e}, x that at {SIZES[-1]:.0e}", ratio, LENGTH_BAR))
        engine.dispose()
    finally:
        shutil.rmtree(folder)
    return bars


def _write(engine: Engine, folder: Path, test_id: int) -> list[Bar]:
    """Compare both ways by turns and take the middle ratio: the machine may be busy."""
    table = records(0, 1_000_000)
    ratios = []
    for turn in range(TURNS):
        plain = write_plain(folder / f"plain-{turn}.db", table)
        series = create_series(engine, test_id, "cycler", f"write {turn}", "bench")
        ours = best(lambda number=series.id: store_records(engine, number, table, None), repeats=1)  # type: ignore[misc]
        ratios.append((plain[0] / ours[0], plain[1] / ours[1]))
        print(f"1e6 records: executemany {plain[0]:.2f} s ({plain[1]:.2f} s CPU),", end=" ")
        print(f"store {ours[0]:.2f} s ({ours[1]:.2f} s CPU): {ratios[-1][0]:.1f} x ({ratios[-1][1]:.1f} x CPU)")
    print(f"the row table takes {(folder / 'plain-0.db').stat().st_size / len(table):.0f} bytes a record")
    wall, cpu = (statistics.median(column) for column in zip(*ratios, strict=True))
    name = "storing 1e6 records, x faster than executemany"
    return [Bar(name, wall, WRITE_BAR, at_least=True), Bar(f"{name}, CPU time", cpu, WRITE_BAR, at_least=True)]


def _length(engine: Engine, test_id: int, size: int) -> tuple[float, list[Bar]]:
    """Measure a series of so many records: return the wall time of its overview, s, and the bars."""
    series_id, seconds = write_series(engine, test_id, size)
    stored = chunk_bytes(engine, series_id) / size
    print(f"{size:.0e} records: stored at {size / seconds / 1e6:.2f} M/s, {stored:.2f} bytes a record", end=" ")
    print("(V, P only)" if size >= LARGE else "")
    wall, ratio = _overview(engine, series_id, size)
    bars = [] if size >= LARGE else [Bar(f"bytes a record at {size:.0e}", stored, BYTES_BAR)]
    if size == SIZES[-1]:
        bars.append(Bar(f"overview of V and P at {size:.0e}, x numpy min/max of one array", ratio, OVERVIEW_BAR))
    return wall, bars


def _overview(engine: Engine, series_id: int, size: int) -> tuple[float, float]:
    """Return the wall time of the overview, s, and its ratio to numpy's min and max of one array in memory."""
    values = np.resize(records(0, min(size, PART))[COLUMNS[0]].to_numpy(), size)
    plain, _ = best(lambda: (values.min(), values.max()))
    wall, cpu = best(lambda: load_overview(engine, series_id, COLUMNS))
    print(f"  overview of V and P: {wall * 1e3:.1f} ms wall, {cpu * 1e3:.1f} ms CPU;", end=" ")
    print(f"min/max over one array in memory {plain * 1e3:.2f} ms: {wall / plain:.1f} x")
    middle = size / 2
    for name, span in (("zoom to 10 %", size / 10), ("zoom to 0.1 %", size / 1000), ("zoom to 10 min", TEN_MINUTES)):
        zoom, _ = best(lambda low=middle, high=middle + span: load_overview(engine, series_id, COLUMNS, low, high))  # type: ignore[misc]
        print(f"  {name}: {zoom * 1e3:.1f} ms")
    tail, _ = best(lambda: load_records(engine, series_id, COLUMNS, t_from=size - TEN_MINUTES))
    print(f"  last 10 min, every record: {tail * 1e3:.1f} ms")
    return wall, wall / plain
