"""The store against plain means in the same run: writes against executemany, overviews against numpy in memory.

The bars are those of docs/decisions; every figure is the best of several, every ratio is of one run.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pysqlite3.dbapi2
from sqlalchemy import Engine

from data_access.database import migrate, open_engine
from data_access.series import create_series, load_overview, load_records, pyramid, sealed, store_records
from data_access.writes import create_cell, create_test

SIZES = (100_000, 1_000_000, 10_000_000)
LARGE = 80_000_000
PART = 5_000_000  # records made at once
COLUMNS = ("voltage_volt", "surface_pressure_mpa")
TEN_MINUTES = 600.0


def records(start: int, size: int) -> pd.DataFrame:
    """Synthetic records of eight columns at 1 Hz, rounded as instruments round."""
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


def write_plain(path: Path, table: pd.DataFrame) -> float:
    """Return the seconds that raw executemany takes for the same records, synchronous=FULL."""
    connection = pysqlite3.dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"CREATE TABLE record ({', '.join(table.columns)}, PRIMARY KEY (sequence)) WITHOUT ROWID")
    rows = list(table.itertuples(index=False, name=None))
    marks = ", ".join("?" * len(table.columns))
    started = time.perf_counter()
    for start in range(0, len(rows), 65_536):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO record VALUES ({marks})", rows[start : start + 65_536])  # noqa: S608
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


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


def run(*, large: bool = False) -> None:
    """Print the figures."""
    folder = Path(tempfile.mkdtemp(prefix="barograph-bench-"))
    try:
        engine = open_engine(f"sqlite:///{folder / 'store.db'}")
        migrate(engine)
        test_id = create_test(engine, create_cell(engine, {"name": "bench"}).id).id
        print(f"chunks of {sealed.CHUNK_RECORDS} records, {pyramid.CHUNK_BUCKETS} buckets; synchronous=FULL")
        _write(engine, folder, test_id)
        walls = {}
        for size in (*SIZES, LARGE) if large else SIZES:
            series_id, seconds = write_series(engine, test_id, size)
            print(f"{size:.0e} records: stored at {size / seconds / 1e6:.2f} M/s,", end=" ")
            print(
                f"{chunk_bytes(engine, series_id) / size:.2f} bytes a record",
                "(V, P only)" if size >= LARGE else "[bar 6.5]",
            )
            walls[size] = _overview(engine, series_id, size)
        if large:
            print(f"overview of {LARGE:.0e} against {SIZES[-1]:.0e}: {walls[LARGE] / walls[SIZES[-1]]:.2f} x [bar 1.5]")
        engine.dispose()
    finally:
        shutil.rmtree(folder)


def _write(engine: Engine, folder: Path, test_id: int) -> None:
    """Compare both ways by turns, three times: the machine may be busy."""
    table = records(0, 1_000_000)
    plain, ours = [], []
    for turn in range(3):
        plain.append(write_plain(folder / f"plain-{turn}.db", table))
        series = create_series(engine, test_id, "cycler", f"write {turn}", "bench")
        wall, cpu = best(lambda number=series.id: store_records(engine, number, table, None), repeats=1)  # type: ignore[misc]
        ours.append((wall, cpu))
    wall, (ours_wall, ours_cpu) = min(plain), min(ours)
    print(f"1e6 records: executemany {wall:.2f} s, store {ours_wall:.2f} s ({ours_cpu:.2f} s CPU):", end=" ")
    print(f"{wall / ours_wall:.1f} x faster [bar 3]")
    size = (folder / "plain-0.db").stat().st_size / len(table)
    print(f"the row table takes {size:.0f} bytes a record")


def _overview(engine: Engine, series_id: int, size: int) -> float:
    arrays = [records(0, min(size, PART))[name].to_numpy() for name in COLUMNS]
    arrays = [np.resize(one, size) for one in arrays]
    plain, _ = best(lambda: (arrays[0].min(), arrays[0].max()))
    wall, cpu = best(lambda: load_overview(engine, series_id, COLUMNS))
    print(f"  overview of V and P: {wall * 1e3:.1f} ms wall, {cpu * 1e3:.1f} ms CPU;", end=" ")
    print(f"min/max over one array in memory {plain * 1e3:.2f} ms: {wall / plain:.1f} x [bar 6 at 1e7]")
    middle = size / 2
    for name, span in (("zoom to 10 %", size / 10), ("zoom to 0.1 %", size / 1000), ("zoom to 10 min", TEN_MINUTES)):
        zoom, _ = best(lambda low=middle, high=middle + span: load_overview(engine, series_id, COLUMNS, low, high))  # type: ignore[misc]
        print(f"  {name}: {zoom * 1e3:.1f} ms")
    tail, _ = best(lambda: load_records(engine, series_id, COLUMNS, t_from=size - TEN_MINUTES))
    print(f"  last 10 min, every record: {tail * 1e3:.1f} ms")
    return wall
