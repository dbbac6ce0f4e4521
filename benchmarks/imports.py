"""How long a clean CSV takes from file to stored, against pandas' and polars' bare parse and raw executemany.

python -m benchmarks imports [--large]
"""

import csv
import itertools
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import polars as pl
from sqlalchemy import Engine

from benchmarks.bars import Bar
from data_access.database import migrate, open_engine
from data_access.queries import load_import
from data_access.writes import create_cell
from ingest import child, worker
from ingest.close_cycles import ClosedCycles, close_cycles
from ingest.upload import receive_upload

COLUMNS = "Test_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V),Pressure (MPa),Temperature (C)"
CYCLE_RECORDS = 2000
WARM_UP_SECOND = 2.0
FILE_BAR = 4.0
"""File to stored takes at most this many times pandas' bare parse of the same file."""


def write_csv(path: Path, rows: int) -> None:
    """Write a synthetic test in blocks, so that 10^7 rows need no memory."""
    with path.open("w", encoding="ascii") as target:
        target.write(COLUMNS + "\n")
        for start in range(0, rows, 200_000):
            number = np.arange(start, min(start + 200_000, rows))
            phase = number % CYCLE_RECORDS / CYCLE_RECORDS
            charging = phase < 0.5  # noqa: PLR2004 - half of a cycle
            state = np.where(charging, phase, 1 - phase) * 2
            block = pd.DataFrame(
                {
                    "t": number * 10.0,
                    "step": np.where(charging, 1, 2),
                    "cycle": number // CYCLE_RECORDS + 1,
                    "current": np.where(charging, 0.0016724, -0.0016724),
                    "voltage": np.round(
                        3.5 + 0.7 * state + np.where(charging, 0.05, -0.05) + 0.002 * np.sin(number / 7.0), 4
                    ),
                    "pressure": np.round(68 + 2 * state, 4),
                    "temperature": np.round(60 + 0.1 * np.sin(number / 300.0), 1),
                }
            )
            block.to_csv(target, header=False, index=False)


def timed(name: str, work: Callable[[], object]) -> float:
    """Seconds that the work took, printed with those of the processor."""
    start, busy = time.perf_counter(), processor_second()
    work()
    seconds = time.perf_counter() - start
    print(f"  {name:<34}{seconds:8.2f} s {processor_second() - busy:8.2f} s of processor")
    return seconds


def processor_second() -> float:
    """Seconds that this process and its ended children have kept a processor busy: what other load does not change."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def raw_executemany(path: Path, folder: Path) -> None:
    """The rows of the file in one table of sqlite3, in one transaction."""
    database = sqlite3.connect(folder / "raw.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE row (t REAL, step INT, cycle INT, i REAL, v REAL, p REAL, temperature REAL)")
    with path.open(encoding="ascii") as source, database:
        rows = itertools.islice(csv.reader(source), 1, None)
        database.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.close()


def store(path: Path, folder: Path) -> tuple[float, float]:
    """Seconds from file to stored, cycles not yet closed, and seconds of their closing, by a worker that is up.

    Received, hashed, read in a child, checked, shown, stored.  The worker has imported a small file before: its child
    for the next one waits, as it does in `make run`.
    """
    engine = open_engine(f"sqlite:///{folder / 'barograph.db'}")
    migrate(engine)
    standby = child.Standby()
    small = folder / "small.csv"
    write_csv(small, 10 * CYCLE_RECORDS)
    for source in (small, path):
        cell = create_cell(engine, {"name": source.name, "active_mass_mg": 16.72})
        time.sleep(WARM_UP_SECOND)
        times = _import(engine, standby, source, folder, cell.id)
    standby.close()
    engine.dispose()
    return times


def _import(engine: Engine, standby: child.Standby, path: Path, folder: Path, cell_id: int) -> tuple[float, float]:
    """Seconds to stored, and of the closing of the cycles."""
    closing = 0.0

    def close_and_time(engine: Engine, cell_id: int) -> ClosedCycles:
        nonlocal closing
        start = time.perf_counter()
        closed = close_cycles(engine, cell_id)
        closing = time.perf_counter() - start
        return closed

    start, length = time.perf_counter(), path.stat().st_size
    with path.open("rb") as stream:
        job, _ = receive_upload(
            engine, stream, name=path.name, data_dir=folder, cell_id=cell_id, confirm="auto", length=length
        )
    with mock.patch.object(worker, "close_cycles", close_and_time):
        worker.work_once(engine, folder, standby=standby)
    whole = time.perf_counter() - start
    done = load_import(engine, job.id)
    if done.status != "stored":
        raise SystemExit(f"The import is {done.status}: {done.questions} {done.problems}")
    return whole - closing, closing


def measure(rows: int) -> Bar:
    """Print times and ratios for a file of so many rows; return the bar."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "benchmark.csv"
        write_csv(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB")
        pandas = timed("pandas.read_csv, bare", lambda: pd.read_csv(path))
        polars = timed("polars.read_csv, bare", lambda: pl.read_csv(path))
        raw = timed("sqlite3 executemany", lambda: raw_executemany(path, folder))
        ours, closing = store(path, folder)
        print(f"  {'file to stored':<34}{ours:8.2f} s")
        print(f"  {'closing the cycles':<34}{closing:8.2f} s")
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        print(f"  ratio to pandas {ours / pandas:.2f} (bar {FILE_BAR:g})")
        print(f"  ratio to polars {ours / polars:.2f}, to executemany {ours / raw:.2f}")
        print(f"  largest child {largest:.2f} GiB")
        return Bar(f"file of {rows:.0e} rows to stored, x pandas' bare parse", ours / pandas, FILE_BAR)


def run(*, large: bool = False) -> list[Bar]:
    """Print the figures and return the bars; `large` adds 10^7 rows."""
    return [measure(rows) for rows in (1_000_000, *([10_000_000] if large else []))]
